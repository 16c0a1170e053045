"""Exports by program."""

import pytest

from crm.exports import running
from crm.shared.models import User
from tests.factories import deals
from tests.programs import program

pytestmark = pytest.mark.django_db


def test_a_list_is_asked_for_and_fetched(rep: User) -> None:
    deals.deal(owner=rep, title="Large", amount="2000.00")
    deals.deal(owner=rep, title="Small", amount="10.00")
    caller = program(rep)

    asked = caller.post("/exports/", {"kind": "deals", "filters": {"amount__gte": "100"}})
    body = asked.json()
    file = caller.get(f"/exports/{body['id']}/file/")

    assert (asked.status_code, body["state"], body["rows"], body["progress"]) == (
        201,
        "done",
        1,
        1.0,
    )
    assert body["file"].endswith(f"/api/v1/exports/{body['id']}/file/")
    assert (body["query"], body["kept_until"]) == ("amount__gte=100", "2026-04-27T08:00:00Z")
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert ("Large" in text, "Small" in text) == (True, False)


def test_a_long_list_says_how_far_it_is(rep: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 0)
    deals.deal(owner=rep)
    caller = program(rep)

    asked = caller.post("/exports/", {"kind": "deals", "file_format": "xlsx"}).json()

    assert (asked["state"], asked["file"], asked["kept_until"]) == ("queued", None, None)
    assert caller.get(f"/exports/{asked['id']}/file/").status_code == 404
    assert [one["id"] for one in caller.get("/exports/").json()["results"]] == [asked["id"]]


def test_unknown_filters_are_refused_by_name(rep: User) -> None:
    answer = program(rep).post("/exports/", {"kind": "accounts", "filters": {"colour": "red"}})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/filters")


def test_viewers_take_nothing_out(viewer: User) -> None:
    assert program(viewer).post("/exports/", {"kind": "deals"}).status_code == 403
