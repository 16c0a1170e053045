"""Deals whose end a file tells. What was over before it came here is on the record with its date and reason, and starts nothing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from crm.shared import loading, money
from crm.shared.events import Aftercare
from crm.shared.publishing import publish
from deals.actions import closing, closing_checks, pipeline
from deals.models import Competitor, Deal, LossReason, Outcome, Stage
from deals.models.loss_reason import NOT_STATED
from deals.states import DealStatus, Disqualification, Phase

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from crm.shared.events import Event
    from crm.shared.models import User


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ending:
    """How a deal of the past ended. A loss has a `reason`; who else was considered is said of wins as well."""

    kind: DealStatus
    at: dt.datetime
    note: str = ""
    reason: LossReason | None = None
    competitor: Competitor | None = None
    no_competitor: bool = False
    disqualified_as: str = Disqualification.UNQUALIFIED


@transaction.atomic(savepoint=False)
def open_ended(
    entries: Sequence[tuple[pipeline.NewDeal, Ending | None]], *, by: User | None
) -> list[Deal]:
    """Open a batch, those with an ending closed as they are written: each row is written once, and whole.

    Raises ActionRefused as opening and closing do.
    """
    deals = pipeline.as_deals([new for new, _ending in entries])
    loading.give_ids(deals)
    ended = [
        (deal, _closing(deal, ending, historical=True))
        for deal, (_new, ending) in zip(deals, entries, strict=True)
        if ending is not None
    ]
    steps = [pipeline.first_step(deal, by=by) for deal in deals]
    outcomes = _outcomes(ended, by=by)
    steps += _close(ended, outcomes, by=by)
    loading.write_new(deals)
    loading.write_new(outcomes)
    pipeline.note_steps(steps)
    events: list[Event] = [
        pipeline.opened(deal, new, by=by)
        for deal, (new, _ending) in zip(deals, entries, strict=True)
    ]
    events += [
        closing.past_closing(entry, outcome)
        for (_deal, entry), outcome in zip(ended, outcomes, strict=True)
    ]
    publish(events)
    return deals


@transaction.atomic(savepoint=False)
def end_many(entries: Sequence[tuple[Deal, Ending]], *, by: User | None) -> list[Outcome]:
    """Close deals that stood open here, all or none, with all that follows a closing by any other door.

    After a loss whose reason is not stated nothing is planned. In no particular order. Raises ActionRefused.
    """
    closings = [_closing(deal, ending) for deal, ending in entries]
    wins = [entry for entry in closings if isinstance(entry, closing.Win)]
    losses = [entry for entry in closings if isinstance(entry, closing.Loss)]
    others = [entry for entry in closings if isinstance(entry, closing.Disqualified)]
    return [
        *(closing.win_many(wins, by=by) if wins else []),
        *(closing.lose_many(losses, by=by) if losses else []),
        *(closing.disqualify_many(others, by=by) if others else []),
    ]


def _closing(deal: Deal, ending: Ending, *, historical: bool = False) -> closing.Closing:
    known: Any = {
        "deal": deal,
        "at": ending.at,
        "note": ending.note,
        "imported": True,
        "historical": historical,
    }
    rivals: Any = {"competitor": ending.competitor, "no_competitor": ending.no_competitor}
    if ending.kind == DealStatus.WON:
        return closing.Win(**known, **rivals)
    if ending.kind == DealStatus.DISQUALIFIED:
        return closing.Disqualified(**known, disqualified_as=ending.disqualified_as)
    assert ending.reason is not None  # noqa: S101  (whoever reads a loss gives it one)
    unexplained = ending.reason.slug == NOT_STATED
    return closing.Loss(
        **known,
        **rivals,
        reason=ending.reason,
        aftercare=Aftercare(review=False) if unexplained else None,
    )


_KINDS = {
    closing.Win: DealStatus.WON,
    closing.Loss: DealStatus.LOST,
    closing.Disqualified: DealStatus.DISQUALIFIED,
}


def _outcomes(ended: Sequence[tuple[Deal, closing.Closing]], *, by: User | None) -> list[Outcome]:
    """Their outcomes with ids, not yet written. Raises ActionRefused."""
    now = timezone.now()
    for deal, entry in ended:
        if isinstance(entry, closing.Loss):
            closing_checks.check_loss(entry)
        closing_checks.check_time(entry, deal, now=now)
    base = money.in_organisation_currency_many(
        [(deal.amount, deal.currency, (entry.at or now).date()) for deal, entry in ended]
    )
    outcomes = [
        closing.outcome_of(
            entry, deal, kind=_KINDS[type(entry)], by=by, now=now, base_amount=amount
        )
        for (deal, entry), amount in zip(ended, base, strict=True)
    ]
    loading.give_ids(outcomes)
    return outcomes


def _close(
    ended: Sequence[tuple[Deal, closing.Closing]], outcomes: Sequence[Outcome], *, by: User | None
) -> list[pipeline.Step]:
    """Mark the deals as closed, before they are written; returns the way of the won ones to the Order stage (C7)."""
    order = Stage.objects.current().filter(phase=Phase.ORDER).first()
    steps: list[pipeline.Step] = []
    for (deal, _entry), outcome in zip(ended, outcomes, strict=True):
        deal.status, deal.outcome, deal.closed_at = outcome.kind, outcome, outcome.at
        if outcome.kind == DealStatus.WON and order is not None:
            steps.append((deal.pk, deal.stage_id, order.pk, outcome.at, by.pk if by else None))
            deal.stage, deal.entered_stage_at = order, outcome.at
    return steps
