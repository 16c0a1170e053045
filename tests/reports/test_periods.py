"""Months, quarters, the period before, and into which month a moment falls."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.reports import periods
from deals.models import Outcome
from tests.factories import reports as make


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
        ("2026-04-01", "2026-04-20", ("2026-03-12", "2026-03-31")),
        ("2026-03-10", "2026-03-10", ("2026-03-09", "2026-03-09")),
    ],
    ids=["a month", "a year", "part of a month", "a day"],
)
def test_the_period_before_is_equal(start, end, before):
    assert periods.equal_period_before(day(start), day(end)) == (day(before[0]), day(before[1]))


@pytest.mark.parametrize(
    ("today", "then"),
    [("2026-04-20", "2025-04-20"), ("2028-02-29", "2027-02-28"), ("2027-03-31", "2026-03-31")],
)
def test_a_year_before_is_the_same_day(today, then):
    assert periods.a_year_before(day(today)) == day(then)


@given(
    st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2199, 12, 1)), st.integers(-40, 40)
)
def test_months_later_and_back_is_the_same_month(month, count):
    there = periods.months_later(month, count)

    assert periods.months_later(there, -count) == periods.month_of(month)


def test_months_quarters_and_years_begin_on_their_first_day():
    assert periods.quarter_of(day("2026-11-21")) == day("2026-10-01")
    assert periods.quarter_number(day("2026-11-21")) == 4
    assert periods.year_of(day("2026-11-21")) == day("2026-01-01")
    assert periods.last_day_of(day("2028-02-10")) == day("2028-02-29")
    assert periods.months_between(day("2025-12-30"), day("2026-02-01")) == [
        day("2025-12-01"),
        day("2026-01-01"),
        day("2026-02-01"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-02-28T22:59:59+00:00", "2026-02-01"),
        ("2026-02-28T23:00:00+00:00", "2026-03-01"),
        ("2026-03-31T21:59:59+00:00", "2026-03-01"),
        ("2026-03-31T22:00:00+00:00", "2026-04-01"),
    ],
    ids=["winter, before", "winter, midnight", "summer, before", "summer, midnight"],
)
def test_a_moment_falls_into_the_month_of_the_organisation(rep, settings, moment, month):
    settings.ORGANISATION_TIME_ZONE = "Europe/Warsaw"
    outcome = make.lost(rep, "2026-02-10")
    Outcome.objects.filter(pk=outcome.pk).update(at=dt.datetime.fromisoformat(moment))
    months = periods.months_between(day("2025-11-01"), day("2026-04-30"))

    found = Outcome.objects.annotate(month=periods.month_number(months)).get()

    assert months[found.month] == day(month)
