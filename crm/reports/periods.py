"""Months, quarters and years of the organisation, and which of them a moment falls into."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from babel import dates
from django.conf import settings
from django.db.models import Case, IntegerField, Value, When

from crm.shared.display import reader_locale
from crm.shared.working_days import DAY, local_day
from deals.filters import start_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS_OF_A_YEAR, MONTHS_OF_A_QUARTER = 12, 3


def month_of(day: dt.date) -> dt.date:
    """The first day of its month."""
    return day.replace(day=1)


def quarter_of(day: dt.date) -> dt.date:
    """The first day of its calendar quarter."""
    return day.replace(month=day.month - (day.month - 1) % MONTHS_OF_A_QUARTER, day=1)


def year_of(day: dt.date) -> dt.date:
    return day.replace(month=1, day=1)


def quarter_number(day: dt.date) -> int:
    return (day.month - 1) // MONTHS_OF_A_QUARTER + 1


def months_later(month: dt.date, count: int) -> dt.date:
    """The first day of the month that lies `count` months after that of `month`; `count` may be negative."""
    number = month.year * MONTHS_OF_A_YEAR + month.month - 1 + count
    year, place = divmod(number, MONTHS_OF_A_YEAR)
    return dt.date(year, place + 1, 1)


def last_day_of(month: dt.date) -> dt.date:
    return months_later(month, 1) - DAY


def day_before(day: dt.date) -> dt.date:
    return day - DAY


def day_after(day: dt.date) -> dt.date:
    return day + DAY


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """The months that have a day from `first` to `last`, both included."""
    count = (last.year - first.year) * MONTHS_OF_A_YEAR + last.month - first.month + 1
    return [months_later(first, place) for place in range(count)]


def a_year_before(day: dt.date) -> dt.date:
    """The same day of the year before; for 29 February the 28th."""
    last = last_day_of(months_later(day, -MONTHS_OF_A_YEAR))
    return last.replace(day=min(day.day, last.day))


def equal_period_before(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """The period just before: as many months where these are whole ones, else as many days."""
    if start.day == 1 and end == last_day_of(end):
        months = len(months_between(start, end))
        return months_later(start, -months), start - DAY
    return start - (end - start) - DAY, start - DAY


def organisation_day(moment: dt.datetime) -> dt.date:
    """The day of business on which a moment falls."""
    return local_day(moment, settings.ORGANISATION_TIME_ZONE)


def month_name(month: dt.date) -> str:
    """“November” in the reader's language."""
    return dates.format_date(month, "LLLL", locale=reader_locale())


def month_and_year(month: dt.date) -> str:
    """“November 2026”."""
    return dates.format_skeleton("yMMMM", month, locale=reader_locale())


def short_month(month: dt.date) -> str:
    """“Nov”, for an axis."""
    return dates.format_date(month, "LLL", locale=reader_locale())


def month_number(months: Sequence[dt.date], field: str = "at") -> Case | Value:
    """For a query: the place in `months`, which follow each other, of the month that a moment falls into.

    Midnights are those of the organisation's zone, worked out here and compared by halving: no conversion in
    the database for each row, the same answer from every database, and summer time is right.
    """
    return _place(months, field, 0)


def _place(months: Sequence[dt.date], field: str, before: int) -> Case | Value:
    if len(months) <= 1:
        return Value(before, output_field=IntegerField())
    half = len(months) // 2
    return Case(
        When(**{f"{field}__lt": start_of(months[half])}, then=_place(months[:half], field, before)),
        default=_place(months[half:], field, before + half),
        output_field=IntegerField(),
    )
