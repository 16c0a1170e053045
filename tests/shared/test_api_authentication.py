"""Tokens, scopes, and the browser's session with its CSRF token."""

import datetime as dt

import pytest
from django.test import Client

from crm.shared import tokens
from crm.shared.models import ApiToken
from crm.shared.models.token import TokenScope
from tests.programs import PROBLEM, program

ME = "/api/v1/me/"


def bearer(plain: str) -> dict[str, str]:
    return {"authorization": f"Bearer {plain}"}


def test_a_token_lets_its_person_in(client, rep):
    _token, plain = tokens.make(rep, name="sync", scope=TokenScope.READ)

    answer = client.get(ME, headers=bearer(plain))

    assert (answer.status_code, answer.json()["id"], answer.json()["token_scope"]) == (
        200,
        rep.pk,
        "read",
    )


def test_the_word_bearer_may_be_written_in_any_case(client, rep):
    _token, plain = tokens.make(rep, name="sync", scope=TokenScope.READ)

    assert client.get(ME, headers={"authorization": f"bearer {plain}"}).status_code == 200


def test_the_plain_token_is_kept_nowhere(rep):
    token, plain = tokens.make(rep, name="sync", scope=TokenScope.READ)

    row = ApiToken.objects.filter(pk=token.pk).values().get()

    assert plain.startswith("rb_")
    assert len(plain) == 46
    assert plain not in str(row)
    assert row["shown"] == plain[:9]
    assert row["hash"] == tokens.hash_of(plain)


@pytest.mark.parametrize(
    "header", ["Bearer rb_wrong", "Bearer", "Bearer ", "Basic cmVwOng=", "nonsense", "Bearer \x80"]
)
def test_what_is_no_token_of_ours_is_401_as_a_problem(client, db, header):
    answer = client.get(ME, headers={"authorization": header})

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "This token is not valid.",
    }


def test_nobody_is_401(client, db):
    answer = client.get(ME)

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


@pytest.mark.parametrize("why", ["expired", "revoked", "switched off"])
def test_a_token_that_is_over_reads_like_an_unknown_one(client, rep, now, why):
    token, plain = tokens.make(
        rep, name="sync", scope=TokenScope.READ, expires_at=now + dt.timedelta(days=1)
    )
    if why == "expired":
        ApiToken.objects.update(expires_at=now)
    elif why == "revoked":
        tokens.revoke(token, now=now)
    else:
        rep.is_active = False
        rep.save()

    answer = client.get(ME, headers=bearer(plain))

    assert answer.status_code == 401
    assert answer.content == client.get(ME, headers=bearer("rb_unknown")).content


SCOPES = [
    # scope, GET, POST deal, POST stage (as administrator)
    (TokenScope.READ, 200, 403, 403),
    (TokenScope.WRITE, 200, 400, 403),
    (TokenScope.ADMIN, 200, 400, 400),
]


@pytest.mark.parametrize(("scope", "reading", "writing", "setting_up"), SCOPES)
def test_a_scope_reaches_so_far(admin, scope, reading, writing, setting_up):
    caller = program(admin, scope=scope)

    statuses = [caller.get("/deals/"), caller.post("/deals/"), caller.post("/stages/")]

    assert [answer.status_code for answer in statuses] == [reading, writing, setting_up]


def test_a_scope_never_reaches_further_than_the_role(rep):
    answer = program(rep, scope=TokenScope.ADMIN).post("/products/", {"name": "Pumps"})

    assert (answer.status_code, answer.json()["detail"]) == (403, "Your role does not allow this.")


def test_use_is_noted_at_most_once_a_minute(client, rep, now, time_machine):
    token, plain = tokens.make(rep, name="sync", scope=TokenScope.READ)
    noted = []

    for seconds in (0, 59, 60):
        time_machine.move_to(now + dt.timedelta(seconds=seconds), tick=False)
        client.get(ME, headers=bearer(plain))
        token.refresh_from_db()
        noted.append((token.last_used_at - now).total_seconds())

    assert noted == [0, 0, 60]


def test_the_browser_reads_with_its_session(client, rep):
    client.force_login(rep)

    answer = client.get(ME)

    assert (answer.status_code, answer.json()["token_scope"]) == (200, None)


def test_the_browser_changes_nothing_without_the_csrf_token(rep):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rep)

    answer = browser.post("/api/v1/deals/", {"title": "Pumps"}, content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)


def test_the_browser_changes_things_with_the_csrf_token(rep):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rep)
    browser.cookies["csrftoken"] = "a" * 32

    answer = browser.post(
        "/api/v1/deals/",
        {"title": "Pumps"},
        content_type="application/json",
        headers={"x-csrftoken": "a" * 32},
    )

    assert answer.status_code == 201


def test_a_demoted_person_loses_rights_at_once(admin):
    caller = program(admin, scope=TokenScope.ADMIN)
    assert caller.post("/products/", {"name": "Pumps"}).status_code == 201

    admin.role = "rep"
    admin.save()

    assert caller.post("/products/", {"name": "Valves"}).status_code == 403
