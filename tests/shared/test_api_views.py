"""Oneself, the people one answers for, and their teams."""

import pytest

from crm.shared.models.token import TokenScope
from crm.shared.roles import Permission
from tests.programs import program


def test_me_says_who_and_what_they_may(rep):
    me = program(rep, scope=TokenScope.READ).get("/me/").json()

    assert me == {
        "id": rep.pk,
        "name": "Rita Rep",
        "email": "rep@example.com",
        "role": "rep",
        "is_active": True,
        "language": "",
        "time_zone": rep.time_zone,
        "country": rep.country,
        "working_days": [0, 1, 2, 3, 4],
        "created_at": "2026-04-20T08:00:00Z",
        "theme": "",
        "wants_morning_mail": True,
        "permissions": ["work_deals", "see_deals", "see_reports", "import"],
        "token_scope": "read",
    }


def test_an_administrator_has_every_permission(admin):
    assert program(admin).get("/me/").json()["permissions"] == [one.value for one in Permission]


CAST = ["rep", "colleague", "manager", "outsider", "viewer", "admin"]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("rep", ["rep"]),
        ("manager", ["rep", "colleague", "manager"]),
        ("viewer", ["viewer"]),
        ("admin", CAST),
    ],
)
def test_people_are_seen_by_who_answers_for_them(request, name, seen):
    cast = {one: request.getfixturevalue(one) for one in CAST}

    answer = program(cast[name]).get("/users/?ordering=id").json()

    assert {row["id"] for row in answer["results"]} == {cast[one].pk for one in seen}


def test_a_person_that_one_does_not_see_is_not_there(rep, outsider):
    assert program(rep).get(f"/users/{outsider.pk}/").status_code == 404


def test_no_password_leaves_the_house(admin, rep):
    text = program(admin).get("/users/").content

    assert b"password" not in text
    assert rep.password.encode() not in text


def test_teams_list_their_people(manager, rep, team, other_team):
    answer = program(manager).get("/teams/").json()

    assert answer["results"] == [
        {
            "id": team.pk,
            "name": "North",
            "parent": None,
            "members": [manager.pk, rep.pk],
            "created_at": "2026-04-20T08:00:00Z",
        }
    ]


def test_lists_of_people_and_teams_take_a_fixed_number_of_queries(
    admin, team, other_team, rep, manager, outsider, django_assert_num_queries
):
    caller = program(admin)

    with django_assert_num_queries(2):  # token, people
        caller.get("/users/?limit=1")
    with django_assert_num_queries(2):
        caller.get("/users/?limit=3")
    with django_assert_num_queries(3):  # token, teams, memberships
        caller.get("/teams/?limit=1")
    with django_assert_num_queries(3):
        caller.get("/teams/?limit=2")


def test_people_are_found_by_name_and_address(admin, rep, manager):
    found = program(admin).get("/users/?search=MONA").json()["results"]

    assert [row["email"] for row in found] == ["manager@example.com"]


def test_times_are_utc_whatever_the_reader_prefers(client, rep):
    rep.time_zone = "Asia/Tokyo"
    rep.save()
    client.force_login(rep)

    assert client.get("/api/v1/me/").json()["created_at"] == "2026-04-20T08:00:00Z"


def test_the_description_and_its_page_need_a_person(client, db):
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/v1/docs/").status_code == 302


def test_the_page_of_the_description_is_served_from_here(client, rep):
    client.force_login(rep)

    page = client.get("/api/v1/docs/")
    script = client.get("/api/v1/docs/?script=")

    assert page.status_code == 200
    assert b"https://" not in page.content
    assert b"/api/v1/schema/" in script.content
