"""The change feed: in order, nothing skipped, nothing of deals that one does not see."""

import pytest

from crm.shared.delivery import take_up
from crm.shared.models import EventRecord
from deals.actions import pipeline
from tests.factories import deals
from tests.programs import program


def events(answer) -> list[tuple[str, int | None]]:
    return [(row["event"], row["deal"]) for row in answer.json()["results"]]


def test_the_feed_goes_on_from_a_position(rep):
    deal = deals.deal(owner=rep)
    take_up()
    caller = program(rep)
    first = caller.get("/events/").json()["results"]

    pipeline.edit(deal, by=rep, title="Valves")
    take_up()
    onward = caller.get(f"/events/?after={first[-1]['position']}")

    assert ("deal.created", deal.pk) in [(row["event"], row["deal"]) for row in first]
    assert events(onward) == [("deal.edited", deal.pk)]


def test_an_event_without_a_place_is_not_in_the_feed_yet(rep):
    deals.deal(owner=rep)

    assert events(program(rep).get("/events/")) == []


def test_pages_lead_onward(rep):
    for _number in range(3):
        deals.deal(owner=rep)
    take_up()
    caller = program(rep)
    whole = caller.get("/events/").json()["results"]
    seen, path = [], "/events/?limit=2"

    while path:
        page = caller.get(path).json()
        seen += page["results"]
        path = page["next"] and page["next"].removeprefix("http://testserver/api/v1")

    assert seen == whole
    assert [row["position"] for row in seen] == sorted(row["position"] for row in seen)


def test_only_what_happened_to_deals_that_one_sees(
    rep, colleague, manager, outsider, viewer, admin
):
    mine, theirs = deals.deal(owner=rep), deals.deal(owner=outsider)
    EventRecord.objects.create(
        name="import.finished", at=mine.opened_at, actor=rep, subject_kind="import"
    )
    take_up()

    seen = {
        user.email.split("@")[0]: {deal for _name, deal in events(program(user).get("/events/"))}
        for user in (rep, colleague, manager, outsider, viewer, admin)
    }

    assert seen == {
        "rep": {mine.pk, None},
        "colleague": set(),
        "manager": {mine.pk},
        "outsider": {theirs.pk},
        "viewer": set(),
        "admin": {mine.pk, theirs.pk, None},
    }


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=", "after=99999999999999999999", "cursor=x", "limit=0"]
)
def test_a_position_that_cannot_be_is_400(rep, query):
    assert program(rep).get(f"/events/?{query}").status_code == 400
