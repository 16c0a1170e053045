"""Losses by reason: counts, amounts, shares, trends, by the day of the closing and no other."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from crm.reports.losses_by_reason import in_halves, losses_by_reason
from crm.shared.evidence import Verdict, wilson
from crm.shared.models import ExchangeRate
from deals.actions import closing, pipeline, reopening, setup
from deals.models import LossReason
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db


def counts(report, *by: str) -> dict[tuple[str, ...], int]:
    """How many losses each group has, without the empty ones."""
    return {
        tuple(row.by.values()): row.figures["losses"].n
        for row in report.by(*by)
        if row.figures["losses"].n
    }


@pytest.mark.practice("A1")
def test_losses_are_counted_by_reason_and_month(rep):
    make.lost(rep, "2026-01-05")
    make.lost(rep, "2026-01-20", deal={"amount": "250.50"})
    make.lost(rep, "2026-03-02", "timing")
    make.won(rep, "2026-03-02")
    disqualified = make.opened(rep, "2026-03-02")
    closing.disqualify(disqualified, disqualified_as="duplicate", by=rep)

    report = losses_by_reason(make.filters("2026-01-01", "2026-03-31"), rep)

    assert counts(report, "month", "reason") == {
        ("2026-01", "price-or-value"): 2,
        ("2026-03", "timing"): 1,
    }
    assert counts(report, "reason") == {("price-or-value",): 2, ("timing",): 1}
    assert [(row.by["month"], row.figures["amount"].value) for row in report.by("month")] == [
        ("2026-01", Decimal("1250.50")),
        ("2026-02", Decimal("0.00")),
        ("2026-03", Decimal("1000.00")),
    ]
    assert (report.figures["losses"].n, report.figures["amount"].value) == (3, Decimal("2250.50"))


@pytest.mark.practice("A2")
def test_losses_are_split_by_who_controls_them_and_not_stated_stands_apart(rep):
    make.lost(rep, "2026-03-02", "price-or-value")
    make.lost(rep, "2026-03-02", "price-or-value", control="theirs")
    make.lost(rep, "2026-03-02", "timing")
    make.lost(rep, "2026-03-02", "budget-gone")
    make.lost(rep, "2026-03-02", "not-stated")

    report = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep)

    assert counts(report, "control") == {("ours",): 1, ("partly",): 1, ("theirs",): 2, ("",): 1}
    assert counts(report, "reason")[("price-or-value",)] == 2
    assert report.figures["judged_otherwise"].n == 1


@pytest.mark.practice("F4")
def test_a_share_comes_with_its_interval(rep):
    make.lost(rep, "2026-03-02", "timing")
    for _ in range(3):
        make.lost(rep, "2026-03-02")

    report = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep)
    share = next(row for row in report.by("reason") if row.by["reason"] == "timing").figures[
        "share"
    ]

    assert (share.numerator, share.denominator, share.value, share.n) == (1, 4, 0.25, 4)
    assert share.interval == wilson(1, 4)
    assert share.verdict == Verdict.TOO_FEW


@pytest.mark.practice("F4")
def test_a_reason_rises_only_where_the_data_says_so(rep):
    for _ in range(20):
        make.lost(rep, "2026-01-15", "price-or-value")
    make.lost(rep, "2026-01-15", "timing")
    for _ in range(12):
        make.lost(rep, "2026-02-15", "lost-to-a-competitor")
    for _ in range(8):
        make.lost(rep, "2026-02-15", "price-or-value")
    make.lost(rep, "2026-02-15", "timing")

    report = losses_by_reason(make.filters("2026-02-01", "2026-02-28"), rep)
    halves = in_halves(make.filters("2026-01-01", "2026-02-28"), rep)

    told = {row.by["reason"]: row.figures["share"].verdict for row in report.by("reason")}
    assert told == {
        "lost-to-a-competitor": Verdict.RISING,
        "price-or-value": Verdict.FALLING,
        "timing": None,
    }
    assert report.compared == (dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    assert {row.by["reason"]: row.figures["share"].verdict for row in halves.by("reason")} == told
    assert halves.compared == report.compared
    assert halves.figures["losses"].n == 42


def test_fewer_than_twenty_are_too_few_to_say(rep):
    for _ in range(19):
        make.lost(rep, "2026-02-15")
    for _ in range(30):
        make.lost(rep, "2026-01-15", "timing")

    report = losses_by_reason(make.filters("2026-02-01", "2026-02-28"), rep)

    assert {row.figures["share"].verdict for row in report.by("reason")} == {Verdict.TOO_FEW}


def test_without_a_beginning_everything_is_counted_and_nothing_compared(rep):
    for _ in range(20):
        make.lost(rep, "2019-02-15")
    make.lost(rep, "2026-03-02")

    report = losses_by_reason(make.filters(None, "2026-04-20"), rep)

    assert report.figures["losses"].n == 21
    assert report.compared is None
    assert {row.figures["share"].verdict for row in report.by("reason")} == {None}
    assert report.by("month")[0].by == {"month": "2019-02"}
    assert len(report.by("month")) == 87


def test_no_losses_are_none(rep):
    report = losses_by_reason(make.filters(None, "2026-04-20"), rep)

    assert report.is_empty
    assert (report.figures["losses"].n, report.figures["amount"].value) == (0, Decimal("0.00"))
    assert report.by("reason") == []


def test_amounts_are_in_our_currency_and_those_without_a_rate_are_counted(rep):
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal("0.5"))
    make.lost(rep, "2026-03-02", deal={"currency": "USD", "amount": "300.00"})
    make.lost(rep, "2026-03-02", deal={"currency": "JPY", "amount": "9999.00"})
    make.lost(rep, "2026-03-02", deal={"amount": None})

    figures = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep).figures

    assert (figures["amount"].value, figures["amount"].currency) == (Decimal("150.00"), "EUR")
    assert figures["without_amount"].n == 2


def test_where_no_amount_is_known_it_is_not_nothing(rep):
    make.lost(rep, "2026-03-02", deal={"amount": None})

    report = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep)

    assert report.figures["amount"].value is None


# ---- faults seen elsewhere (the date of a loss) --------------------------------------------------------


def months_of(rep) -> dict[tuple[str, ...], int]:
    return counts(losses_by_reason(make.filters("2026-01-01", "2026-12-31"), rep), "month")


@time_machine.travel(dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC), tick=False)
def test_expected_in_march_closed_in_may_renamed_in_june_is_in_may(rep):
    deal = deals.deal(owner=rep, expected_close_on=dt.date(2026, 3, 15))
    closing.lose(deal, by=rep, at=make.noon("2026-05-10"), reason=deals.reason())
    deal.refresh_from_db()

    pipeline.edit(deal, by=rep, title="Another name", expected_close_on=dt.date(2026, 9, 1))

    assert months_of(rep) == {("2026-05",): 1}


@time_machine.travel(dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC), tick=False)
def test_created_in_january_lost_in_may_is_in_may_and_in_no_other_month(rep):
    deal = deals.deal(owner=rep, opened_at=make.noon("2026-01-10"))

    closing.lose(deal, by=rep, at=make.noon("2026-05-10"), reason=deals.reason())

    assert months_of(rep) == {("2026-05",): 1}


def test_an_undone_loss_is_in_no_month(rep, now):
    deal = deals.deal(owner=rep)
    closing.lose(deal, by=rep, reason=deals.reason())

    reopening.undo_close(deal, by=rep, now=now)

    assert months_of(rep) == {}


def test_a_second_chance_won_leaves_one_past_loss_and_one_win(rep):
    lost = make.lost(rep, "2026-02-10").deal
    again = reopening.second_chance(lost, by=rep)
    closing.win(again, by=rep)

    assert months_of(rep) == {("2026-02",): 1}


def test_renaming_and_retiring_a_reason_moves_no_loss(rep, admin):
    make.lost(rep, "2026-03-02", "timing")
    reason = deals.reason("timing")
    LossReason.objects.filter(pk=reason.pk).update(name="Not now")
    setup.retire_reason(reason, by=admin)

    report = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep)

    assert [(row.by["reason"], row.label) for row in report.by("reason")] == [("timing", "Not now")]


def test_closed_by_its_stop_rule_counts_as_lost(rep):
    make.lost(rep, "2026-03-02", "no-answer", automatic=True)

    report = losses_by_reason(make.filters("2026-03-01", "2026-03-31"), rep)

    assert counts(report, "reason") == {("no-answer",): 1}


# ---- scope -------------------------------------------------------------------------------------------


def test_each_sees_the_losses_of_the_deals_they_see(rep, colleague, manager, outsider, admin):
    make.lost(rep, "2026-03-02")
    make.lost(colleague, "2026-03-02")
    make.lost(outsider, "2026-03-02")
    filters = make.filters("2026-03-01", "2026-03-31")

    seen = [losses_by_reason(filters, who).figures["losses"].n for who in (rep, manager, admin)]

    assert seen == [1, 2, 3]


def test_filters_narrow_by_team_rep_and_product(admin, team, rep, colleague, outsider):
    sold = deals.product()
    make.lost(rep, "2026-03-02", deal={"product": sold})
    make.lost(colleague, "2026-03-02")
    make.lost(outsider, "2026-03-02", deal={"product": sold})

    def losses(**fields) -> int:
        return (
            losses_by_reason(make.filters("2026-03-01", "2026-03-31", **fields), admin)
            .figures["losses"]
            .n
        )

    assert (losses(), losses(team=team), losses(rep=rep)) == (3, 2, 1)
    assert (losses(product=sold), losses(product=sold, team=team)) == (2, 1)


def test_the_number_of_queries_does_not_grow(rep, django_assert_num_queries):
    filters = make.filters("2026-01-01", "2026-03-31")
    make.lost(rep, "2026-03-02")
    with django_assert_num_queries(3):
        losses_by_reason(filters, rep)
    make.lost(rep, "2026-02-02", "timing")
    make.lost(rep, "2026-01-02", "budget-gone")

    with django_assert_num_queries(3):
        losses_by_reason(filters, rep)
