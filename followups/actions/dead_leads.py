"""Finding dead leads by index, for the sweep: what it finds is looked at again under the lock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q

from deals.models import Deal, Stage
from followups import persistence
from followups.actions import stop_rules

if TYPE_CHECKING:
    from followups.persistence import Rule


FARTHEST_ZONE = dt.timedelta(hours=14)  # no clock is further ahead of UTC


def due_marks(now: dt.datetime) -> list[int]:
    """Marked deals whose day has come somewhere on earth, or whose rule holds no longer."""
    marked = Deal.objects.at_risk().current().order_by()
    day = (now + FARTHEST_ZONE).date()
    due = Q(closes_on__lte=day)
    ruled = stop_rules.of_stages(Stage.objects.all())
    by_stage = marked.filter(stop_rule=None)
    found = [
        *by_stage.filter(due).values_list("pk", flat=True),
        *by_stage.exclude(due).exclude(stage__in=ruled).values_list("pk", flat=True),
    ]
    for stage_id, rule in ruled.items():
        alive = by_stage.filter(stage=stage_id).exclude(due).exclude(_meets(rule, now))
        found += alive.values_list("pk", flat=True)
    own = marked.filter(stop_rule__isnull=False).select_related("stop_rule")
    found += [
        deal.pk for deal in own if (deal.closes_on or day) <= day or not _meets_own(deal, now)
    ]
    return found


def unmarked(now: dt.datetime) -> list[int]:
    """Unmarked open deals that meet their rule: by index, one statement a stage, one for those with a rule of their own."""
    quiet = Deal.objects.open().current().filter(closes_on=None).order_by()
    found: list[int] = []
    for stage_id, rule in stop_rules.of_stages(Stage.objects.all()).items():
        met = quiet.filter(_meets(rule, now), stage=stage_id, stop_rule=None)
        found += met.values_list("pk", flat=True)
    own = quiet.filter(stop_rule__isnull=False).select_related("stop_rule")
    return found + [deal.pk for deal in own if _meets_own(deal, now)]


def _meets(rule: Rule, now: dt.datetime) -> Q:
    """`persistence.rule_met` as a condition on the deal's own columns (rule 4)."""
    is_over = Q(unanswered_touches__gte=rule.max_unanswered) | Q(
        silent_since__lte=now - dt.timedelta(days=rule.max_silent_days)
    )
    is_awake = Q(agreed_until=None) | Q(agreed_until__lt=now)
    return Q(silent_since__isnull=False) & is_awake & is_over


def _meets_own(deal: Deal, now: dt.datetime) -> bool:
    rule = stop_rules.as_rule(deal.stop_rule)
    return persistence.rule_met(stop_rules.facts_of(deal), rule, now)
