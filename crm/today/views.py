"""A person's day, done in place: what waits, what comes next, and where the quarter stands."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.shared import working_days
from crm.shared.due import DueItem, due_for
from crm.shared.models import Notice
from crm.shared.panels import panels_for_today
from crm.shared.views.mixins import signed_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User

BELL_ROWS = 50


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """One list in the order of what matters, up to the end of the next working day (screens.md 1)."""
    user = signed_in(request)
    now = timezone.now()
    day = working_days.local_day(now, user.time_zone)
    next_day = working_days.add_working_days(day, 1, user.country, user.working_days)
    until = working_days.at_local(next_day + dt.timedelta(days=1), dt.time(0), user.time_zone)
    items = due_for([user], now=now, until=until)
    waiting = by_day(items, user, day=day)
    later = sorted((item for item in items if item not in waiting), key=lambda item: item.due_at)
    context = {
        "day": day,
        "is_working_day": working_days.is_working_day(day, user.country, user.working_days),
        "waiting": waiting,
        "later": [
            (when, list(rows))
            for when, rows in groupby(later, key=lambda item: _day_of(item, user.time_zone))
        ],
    }
    return render(request, "today/today.html", context)


@require_safe
def beside(request: HttpRequest) -> HttpResponse:
    """Where the quarter stands, and the latest win. Asked for apart: it reads a year of deals and touches."""
    wins = Notice.objects.visible_to(signed_in(request)).filter(event__name="deal.won")
    context = {
        "panels": panels_for_today(request),
        "latest_win": wins.select_related("event").first(),
    }
    part = "_" if getattr(request, "htmx", False) else ""
    return render(request, f"today/{part}beside.html", context)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The last lines of a person's bell."""
    notices = Notice.objects.visible_to(signed_in(request)).select_related("event")[:BELL_ROWS]
    return render(request, "today/bell.html", {"notices": notices})


def waiting_count(user: User, *, now: dt.datetime) -> int:
    """How many rows of Today wait for `user` by the end of their day."""
    day = working_days.local_day(now, user.time_zone)
    until = working_days.at_local(day + dt.timedelta(days=1), dt.time(0), user.time_zone)
    return len(by_day(due_for([user], now=now, until=until), user, day=day))


def by_day(items: Sequence[DueItem], user: User, *, day: dt.date) -> list[DueItem]:
    """Those of `items` that are due on `day` or before, on the calendar of `user`."""
    return [item for item in items if _day_of(item, user.time_zone) <= day]


def _day_of(item: DueItem, zone: str) -> dt.date:
    return working_days.local_day(item.due_at, zone)
