"""When a buyer may get mail: in their hours, on their country's working days (rule 7)."""

import datetime as dt

from django.conf import settings

from crm.shared.working_days import DAY, at_local, is_working_day, local_day, next_working_day


def next_opening(at: dt.datetime, *, zone: str, country: str) -> dt.datetime:
    """`at` itself when their window is open then, else the moment at which it opens next, as UTC."""
    day = local_day(at, zone)
    opens, closes = window_of(day, zone)
    if works(day, country):
        if opens <= at < closes:
            return at
        if at < opens:
            return opens
    day += DAY
    day = day if settings.BUYER_MAIL_EVERY_DAY else next_working_day(day, country)
    return window_of(day, zone)[0]


def closing_after(at: dt.datetime, *, zone: str) -> dt.datetime:
    """Until when, without it, the window of that day is open, as UTC."""
    return window_of(local_day(at, zone), zone)[1]


def window_of(day: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """From when until when, as UTC. Hour 24 is the next midnight."""
    first, last = settings.BUYER_MAIL_HOURS
    end = (day + DAY, dt.time(0)) if last == 24 else (day, dt.time(last))
    return at_local(day, dt.time(first), zone), at_local(*end, zone)


def works(day: dt.date, country: str) -> bool:
    return settings.BUYER_MAIL_EVERY_DAY or is_working_day(day, country)
