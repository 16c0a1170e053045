"""What a viewer is told: aggregates over everybody, no deal, no person, no single deal's amount."""

from decimal import Decimal

import pytest

from crm.reports.api import told
from crm.reports.base import Filters, Scope
from crm.reports.catalogue import REPORTS
from crm.reports.losses_by_reason import losses_by_reason
from crm.reports.win_rate import win_rate
from crm.reports.worth_of_a_touch import worth_of_a_touch
from tests.factories import deals
from tests.factories import reports as make
from tests.programs import program

pytestmark = pytest.mark.django_db

MARCH = make.filters("2026-03-01", "2026-03-31")


def amounts(report, by: str) -> dict[str | None, Decimal | None]:
    return {row.by[by]: row.figures["amount"].value for row in report.by(by)}


def test_a_viewer_counts_everybodys_closings_and_opens_none(rep, outsider, viewer):
    make.lost(rep, "2026-03-02")
    make.lost(outsider, "2026-03-02")

    report = losses_by_reason(MARCH, viewer)

    assert report.figures["losses"].n == 2
    figures = [*report.figures.values(), *(f for row in report.rows for f in row.figures.values())]
    assert {figure.behind for figure in figures} == {None}


def test_amounts_on_fewer_than_three_deals_are_withheld(rep, viewer):
    for amount in ("100.00", "200.00", "400.00"):
        make.lost(rep, "2026-03-02", "timing", deal={"amount": amount})
    for amount in ("11.00", "22.00", "33.00", "44.00"):
        make.lost(rep, "2026-03-02", "budget-gone", deal={"amount": amount})
    make.lost(rep, "2026-03-02", "price-or-value", deal={"amount": "12345.67"})

    report = losses_by_reason(MARCH, viewer)

    # The one alone could be worked out from the sum, so the next larger is withheld with it.
    assert amounts(report, "reason") == {
        "timing": None,
        "budget-gone": Decimal("110.00"),
        "price-or-value": None,
    }
    assert amounts(report, "control") == {
        "ours": None,
        "partly": None,
        "theirs": Decimal("110.00"),
    }
    assert report.figures["amount"].value == Decimal("13000.00")
    assert all(row.figures["amount"].value is None for row in report.by("month", "reason"))


def test_a_sum_over_fewer_than_three_known_amounts_is_withheld(rep, viewer):
    make.lost(rep, "2026-03-02", deal={"amount": "12345.67"})
    for _ in range(3):
        make.lost(rep, "2026-03-02", deal={"amount": None})

    figure = losses_by_reason(MARCH, viewer).figures["amount"]

    assert (figure.value, figure.is_withheld) == (None, True)


def test_won_value_and_worth_of_few_deals_are_withheld(rep, viewer):
    sold = make.won(rep, "2026-03-02", commission=Decimal("777.00"), deal={"amount": "12345.67"})
    make.won(rep, "2026-03-02", commission=Decimal("1.00"))

    rates, worth = win_rate(MARCH, viewer), worth_of_a_touch(MARCH, viewer)

    assert (rates.figures["won"].n, rates.figures["won_value"].value) == (2, None)
    assert {worth.figures[name].value for name in ("all_in", "commission")} == {None}
    assert worth.figures["all_in"].numerator is None
    assert sold.amount == Decimal("12345.67")


@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: entry.slug)
def test_no_report_tells_a_viewer_a_person_or_a_single_amount(entry, rep, viewer, now):
    account = deals.account(owner=rep, name="Canary Cold Stores")
    make.lost(rep, "2026-04-02", deal={"amount": "12345.67", "account": account})
    make.won(rep, "2026-04-02", deal={"amount": "76543.21", "account": account})

    report = entry.make(Filters(today=now.date(), end=now.date()), viewer)

    text = str(told(report))
    assert not any(word in text for word in ("12345", "76543", "Rita", "Canary", "/deals/"))


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 5, "b": 3}, set()),
        ({"a": 5, "b": 1, "c": 3}, {"b", "c"}),
        ({"a": 5, "b": 1, "c": 2}, {"b", "c"}),
        ({"a": 2}, {"a"}),
        ({"a": 0, "b": 4}, set()),
    ],
)
def test_what_is_held_back_cannot_be_worked_out(counts, hidden, viewer):
    assert Scope(MARCH, viewer).held_back(counts) == hidden


def test_nothing_is_held_back_from_who_sees_the_deals(rep):
    assert Scope(MARCH, rep).held_back({"a": 1}) == set()


def test_two_answers_that_differ_by_a_deal_do_not_tell_its_amount(rep, viewer):
    """Periods are whole months, and amounts two digits."""
    amounts = {"03-02": 5_000, "03-09": 7_110, "03-16": 9_999, "03-17": 10_300}
    for day, amount in amounts.items():
        make.lost(rep, f"2026-{day}", deal={"amount": amount})
    path = "/reports/losses-by-reason/?from=2026-03-02&to=2026-"

    answers = [program(viewer).get(path + day).json() for day in ("03-16", "03-17")]

    assert [
        (one["filters"]["from"], one["filters"]["to"], one["figures"]["amount"]["value"])
        for one in answers
    ] == [("2026-03-01", "2026-03-31", "32000.00")] * 2
