"""The morning mail: what Today shows, once per person and day (rule 7)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction

from crm.shared import mailing, working_days
from crm.shared.due import DueItem, due_for
from crm.shared.models import OutgoingMail, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MORNING = dt.time(7)
NOT_AFTER = dt.time(18)  # after an outage it still goes out while the working day lasts
BATCH = 200


def key_of(user: User, day: dt.date) -> str:
    """The mark that there was a mail: one row for each person and day, whatever crashes."""
    return f"digest:{user.pk}:{day:%Y-%m-%d}"


def is_morning(user: User, now: dt.datetime) -> bool:
    """Whether the mail is due: a working day of theirs, from 07:00 there while the day lasts."""
    day = working_days.local_day(now, user.time_zone)
    opens = working_days.at_local(day, MORNING, user.time_zone)
    ends = working_days.at_local(day, NOT_AFTER, user.time_zone)
    return opens <= now < ends and working_days.is_working_day(day, user.country, user.working_days)


def send_due(now: dt.datetime) -> int:
    """Queue the morning mail of everybody whose morning it is; return how many. Safe to run as often as one likes."""
    waiting = User.objects.active().filter(wants_morning_mail=True).order_by("pk")
    users = [user for user in waiting if is_morning(user, now)]
    days = {user.pk: working_days.local_day(now, user.time_zone) for user in users}
    keys = {key_of(user, days[user.pk]): user for user in users}
    sent = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
    to_write = [user for key, user in keys.items() if key not in sent]
    return sum(
        _queue(to_write[start : start + BATCH], days=days, now=now)
        for start in range(0, len(to_write), BATCH)
    )


@transaction.atomic
def _queue(users: Sequence[User], *, days: dict[int, dt.date], now: dt.datetime) -> int:
    ends = {
        user.pk: working_days.at_local(
            days[user.pk] + dt.timedelta(days=1), dt.time(0), user.time_zone
        )
        for user in users
    }
    items = _by_person(due_for(users, now=now, until=max(ends.values())), ends)
    mails = [
        mailing.to_rep(
            user,
            key=key_of(user, days[user.pk]),
            template="morning",
            context={"person": user, "day": days[user.pk], "items": items[user.pk]},
            due_at=now,
        )
        for user in users
        if items[user.pk]
    ]
    mailing.queue(mails)
    return len(mails)


def _by_person(items: Iterable[DueItem], ends: dict[int, dt.datetime]) -> dict[int, list[DueItem]]:
    by_person: dict[int, list[DueItem]] = defaultdict(list)
    for item in items:
        if item.due_at < ends[item.user_id]:
            by_person[item.user_id].append(item)
    return by_person
