"""A thousand made-up deals give the reports something to say, and keep within working life."""

import datetime as dt
from collections import Counter

import pytest

from crm.sample import history, world
from crm.sample.dice import Dice
from followups.persistence import DELIVERED_RULES

RULES = list(DELIVERED_RULES.values())


@pytest.fixture
def deals(now: dt.datetime) -> list[history.MadeDeal]:
    dice = Dice(1)
    return [history.make(dice, now=now, rules=RULES) for _ in range(1000)]


def test_most_months_have_twenty_losses(deals: list[history.MadeDeal]) -> None:
    months = Counter(deal.closed_at.strftime("%Y-%m") for deal in lost(deals) if deal.closed_at)

    assert len(months) >= 18
    assert sum(count >= 20 for count in months.values()) >= 12


def test_one_reason_rises(deals: list[history.MadeDeal], now: dt.datetime) -> None:
    shares = []
    for since, until in ((360, 180), (180, 0)):
        first, last = now - dt.timedelta(days=since), now - dt.timedelta(days=until)
        reasons = [d.reason for d in lost(deals) if d.closed_at and first <= d.closed_at < last]
        shares.append(reasons.count("lost-to-a-competitor") / len(reasons))

    assert shares[1] > shares[0] * 1.25


def test_every_competitor_is_met_often_enough_to_be_rated(
    deals: list[history.MadeDeal], now: dt.datetime
) -> None:
    last_year = now - dt.timedelta(days=365)
    met = Counter(d.rival for d in deals if d.closed_at and d.closed_at > last_year)
    met.pop(None)

    assert len(met) == len(world.COMPETITORS)
    assert min(met.values()) >= 20


def test_people_work_on_working_days_by_day(
    deals: list[history.MadeDeal], now: dt.datetime
) -> None:
    for deal in deals:
        assert deal.opened_at <= now
        if deal.closed_at:
            assert deal.closed_at <= now
            assert deal.closed_at.weekday() < 5
        assert deal.entered == sorted(deal.entered)
        moments = [touch.at for touch in deal.touches]
        assert moments == sorted(moments)
        assert all(deal.opened_at <= at <= (deal.closed_at or now) for at in moments)
        between = [at for at in moments if at not in {deal.opened_at, deal.closed_at}]
        if deal.ended:
            assert all(at.weekday() < 5 and 7 <= at.hour < 17 for at in between)


def lost(deals: list[history.MadeDeal]) -> list[history.MadeDeal]:
    return [deal for deal in deals if deal.ended == "lost"]
