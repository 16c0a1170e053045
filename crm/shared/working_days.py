"""Working days, public holidays and times of day in somebody's own zone."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

NINE = dt.time(9)
MONDAY_TO_FRIDAY = frozenset(range(5))
DAY = dt.timedelta(days=1)


# ---- zones ---------------------------------------------------------------------------------------


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name. Empty, unknown or not a zone at all: UTC, so that nothing due is lost."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_day(moment: dt.datetime, zone: str) -> dt.date:
    """The date on the calendar of somebody in `zone`."""
    return moment.astimezone(zone_of(zone)).date()


def at_local(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """That time of day in `zone`, as UTC.

    Clocks going forward: a time that is left out moves on by the gap. Going back: of two, the first.
    """
    # PEP 495: fold 0 reads a time in a gap with the offset before it, and an ambiguous one as the first.
    local = dt.datetime.combine(day, time.replace(fold=0, tzinfo=None), zone_of(zone))
    return local.astimezone(dt.UTC)


def opening_time(
    day: dt.date, country: str, zone: str, working_days: Iterable[int] = ()
) -> dt.datetime:
    """09:00 there, as UTC, on the first working day on or after `day` (rule 3)."""
    return at_local(next_working_day(day, country, working_days), NINE, zone)


# ---- days ----------------------------------------------------------------------------------------


def is_working_day(day: dt.date, country: str, working_days: Iterable[int] = ()) -> bool:
    """Neither weekend nor public holiday.

    `country` is ISO 3166; one that is not known has weekends only. `working_days` are a person's own
    weekdays, Monday = 0; none given means the country's week, with the weekends it works to make up.
    """
    calendar = calendar_of(country.strip().upper(), day.year)
    own = frozenset(working_days) & frozenset(range(7))
    if calendar is None:
        return day.weekday() in (own or MONDAY_TO_FRIDAY)
    if not own:
        return calendar.is_working_day(day)
    return day.weekday() in own and day not in calendar


def next_working_day(day: dt.date, country: str, working_days: Iterable[int] = ()) -> dt.date:
    """The first working day on or after `day`."""
    own = tuple(working_days)
    while not is_working_day(day, country, own):
        day += DAY
    return day


def add_working_days(
    day: dt.date, count: int, country: str, working_days: Iterable[int] = ()
) -> dt.date:
    """The `count`-th working day after `day`, or before it when negative; 0 is the next on or after."""
    own = tuple(working_days)
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, country, own):
            day += step
    return next_working_day(day, country, own)


def working_days_between(
    start: dt.date, end: dt.date, country: str, working_days: Iterable[int] = ()
) -> int:
    """How many working days lie from `start` up to, and without, `end`; 0 when `end` is not later."""
    own = tuple(working_days)
    days = (start + dt.timedelta(days=number) for number in range((end - start).days))
    return sum(is_working_day(day, country, own) for day in days)


@lru_cache(maxsize=1024)
def calendar_of(country: str, year: int) -> holidays.HolidayBase | None:
    """The public holidays of a country in one year; None for a country that is not known."""
    try:
        return holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        return None
