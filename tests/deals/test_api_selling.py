"""Proposals, confidence, parking, sharing and orders for programs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.actions import directory, orders, outlook, proposals
from deals.models import Deal, Stakeholder
from tests.factories import deals as make
from tests.programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(rep):
    return program(rep)


@pytest.fixture
def deal(rep):
    return make.deal(owner=rep)


@pytest.fixture
def order(rep):
    return make.won(owner=rep).orders.get()


def test_a_proposal_is_sent_argued_and_answered(caller, deal, now):
    money = {"amount": "900.00", "currency": "USD"}
    sent = caller.post(
        "/proposals/", {"deal": deal.pk, "sent_on": now.date().isoformat(), "amount": money}
    )
    path = f"/proposals/{sent.json()['id']}"
    argued = caller.send(
        "POST",
        f"{path}/objections/",
        {"objections": [{"objection": "Price", "reply": "Two waves", "is_settled": True}]},
        if_match=sent["ETag"],
    )
    answered = caller.send(
        "POST",
        f"{path}/answer/",
        {"state": "accepted", "words": "Yes"},
        if_match=argued["ETag"],
    )

    assert (sent.status_code, sent.json()["amount"]) == (201, money)
    assert argued.json()["objections"][0]["is_settled"] is True
    assert (answered.json()["state"], answered.json()["words"]) == ("accepted", "Yes")
    listed = caller.get(f"/proposals/?deal={deal.pk}&state=accepted").json()["results"]
    assert [one["id"] for one in listed] == [sent.json()["id"]]


def test_confidence_is_stated_and_read(caller, deal):
    for percent in (75, 60):
        stated = caller.post(f"/deals/{deal.pk}/confidence/", {"percent": percent})

    assert stated.json()["confidence"] == 60
    read = caller.get(f"/deals/{deal.pk}/confidences/").json()["results"]
    assert [one["percent"] for one in read] == [60, 75]


def test_a_deal_is_parked_and_taken_up(caller, deal):
    parked = caller.send(
        "POST",
        f"/deals/{deal.pk}/park/",
        {"until": "2027-01-04", "because": "Budget"},
        if_match='"1"',
    )
    found = caller.get("/deals/?parked_until__gt=2026-12-01T00:00:00Z").json()["results"]
    taken_up = caller.send("POST", f"/deals/{deal.pk}/unpark/", {}, if_match=parked["ETag"])

    assert parked.json()["parked_because"] == "Budget"
    assert [one["id"] for one in found] == [deal.pk]
    assert taken_up.json()["parked_until"] is None


def test_a_deal_is_shared(deal, manager, rep, colleague):
    caller = program(manager)

    shared = caller.send(
        "POST", f"/deals/{deal.pk}/share/", {"people": [colleague.pk]}, if_match='"1"'
    )

    assert shared.json()["collaborators"] == [colleague.pk]


def test_a_person_is_taken_off(caller, deal, rep):
    known = directory.add_stakeholder(
        deal, contact=make.contact(owner=rep), role="gatekeeper", by=rep
    )

    path = f"/stakeholders/{known.pk}/"

    answer = caller.send("DELETE", path, {}, if_match=caller.get(path)["ETag"])

    assert (answer.status_code, Stakeholder.objects.count()) == (204, 0)


def test_an_order_is_moved_edited_checked_and_repeated(caller, order):
    path = f"/orders/{order.pk}"
    moved = caller.send("POST", f"{path}/move/", {"state": "delivered"}, if_match='"1"')
    edited = caller.send("PATCH", f"{path}/", {"satisfaction": 9}, if_match=moved["ETag"])
    said = {"after_days": 30, "satisfaction": 7, "words": "Good"}
    late = caller.post(f"{path}/check/", said, if_match=moved["ETag"])
    checked = caller.post(f"{path}/check/", said, if_match=edited["ETag"])
    unknown = caller.post(f"{path}/check/", {"after_days": 31}, if_match=checked["ETag"])
    again = caller.post(f"{path}/repeat/", {"title": "Second hall"}, if_match=checked["ETag"])

    assert [one["state"] for one in moved.json()["checks"]] == ["due", "due"]
    assert edited.json()["satisfaction"] == 9
    assert (checked.json()["satisfaction"], checked.json()["checks"][0]["state"]) == (7, "done")
    assert (late.status_code, unknown.status_code) == (412, 404)
    assert (again.status_code, again.json()["repeat_of"]) == (201, order.deal_id)
    assert caller.get("/orders/?state=delivered").json()["results"][0]["id"] == order.pk


@pytest.mark.parametrize("path", ["/proposals/", "/orders/", "/deals/{pk}/confidences/"])
def test_lists_take_a_fixed_number_of_queries(caller, deal, rep, now, path):
    def grow() -> None:
        proposals.send(deal, by=rep, sent_on=now.date())
        outlook.state_confidence(deal, percent=50, by=rep, now=now)
        orders.move(make.won(owner=rep).orders.get(), to="delivered", by=rep)

    grow()
    few = queries(caller, path.format(pk=deal.pk))
    for _each in range(4):
        grow()

    assert queries(caller, path.format(pk=deal.pk)) == few


def queries(caller, path) -> int:
    with CaptureQueriesContext(connection) as captured:
        caller.get(path)
    return len(captured)


def test_nobody_elses_are_seen(outsider, order, deal, rep, now):
    proposals.send(deal, by=rep, sent_on=now.date())
    caller = program(outsider)

    assert caller.get("/proposals/").json()["results"] == []
    assert caller.get("/orders/").json()["results"] == []
    assert caller.get(f"/orders/{order.pk}/").status_code == 404
    assert Deal.objects.count() == 2
