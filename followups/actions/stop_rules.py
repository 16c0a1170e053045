"""Which stop rule holds for a deal, and setting it (B6, E1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import StopRuleSet
from crm.shared.publishing import publish
from deals.actions import pipeline
from followups.models import StopRule
from followups.persistence import DELIVERED_RULES, Facts, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.shared.models import User
    from deals.models import Deal, Stage

FIELDS = ("max_unanswered", "max_silent_days", "grace_days")


def as_rule(row: StopRule) -> Rule:
    return Rule(row.max_unanswered, row.max_silent_days, row.grace_days)


def of_stages(stages: Iterable[Stage]) -> dict[int, Rule]:
    """The rule of each stage by its id. A stage without a row goes by its phase; Order has no rule."""
    stages = list(stages)
    rows = StopRule.objects.filter(stage__in=stages)
    own = {row.stage_id: as_rule(row) for row in rows}
    rules = {stage.pk: own.get(stage.pk) or DELIVERED_RULES.get(stage.phase) for stage in stages}
    return {pk: rule for pk, rule in rules.items() if rule is not None}


def in_force(deals: Iterable[Deal]) -> dict[int, Rule]:
    """The rule of each deal by its id, in one query: its own, else its stage's. Deals come with their stages."""
    deals = list(deals)
    stages = {deal.stage_id: deal.stage for deal in deals}
    rows = list(StopRule.objects.filter(Q(stage__in=stages) | Q(deal__in=deals)))
    of_deal = {row.deal_id: as_rule(row) for row in rows if row.deal_id}
    of_stage = {row.stage_id: as_rule(row) for row in rows if row.stage_id}
    rules = {
        deal.pk: of_deal.get(deal.pk)
        or of_stage.get(deal.stage_id)
        or DELIVERED_RULES.get(deal.stage.phase)
        for deal in deals
    }
    return {pk: rule for pk, rule in rules.items() if rule is not None}


def rule_of(deal: Deal) -> Rule | None:
    """The rule of one deal. It comes without a query where the relations of RULE_AND_PLAN were fetched with the deal."""
    row = getattr(deal, "stop_rule", None) or getattr(deal.stage, "stop_rule", None)
    return as_rule(row) if row else DELIVERED_RULES.get(deal.stage.phase)


def facts_of(deal: Deal) -> Facts:
    """What the deal's own columns say: the sweep and the meter look at nothing else."""
    return Facts(
        touch_count=deal.touch_count,
        last_touch_at=deal.last_touch_at,
        first_outgoing_at=deal.first_outgoing_at,
        last_heard_at=deal.last_heard_at,
        unanswered=deal.unanswered_touches,
        agreed_until=deal.agreed_until,
    )


@transaction.atomic
def set_rule(
    *, by: User, stage: Stage | None = None, deal: Deal | None = None, **numbers: int
) -> StopRule:
    """Set the rule of a stage for all its deals, or another one for one deal; what is there is changed. Raises ActionRefused."""
    if deal is not None:
        pipeline.lock_deals([deal.pk])
    return _set(StopRule(stage=stage, deal=deal), by=by, version=None, numbers=numbers)


@transaction.atomic
def change(rule: StopRule, *, by: User, version: int | None = None, **numbers: int) -> StopRule:
    """Change a rule that is there. Raises ActionRefused, StaleVersion."""
    return _set(StopRule(stage=rule.stage, deal=rule.deal), by=by, version=version, numbers=numbers)


@transaction.atomic
def drop(rule: StopRule, *, by: User, version: int | None = None) -> None:
    """Let a deal go by its stage again. Raises ActionRefused for the rule of a stage, which can only be changed."""
    rule = StopRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    pipeline.check_version(rule, version)
    if rule.deal_id is None:
        raise ActionRefused(_("The rule of a stage can be changed, not removed."))
    publish([_set_event(rule, by=by, is_dropped=True)])
    rule.delete()


def _set(blank: StopRule, *, by: User, version: int | None, numbers: Mapping[str, int]) -> StopRule:
    of_same = {"deal_id": blank.deal_id, "stage_id": blank.stage_id}
    rule = StopRule.objects.select_for_update(of=("self",)).filter(**of_same).first() or blank
    if rule.pk:
        pipeline.check_version(rule, version)
        rule.version += 1
    for name in FIELDS:
        setattr(rule, name, numbers.get(name, getattr(rule, name)))
    _check_numbers(rule)
    rule.save()
    publish([_set_event(rule, by=by)])
    return rule


def _check_numbers(rule: StopRule) -> None:
    wrong = {
        name: _("At least one.")
        for name in ("max_unanswered", "max_silent_days")
        if (getattr(rule, name) or 0) < 1
    }
    if rule.grace_days < 0:
        wrong["grace_days"] = _("Not below zero.")
    if wrong:
        raise ActionRefused(_("A stop rule leaves at least one try and one day."), fields=wrong)


def _set_event(rule: StopRule, *, by: User, is_dropped: bool = False) -> StopRuleSet:
    return StopRuleSet(
        actor_id=by.pk,
        deal_id=rule.deal_id,
        stop_rule_id=rule.pk,
        max_unanswered=rule.max_unanswered,
        max_silent_days=rule.max_silent_days,
        grace_days=rule.grace_days,
        is_dropped=is_dropped,
    )
