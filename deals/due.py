"""What is due from deals: those that wake today, and whether a delivered order brought its value (C7)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from crm.shared import display
from crm.shared.due import DueItem, Rank
from crm.shared.working_days import NINE, at_local, local_day
from deals.models import Deal, ValueCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User


def items(users: Sequence[User], *, now: dt.datetime, until: dt.datetime) -> list[DueItem]:
    """Deals that have woken and are not taken up yet, and value checks, up to `until`; two queries for all `users`."""
    people = {user.pk: user for user in users}
    woken = (
        Deal.objects.open()
        .current()
        .filter(owner__in=people, parked_until__isnull=False, parked_until__lt=until)
        .select_related("account")
        .order_by("parked_until", "pk")
    )
    # A day begins up to 14 hours before it does in UTC, so the far end is cut by each person's own clock below.
    checks = (
        ValueCheck.objects.due()
        .filter(
            order__deal__owner__in=people,
            order__deal__archived_at=None,
            due_on__lte=until.date() + dt.timedelta(days=1),
        )
        .select_related("order__deal__account")
    )
    found = [_woken(deal, owner=people[deal.owner_id], now=now) for deal in woken]
    found += [_check(check, owner=people[check.order.deal.owner_id]) for check in checks]
    return [item for item in found if item.due_at < until]


def _woken(deal: Deal, *, owner: User, now: dt.datetime) -> DueItem:
    with translation.override(owner.language or translation.get_language()):
        day = display.day(local_day(deal.parked_until or now, owner.time_zone))
        why = _("Parked until %(day)s: %(because)s")
        why = why % {"day": day, "because": deal.parked_because}
        chip = _("Woke up")
    return DueItem(
        rank=Rank.DUE,
        due_at=deal.parked_until or now,
        user_id=owner.pk,
        deal_id=deal.pk,
        title=deal.name,
        why=why,
        path=reverse("deals:deal", args=[deal.pk]),
        chip=chip,
        icon="sun",
        template="deals/_due_woken.html",
        context={"pk": f"woken-{deal.pk}"},
        amount=deal.amount,
        currency=deal.currency,
    )


def _check(check: ValueCheck, *, owner: User) -> DueItem:
    deal = check.order.deal
    with translation.override(owner.language or translation.get_language()):
        why = _("Delivered %(days)s days ago: did they get what they bought it for?")
        why, chip = why % {"days": check.after_days}, _("Value check")
    return DueItem(
        rank=Rank.DUE,
        due_at=at_local(check.due_on, NINE, owner.time_zone),
        user_id=owner.pk,
        deal_id=deal.pk,
        title=deal.name,
        why=why,
        path=reverse("deals:deal", args=[deal.pk]),
        chip=chip,
        icon="clipboard-check",
        template="deals/_due_check.html",
        context={"pk": f"check-{check.pk}", "check_id": check.pk},
        amount=deal.amount,
        currency=deal.currency,
    )
