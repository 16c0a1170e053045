"""The worth of a touch: both readings, and silence where nothing is known."""

from decimal import Decimal

import pytest

from crm.reports.worth_of_a_touch import worth_of_a_touch
from crm.shared.models import User
from deals.models import Deal
from followups.models import Touch
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

YEAR = make.filters("2026-01-01", "2026-04-20")


def touch(deal: Deal, by: User | None, count: int, on: str = "2026-02-10", **fields) -> None:
    known = {"channel": "call", "direction": "out", "result": "no_answer"} | fields
    Touch.objects.bulk_create(
        Touch(deal=deal, by=by, at=make.noon(on), **known) for _ in range(count)
    )


@pytest.mark.practice("A11")
def test_12_sales_14400_commission_720_touches_are_20_and_60_a_touch(rep):
    for number in range(12):
        sold = make.won(rep, "2026-03-02", commission=Decimal("1200.00")).deal
        touch(sold, rep, 20, channel="email" if number % 2 else "call")
    touch(make.lost(rep, "2026-03-02").deal, rep, 300)
    touch(make.opened(rep, "2026-03-02"), rep, 180)

    figures = worth_of_a_touch(YEAR, rep).figures

    assert figures["all_in"].value == Decimal("20.00")
    assert (figures["all_in"].numerator, figures["all_in"].denominator) == (
        Decimal("14400.00"),
        720,
    )
    assert figures["on_won_deals"].value == Decimal("60.00")
    assert figures["on_won_deals"].denominator == 240
    assert figures["touches_per_sale"].value == 60
    assert {name: figures[name].n for name in ("sales", "touches")} == {"sales": 12, "touches": 720}


def test_ten_wins_and_ninety_losses_earn_9_52_all_in(rep):
    for _ in range(10):
        touch(make.won(rep, "2026-03-02", commission=Decimal("2000.00")).deal, rep, 30)
    touch(make.lost(rep, "2026-03-02").deal, rep, 90 * 20)

    figures = worth_of_a_touch(YEAR, rep).figures

    assert (figures["all_in"].value, figures["on_won_deals"].value) == (
        Decimal("9.52"),
        Decimal("66.67"),
    )


def test_only_our_calls_and_e_mails_of_the_period_count(rep):
    sold = make.won(rep, "2026-03-02", commission=Decimal("100.00")).deal
    touch(sold, rep, 1)
    touch(sold, rep, 1, channel="meeting")
    touch(sold, rep, 1, channel="social")
    touch(sold, rep, 1, direction="in", result="replied")
    touch(sold, rep, 1, on="2025-12-31")

    assert worth_of_a_touch(YEAR, rep).figures["touches"].n == 1


def test_no_commission_known_is_not_nothing_earned(rep):
    touch(make.won(rep, "2026-03-02").deal, rep, 10)

    figures = worth_of_a_touch(YEAR, rep).figures

    assert (figures["all_in"].value, figures["commission"].value) == (None, None)
    assert figures["sales_without_commission"].n == 1
    assert figures["touches_per_sale"].value == 10


def test_sales_without_a_commission_are_counted_beside_the_others(rep):
    touch(make.won(rep, "2026-03-02", commission=Decimal("100.00")).deal, rep, 5)
    touch(make.won(rep, "2026-03-02").deal, rep, 5)

    figures = worth_of_a_touch(YEAR, rep).figures

    assert (figures["all_in"].value, figures["sales_without_commission"].n) == (Decimal("10.00"), 1)


def test_commission_without_touches_has_no_worth(rep):
    make.won(rep, "2026-03-02", commission=Decimal("100.00"))

    figures = worth_of_a_touch(YEAR, rep).figures

    assert (figures["all_in"].value, figures["commission"].value) == (None, Decimal("100.00"))


@pytest.mark.practice("A11")
def test_each_rep_is_told_by_what_they_sold_and_did(rep, colleague, manager, admin):
    sold = make.won(rep, "2026-03-02", commission=Decimal("300.00")).deal
    touch(sold, rep, 10)
    touch(sold, colleague, 5)
    touch(make.lost(colleague, "2026-03-02").deal, colleague, 5)
    touch(sold, None, 1)

    report = worth_of_a_touch(YEAR, manager)

    whole = worth_of_a_touch(YEAR, admin).figures
    assert (whole["touches"].n, whole["touches_on_won_deals"].n) == (21, 16)
    assert (report.figures["touches"].n, report.figures["touches_on_won_deals"].n) == (20, 15)
    rows = {
        row.by["rep"]: {name: row.figures[name].value for name in ("all_in", "on_won_deals")}
        for row in report.rows
    }
    assert rows == {
        "Carl Colleague": {"all_in": None, "on_won_deals": None},
        "Rita Rep": {"all_in": Decimal("30.00"), "on_won_deals": Decimal("30.00")},
    }
    alone = worth_of_a_touch(make.filters("2026-01-01", "2026-04-20", rep=rep), manager).figures
    assert (alone["all_in"].value, alone["touches"].n) == (Decimal("30.00"), 10)


def test_a_deal_that_a_colleague_shares_is_their_sale(rep, colleague):
    shared = make.won(colleague, "2026-03-02", commission=Decimal("300.00")).deal
    shared.collaborators.add(rep)
    touch(shared, rep, 2)

    figures = worth_of_a_touch(YEAR, rep).figures

    assert (figures["sales"].n, figures["touches"].n) == (0, 2)


def test_the_number_of_queries_does_not_grow(rep, django_assert_num_queries):
    touch(make.won(rep, "2026-03-02").deal, rep, 1)
    with django_assert_num_queries(4):
        worth_of_a_touch(YEAR, rep)
    for _ in range(2):
        touch(make.won(rep, "2026-03-02").deal, rep, 2)

    with django_assert_num_queries(4):
        worth_of_a_touch(YEAR, rep)
