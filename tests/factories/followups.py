"""Touches, plans, follow-ups and stop rules for tests; through the actions where rows follow rules."""

import datetime as dt
from typing import Any

from django.utils import timezone

from crm.shared.models import User
from deals.models import Deal, Stage
from followups.actions import letting_go, touches
from followups.models import FollowUp, Plan, StopRule, Touch
from tests.factories import deals


def touch(deal: Deal, **fields: Any) -> Touch:
    """A call by the owner that nobody answered; `days_ago` moves it back."""
    at = timezone.now() - dt.timedelta(days=fields.pop("days_ago", 0))
    known: dict[str, Any] = {"by": deal.owner, "at": at, "channel": "call", "result": "no_answer"}
    made = touches.log_touch(deal, **(known | fields))
    deal.refresh_from_db()
    return made


def plan(deal: Deal, **fields: Any) -> Plan:
    """Every 7 days by phone, agreed today."""
    known = {
        "interval_days": 7,
        "channel": "call",
        "contact": deal.contact,
        "agreed_on": timezone.now().date(),
    }
    return Plan.objects.create(deal=deal, **(known | fields))


def next_step(deal: Deal) -> FollowUp:
    """The one open step of a deal."""
    return FollowUp.objects.next_steps().get(deal=deal)


def dead_deal(*, owner: User, silent_days: int = 50, **fields: Any) -> Deal:
    """An open deal in Negotiation whose stop rule (6 tries, 45 days) is met by silence."""
    opened_at = timezone.now() - dt.timedelta(days=silent_days + 10)
    known = {"stage": deals.stage("negotiation"), "opened_at": opened_at}
    made = deals.deal(owner=owner, **(known | fields))
    touch(made, days_ago=silent_days)
    return made


def deal_at_risk(*, owner: User, **fields: Any) -> Deal:
    """A dead deal that the sweep has marked today."""
    made = dead_deal(owner=owner, **fields)
    letting_go.settle([made.pk], now=timezone.now())
    made.refresh_from_db()
    return made


def stop_rule(*, deal: Deal | None = None, stage: Stage | None = None, **fields: Any) -> StopRule:
    known = {"max_unanswered": 2, "max_silent_days": 10, "grace_days": 3}
    return StopRule.objects.create(deal=deal, stage=stage, **(known | fields))
