"""When the next touch is due: the agreed interval, a working day, nine o'clock there (rule 3, B5)."""

import datetime as dt

from crm.shared import working_days


def next_due(
    last_touch_at: dt.datetime, interval_days: int, country: str, zone: str
) -> dt.datetime:
    """The last touch and the interval in calendar days, moved forward to a working day; UTC (rule 3).

    Days are those of the contact's zone. Raises ValueError for an interval below 0.
    """
    day = agreed_day(last_touch_at, interval_days, zone)
    return working_days.opening_time(day, country, zone)


def is_too_early(
    at: dt.datetime, last_touch_at: dt.datetime, interval_days: int, zone: str
) -> bool:
    """Whether a touch at `at` comes before the day that was agreed (B5); any hour of that day is fine."""
    agreed = agreed_day(last_touch_at, interval_days, zone)
    return working_days.local_day(at, zone) < agreed


def days_late(due_at: dt.datetime, now: dt.datetime, zone: str) -> int:
    """Calendar days since it was due, in `zone`; 0 on the day itself and before."""
    late = working_days.local_day(now, zone) - working_days.local_day(due_at, zone)
    return max(late.days, 0)


def agreed_day(last_touch_at: dt.datetime, interval_days: int, zone: str) -> dt.date:
    """The date that the interval leads to, before weekends and holidays are looked at."""
    if interval_days < 0:
        raise ValueError(f"An interval of {interval_days} days leads back in time.")
    return working_days.local_day(last_touch_at, zone) + dt.timedelta(days=interval_days)
