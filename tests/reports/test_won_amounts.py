"""A month inside its quarter and its year, beside the year before."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.reports.won_amounts import won_amounts
from tests.factories import reports as make

pytestmark = pytest.mark.django_db


def values(report) -> dict[str, Decimal | None]:
    return {name: figure.value for name, figure in report.figures.items() if figure.unit == "money"}


@pytest.mark.practice("A9")
def test_a_month_stands_inside_its_quarter_and_its_year(rep):
    for on, amount in (
        ("2025-01-10", "1.00"),
        ("2025-04-20", "20.00"),
        ("2025-04-21", "300.00"),
        ("2025-12-31", "4000.00"),
        ("2026-02-10", "100.00"),
        ("2026-04-02", "30.00"),
        ("2026-04-19", "7.00"),
    ):
        make.won(rep, on, deal={"amount": amount})

    report = won_amounts(make.filters("2026-04-01", "2026-04-30"), rep)

    assert report.filters.end == dt.date(2026, 4, 20)
    assert values(report) == {
        "month": Decimal("37.00"),
        "month_of_last_year": Decimal("20.00"),
        "quarter": Decimal("37.00"),
        "quarter_of_last_year": Decimal("20.00"),
        "year": Decimal("137.00"),
        "year_of_last_year": Decimal("21.00"),
    }
    months = {row.by["month"]: row.figures["won"].value for row in report.rows}
    assert len(months) == 16
    assert {month: value for month, value in months.items() if value} == {
        "2025-01": Decimal("1.00"),
        "2025-04": Decimal("320.00"),
        "2025-12": Decimal("4000.00"),
        "2026-02": Decimal("100.00"),
        "2026-04": Decimal("37.00"),
    }


def test_a_past_month_is_told_up_to_its_end(rep):
    make.won(rep, "2026-02-10")
    make.won(rep, "2026-03-31")
    make.won(rep, "2026-04-02")

    report = won_amounts(make.filters("2026-03-01", "2026-03-31"), rep)

    assert {name: report.figures[name].n for name in ("month", "quarter", "year")} == {
        "month": 1,
        "quarter": 2,
        "year": 2,
    }


def test_one_query_whatever_was_won(rep, django_assert_num_queries):
    for on in ("2025-03-02", "2026-01-02", "2026-04-02"):
        make.won(rep, on)

    with django_assert_num_queries(1):
        won_amounts(make.filters("2026-04-01", "2026-04-30"), rep)
