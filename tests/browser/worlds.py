"""Small worlds for the browser: as few rows as the screen needs."""

import datetime as dt
from typing import Any

from django.utils import timezone

from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal
from followups.models import FollowUp
from tests.factories import deals
from tests.factories import reports as closings


def open_deal(owner: User, *, title: str = "Cold room", **fields: Any) -> Deal:
    """An open deal with account and contact, worth 1,000."""
    account = deals.account(owner=owner, name=f"{title} Ltd")
    contact = deals.contact(owner=owner, account=account, name="Dana Whitfield")
    return deals.deal(owner=owner, title=title, account=account, contact=contact, **fields)


def deal_due(owner: User, **fields: Any) -> Deal:
    """An open deal whose next step was due an hour ago: it stands on Today."""
    deal = open_deal(owner, **fields)
    due_at = timezone.now() - dt.timedelta(hours=1)
    FollowUp.objects.filter(deal=deal).update(due_at=due_at)
    Deal.objects.filter(pk=deal.pk).update(next_follow_up_at=due_at)
    return deal


def losses_of_last_month(owner: User, *, reason: str, count: int) -> str:
    """`count` deals lost on the tenth of last month; returns that month, as 2026-10."""
    first = timezone.localdate().replace(day=1)
    tenth = (first - dt.timedelta(days=1)).replace(day=10)
    for _number in range(count):
        closings.lost(owner, tenth.isoformat(), reason)
    return f"{tenth:%Y-%m}"


def lost_deal(owner: User, **fields: Any) -> Deal:
    deal = open_deal(owner, **fields)
    closing.lose(deal, reason=deals.reason(), by=owner)
    deal.refresh_from_db()
    return deal
