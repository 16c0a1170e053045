"""How sure the owner is, and setting a deal aside until a day."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from deals.actions import closing, outlook
from deals.models import ConfidenceStated, Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    return make.deal(owner=rep)


def test_each_confidence_is_kept_with_its_moment(deal, rep, now):
    outlook.state_confidence(deal, percent=75, by=rep, now=now)
    stated = outlook.state_confidence(deal, percent=60, by=rep, now=now + dt.timedelta(days=7))

    assert stated.confidence == 60
    assert list(ConfidenceStated.objects.values_list("percent", "at")) == [
        (60, now + dt.timedelta(days=7)),
        (75, now),
    ]
    last = EventRecord.objects.filter(name="deal.confidence_stated").last()
    assert last.data == {"percent": 60, "was": 75}


@pytest.mark.parametrize("percent", [-1, 101])
def test_what_is_no_percentage_is_refused(deal, rep, now, percent):
    with pytest.raises(ActionRefused):
        outlook.state_confidence(deal, percent=percent, by=rep, now=now)


def test_of_a_closed_deal_nothing_is_hoped(deal, rep, now):
    closing.lose(deal, by=rep, reason=make.reason())

    with pytest.raises(ActionRefused, match="closed"):
        outlook.state_confidence(deal, percent=50, by=rep, now=now)


def test_a_parked_deal_wakes_by_itself_on_its_day(deal, rep, now):
    day = now.date() + dt.timedelta(days=10)

    parked = outlook.park(deal, until=day, because=" New budget ", by=rep, now=now)

    assert parked.parked_because == "New budget"
    assert parked.parked_until.astimezone(dt.UTC) == parked.parked_until
    before, after = parked.parked_until - dt.timedelta(seconds=1), parked.parked_until
    assert (parked.is_parked(now=before), parked.is_parked(now=after)) == (True, False)
    assert list(Deal.objects.parked(now=before)) == [deal]
    assert list(Deal.objects.parked(now=after)) == []


@pytest.mark.parametrize(("days", "because", "wrong"), [(0, "x", "until"), (3, " ", "because")])
def test_parking_takes_a_reason_and_a_day_to_come(deal, rep, now, days, because, wrong):
    day = now.date() + dt.timedelta(days=days)

    with pytest.raises(ActionRefused) as refusal:
        outlook.park(deal, until=day, because=because, by=rep, now=now)

    assert set(refusal.value.fields) == {wrong}


def test_it_is_taken_up_again_before_its_day(deal, rep, now):
    parked = outlook.park(
        deal, until=now.date() + dt.timedelta(days=3), because="x", by=rep, now=now
    )

    with pytest.raises(StaleVersion):
        outlook.unpark(parked, by=rep, version=1)
    taken_up = outlook.unpark(parked, by=rep)

    assert (taken_up.parked_until, taken_up.parked_because) == (None, "")
    with pytest.raises(ActionRefused, match="not parked"):
        outlook.unpark(parked, by=rep)
