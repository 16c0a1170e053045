"""What deals bring to Today: those that wake, and the value checks of delivered orders."""

import datetime as dt

import pytest

import deals.due
import followups.due
from deals.actions import orders, outlook
from deals.models import Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def due(user, now, *, days=1):
    until = now + dt.timedelta(days=days)
    found = deals.due.items([user], now=now, until=until)
    return [(item.chip, item.deal_id) for item in found]


def test_a_parked_deal_is_silent_until_its_day_and_then_says_so(rep, now):
    deal = make.deal(owner=rep)
    day = now.date() + dt.timedelta(days=10)
    steps = len(followups.due.items([rep], now=now, until=now + dt.timedelta(days=30)))

    outlook.park(deal, until=day, because="New budget", by=rep, now=now)
    later = now + dt.timedelta(days=10)

    assert steps == 1
    assert followups.due.items([rep], now=now, until=now + dt.timedelta(days=30)) == []
    assert due(rep, now) == []
    assert due(rep, later) == [("Woke up", deal.pk)]
    assert deals.due.items([rep], now=later, until=later)[0].why.endswith(": New budget")


def test_taken_up_again_its_next_step_is_back(rep, now):
    deal = make.deal(owner=rep)
    outlook.park(deal, until=now.date() + dt.timedelta(days=2), because="x", by=rep, now=now)

    outlook.unpark(Deal.objects.get(pk=deal.pk), by=rep)

    assert len(followups.due.items([rep], now=now, until=now + dt.timedelta(days=30))) == 1


@pytest.mark.practice("C7")
def test_a_delivered_order_asks_after_thirty_and_ninety_days(rep, outsider, now):
    won = make.won(owner=rep)
    orders.move(won.orders.get(), to="delivered", by=rep)

    assert due(rep, now) == []
    assert due(rep, now, days=31) == [("Value check", won.pk)]
    assert due(rep, now, days=91) == [("Value check", won.pk)] * 2
    assert due(outsider, now, days=91) == []
