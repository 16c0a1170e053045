"""Where a deal stands: its way through the stages, its qualification, its proposals; what became of it and what followed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from deals import policies
from deals.forms import DealForm
from deals.forms.deal import QUALIFICATION
from deals.models import Deal, Stage
from deals.states import (
    ORDER_MOVES,
    REFLECTION,
    Answer,
    DealStatus,
    OrderState,
    Phase,
    WinFactor,
)
from deals.views.chain import chain_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from crm.shared.models import User
    from deals.models import Outcome
    from deals.querysets import DealHints

LIKELY = (10, 25, 50, 75, 90)  # per cent, one press each


@dataclasses.dataclass(frozen=True)
class Step:
    """A stage of the pipeline: done, now, or to come; `days` that the deal spent in it, None where it never was."""

    stage: Stage
    is_done: bool
    is_now: bool
    is_order: bool
    days: int | None
    is_stuck: bool


def standing_of(
    deal: WithAnnotations[Deal, DealHints], *, user: User, now: dt.datetime
) -> dict[str, Any]:
    """What is known of a deal whatever its status."""
    questions = [
        {
            "name": name,
            "label": DealForm.base_fields[name].label,
            "answer": Answer(getattr(deal, name)),
        }
        for name in QUALIFICATION
    ]
    return {
        "is_parked": deal.is_parked(now=now),
        "may_work": policies.may_work(user),
        "steps": _steps(deal, user=user, now=now),
        "questions": questions,
        "answers": Answer.choices,
        "missing": [row["label"] for row in questions if row["answer"] == Answer.UNKNOWN],
        "likely": LIKELY,
        "proposals": list(deal.proposals.all()) if deal.has_proposals else [],
        "shared_with": list(deal.collaborators.all()) if deal.is_shared else [],
    }


def facts_of(user: User, pk: int) -> dict[str, Any]:
    """What the facts of a deal show, by themselves."""
    deals = Deal.objects.visible_to(user).with_names().with_closing().with_hints()
    deal: WithAnnotations[Deal, DealHints] = deals.get(pk=pk)
    known = standing_of(deal, user=user, now=timezone.now())
    return {"deal": deal, **known, **_chain(deal, user=user)}


def _steps(deal: Deal, *, user: User, now: dt.datetime) -> list[Step]:
    """The stages with the time that was spent in each; an open deal gets to Order by being won."""
    rows = list(Stage.objects.visible_to(user).with_entries(deal))
    stages = {row.pk: row for row in rows}
    entries = sorted((row.entry_at, row.pk) for row in rows if row.entry_at is not None)
    runs_on = deal.is_open or deal.status == DealStatus.WON  # an order goes on after its win
    last = now if runs_on else deal.closed_at or now
    ends = [at for at, _stage in entries[1:]] + [last]
    spent: dict[int, dt.timedelta] = {}
    for (at, stage), end in zip(entries, ends, strict=True):
        spent[stage] = spent.get(stage, dt.timedelta()) + max(end - at, dt.timedelta())
    in_stage = (now - deal.entered_stage_at).days
    return [
        Step(
            stage=stage,
            is_done=stage.position < deal.stage.position,
            is_now=stage.pk == deal.stage_id,
            is_order=stage.phase == Phase.ORDER,
            days=spent[stage.pk].days if stage.pk in spent else None,
            is_stuck=deal.is_open and stage.pk == deal.stage_id and in_stage > stage.stuck_days,
        )
        for stage in stages.values()
        if stage.archived_at is None or stage.pk == deal.stage_id
    ]


# ---- what became of it -------------------------------------------------------------------------------


def became_of(
    deal: WithAnnotations[Deal, DealHints], *, user: User, now: dt.datetime
) -> dict[str, Any]:
    """The closing with the way back while it lasts; the deals before and after this one; the order of a win."""
    facts = _chain(deal, user=user)
    if deal.outcome is None:
        return facts
    ends_at = policies.undo_ends_at(deal.outcome)
    return (
        facts
        | _order(deal.outcome)
        | {
            "outcome": deal.outcome,
            "undo_ends_at": ends_at,
            "may_undo": policies.may_undo(user, deal) and now < ends_at,
            "may_edit_outcome": policies.may_edit_outcome(user, deal, now=now),
            "may_reopen": deal.status == DealStatus.LOST
            and not any(one.is_open for one in facts["second_chances"]),
            "other_reasons": _other_reasons(deal.outcome) if deal.has_other_reasons else [],
            "reflection": _reflection(deal.outcome),
            "won_because": [str(WinFactor(code).label) for code in deal.outcome.won_because],
        }
    )


def _chain(deal: WithAnnotations[Deal, DealHints], *, user: User) -> dict[str, Any]:
    """The second chances before and after, the won deal that this one repeats, and those that repeat this one."""
    has_chain = deal.has_second_chances or deal.second_chance_of_id
    chain = chain_of(deal, user=user) if has_chain else None
    found = chain.deals if chain else []
    related = Q(repeat_of=deal) | Q(pk=deal.repeat_of_id)
    repeats = Deal.objects.visible_to(user).filter(related).with_names().order_by("pk")
    others = list(repeats) if deal.has_repeats or deal.repeat_of_id else []
    return {
        "chain": chain,
        "came_from": next((one for one in found if one.pk == deal.second_chance_of_id), None),
        "second_chances": [one for one in found if one.second_chance_of_id == deal.pk],
        "repeats": next((one for one in others if one.pk == deal.repeat_of_id), None),
        "repeated_by": [one for one in others if one.repeat_of_id == deal.pk],
    }


def _order(outcome: Outcome) -> dict[str, Any]:
    order = getattr(outcome, "order", None)  # only a win has one
    if order is None or order.state == OrderState.WITHDRAWN:
        return {}
    steps = [(state, OrderState(state).label) for state in ORDER_MOVES[order.state]]
    return {"order": order, "order_steps": steps}


def _other_reasons(outcome: Outcome) -> list[str]:
    return [str(other.reason) for other in outcome.other_reasons.select_related("reason")]


def _reflection(outcome: Outcome) -> list[tuple[str, str]]:
    """The six questions (A4) that were answered."""
    return [
        (str(question), str(Answer(outcome.reflection[key]).label))
        for key, question in REFLECTION.items()
        if key in outcome.reflection
    ]
