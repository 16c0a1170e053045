"""Stages, loss reasons, products and competitors over HTTP: read by all, changed by administrators."""

import pytest
from django.utils import timezone

from crm.shared.models.token import TokenScope
from deals.actions import directory
from deals.models import Product
from tests.factories import deals
from tests.programs import program

SETUP = [
    ("/stages/", {"name": "Trial", "phase": "approach", "position": 70, "probability": 40}),
    ("/loss-reasons/", {"name": "Weather", "control": "theirs", "revisit_after_days": 30}),
    ("/products/", {"name": "Pumps"}),
    ("/competitors/", {"name": "Frostwatch"}),
]


@pytest.mark.parametrize(("path", "body"), SETUP)
def test_everybody_reads_what_administrators_set_up(rep, manager, viewer, admin, path, body):
    made = program(admin, scope=TokenScope.ADMIN).post(path, body)

    assert (made.status_code, made.json() | body) == (201, made.json())
    for user in (rep, manager, viewer):
        caller = program(user, scope=TokenScope.ADMIN)
        assert caller.get(f"{path}{made.json()['id']}/").status_code == 200
        assert caller.post(path, body).status_code == 403


def test_a_reason_is_renamed_and_retired_but_its_slug_stays(admin):
    caller = program(admin, scope=TokenScope.ADMIN)
    reason = deals.reason("timing")

    renamed = caller.change(f"/loss-reasons/{reason.pk}/", {"name": "Not now"})
    retired = caller.change(f"/loss-reasons/{reason.pk}/", None, method="DELETE")

    assert (renamed.json()["name"], renamed.json()["slug"]) == ("Not now", "timing")
    assert (retired.status_code, retired.content) == (204, b"")
    assert caller.get("/loss-reasons/?archived=true").json()["results"][0]["slug"] == "timing"


def test_the_systems_own_reason_stays(admin):
    reason = deals.reason("no-answer")

    caller = program(admin, scope=TokenScope.ADMIN)
    answer = caller.change(f"/loss-reasons/{reason.pk}/", None, method="DELETE")

    assert answer.status_code == 409


def test_a_product_of_that_name_is_given_back(admin):
    caller = program(admin, scope=TokenScope.ADMIN)

    first, second = (
        caller.post("/products/", {"name": "Pumps"}),
        caller.post("/products/", {"name": "Pumps"}),
    )

    assert first.json() == second.json()
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "make"), [("products", deals.product), ("competitors", deals.competitor)]
)
def test_products_and_competitors_are_renamed_retired_and_merged(admin, path, make):
    caller = program(admin, scope=TokenScope.ADMIN)
    one, other = make("Pump"), make("Pumps")

    renamed = caller.change(f"/{path}/{one.pk}/", {"name": "Old pump"})
    merged = caller.change(f"/{path}/{one.pk}/", {"into": other.pk}, method="POST", verb="merge/")
    retired = caller.change(f"/{path}/{other.pk}/", None, method="DELETE")

    assert (renamed.json()["name"], merged.json()["name"]) == ("Old pump", "Pumps")
    assert retired.status_code == 204
    one.refresh_from_db()
    assert one.archived_at is not None


def test_reasons_are_merged_and_an_empty_stage_is_retired(admin):
    caller = program(admin, scope=TokenScope.ADMIN)
    old, new = deals.reason("timing"), deals.reason("no-decision")

    assert (
        caller.change(
            f"/loss-reasons/{old.pk}/", {"into": new.pk}, method="POST", verb="merge/"
        ).status_code
        == 200
    )
    assert (
        caller.change(f"/stages/{deals.stage('approach').pk}/", None, method="DELETE").status_code
        == 204
    )


def test_people_are_invited_placed_and_leave_over_http(admin, rep, colleague, team):
    caller = program(admin, scope=TokenScope.ADMIN)
    said = {"name": "Nina", "email": "nina@example.com", "role": "rep", "teams": [team.pk]}

    invited = caller.post("/users/", said)
    placed = caller.change(f"/users/{invited.json()['id']}/", {"role": "manager"})
    left = caller.change(
        f"/users/{rep.pk}/", {"heirs": [colleague.pk]}, method="POST", verb="leave/"
    )

    assert (invited.status_code, placed.json()["role"]) == (201, "manager")
    assert (left.status_code, left.json()["is_active"]) == (200, False)
    assert caller.post("/users/", said).status_code == 400


def test_teams_are_added_and_hung_elsewhere_over_http(admin, team):
    caller = program(admin, scope=TokenScope.ADMIN)

    region = caller.post("/teams/", {"name": "Region"})
    moved = caller.change(f"/teams/{team.pk}/", {"parent": region.json()["id"]})

    assert (region.status_code, moved.json()["parent"]) == (201, region.json()["id"])


def test_nobody_overwrites_what_they_have_not_read(admin, rep, team):
    """Every edit names the version it was made from: 428 without, 412 where somebody was faster, nothing written."""
    caller = program(admin, scope=TokenScope.ADMIN)
    deal = deals.deal(owner=admin)
    part = directory.add_stakeholder(
        deal, contact=deals.contact(owner=admin), role="user", by=admin
    )
    one, other = deals.product("Pump"), deals.competitor("Frostwatch")
    rows = {
        f"/stakeholders/{part.pk}/": ({"stance": 1}, {"stance": 2}),
        f"/stages/{deal.stage_id}/": ({"probability": 11}, {"probability": 12}),
        f"/loss-reasons/{deals.reason('timing').pk}/": ({"name": "Later"}, {"name": "Not now"}),
        f"/products/{one.pk}/": ({"name": "One"}, {"name": "Two"}),
        f"/competitors/{other.pk}/": ({"name": "One"}, {"name": "Two"}),
        f"/users/{rep.pk}/": ({"commission_percent": "5"}, {"name": "Two"}),
        f"/users/{admin.pk}/": ({}, {"teams": [team.pk]}),
        f"/teams/{team.pk}/": ({"name": "One"}, {"name": "Two"}),
    }

    for path, (first, second) in rows.items():
        read = caller.get(path)
        unsaid = caller.patch(path, second)
        done = caller.patch(path, first | second, if_match=read["ETag"])
        stale = caller.patch(path, first, if_match=read["ETag"])
        now = caller.get(path)

        assert (unsaid.status_code, done.status_code, stale.status_code) == (428, 200, 412), path
        assert (now["ETag"], now.json()) == (done["ETag"], done.json()), path
        assert now["ETag"] != read["ETag"], path


def test_who_signs_in_has_not_been_changed(admin, rep):
    """Nor does what the worker learns of a stage make an administrator's form stale."""
    stage = deals.stage("approach")
    before = rep.version, stage.version

    rep.last_login, stage.learned_stuck_days = timezone.now(), 12

    assert (rep.version, stage.version) == before
