"""What a closing means for follow-ups: open ones are cancelled, a call again is planned, and an undo takes both back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from crm.shared import working_days
from deals.models import Deal, Outcome
from followups.actions import next_steps
from followups.models import FollowUp
from followups.states import Channel, FollowUpState, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.shared.events import DealLost

FIRST_NURTURE_DAYS = 45


@transaction.atomic(savepoint=False)
def cancel_open(deal_ids: Sequence[int]) -> None:
    """Cancel what was still to do on deals just closed; each keeps the closing that did it, for an undo."""
    closing = Deal.objects.filter(pk=OuterRef("deal_id")).values("outcome_id")
    FollowUp.objects.open().filter(deal__in=deal_ids).update(
        state=FollowUpState.CANCELLED,
        cancelled_by_id=Subquery(closing),
        version=F("version") + 1,
        updated_at=timezone.now(),
    )


@transaction.atomic(savepoint=False)
def plan_revisits(losses: Sequence[DealLost], *, now: dt.datetime) -> list[FollowUp]:
    """Plan the call again and the first step of staying in touch, as each loss asks for (A10, B8).

    Days count from the closing, which may lie in the past: what would have been due already is due on the next
    working day. Nobody is planned for who asked not to be contacted.
    """
    wanted = [
        loss
        for loss in losses
        if loss.aftercare.revisit_after_days is not None or loss.aftercare.nurture_track
    ]
    rows = Outcome.objects.select_related("deal__contact", "deal__account", "deal__owner")
    outcomes = rows.in_bulk([loss.outcome_id for loss in wanted])
    steps = [
        step
        for loss in wanted
        if not _is_off_limits(outcomes[loss.outcome_id].deal)
        for step in _steps_after(loss, outcomes[loss.outcome_id], now=now)
    ]
    if not steps:
        return []
    planned = next_steps.plan_steps(steps, by_id=losses[0].actor_id)
    next_steps.note_due(planned)
    return planned


def _is_off_limits(deal: Deal) -> bool:
    return deal.contact is not None and deal.contact.do_not_contact


def _steps_after(loss: DealLost, outcome: Outcome, *, now: dt.datetime) -> list[next_steps.NewStep]:
    wants = loss.aftercare
    steps = []
    if wants.revisit_after_days is not None:
        steps.append(
            _step_after(outcome, wants.revisit_after_days, Purpose.REVISIT, now=now, cause=loss)
        )
    if wants.nurture_track:
        steps.append(_step_after(outcome, FIRST_NURTURE_DAYS, Purpose.NURTURE, now=now, cause=loss))
    return steps


def _step_after(
    outcome: Outcome, days: int, purpose: Purpose, *, now: dt.datetime, cause: DealLost
) -> next_steps.NewStep:
    deal = outcome.deal
    country, zone = next_steps.place_of(deal, deal.contact)
    day = working_days.local_day(outcome.at, zone) + dt.timedelta(days=days)
    tomorrow = working_days.local_day(now, zone) + dt.timedelta(days=1)
    is_revisit = purpose == Purpose.REVISIT
    preferred = deal.contact.preferred_channel if deal.contact else Channel.CALL
    return next_steps.NewStep(
        deal=deal,
        due_at=working_days.opening_time(max(day, tomorrow), country, zone),
        channel=preferred if is_revisit else Channel.EMAIL,
        contact=deal.contact,
        purpose=purpose,
        what="" if is_revisit else cause.aftercare.nurture_track,
        outcome=outcome,
        cause=cause.record_id,
    )


@transaction.atomic(savepoint=False)
def withdraw(outcomes: Mapping[int, int]) -> None:
    """Take back what these closings did and planned, where it is not carried out; outcome ids to deal ids."""
    now = timezone.now()
    raised = {"version": F("version") + 1, "updated_at": now}
    FollowUp.objects.open().filter(outcome__in=outcomes).update(
        state=FollowUpState.CANCELLED, **raised
    )
    FollowUp.objects.filter(cancelled_by__in=outcomes).update(
        state=FollowUpState.DUE, cancelled_by=None, **raised
    )
    next_steps.note_earliest(sorted(set(outcomes.values())))
