"""What a closing means for follow-ups: open ones are cancelled, a call again is planned, and an undo takes both back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from crm.shared import working_days
from crm.shared.events import DealLost
from deals.models import Deal, NoContact, Outcome
from deals.states import FIRST_NURTURE_DAYS, OpenTasks
from followups.actions import next_steps
from followups.models import FollowUp
from followups.states import Channel, FollowUpState, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.shared.events import DealDisqualified, DealWon

    Closed = DealLost | DealWon | DealDisqualified

OF_OUTCOME = ("deal__contact", "deal__account", "deal__owner")


@transaction.atomic(savepoint=False)
def settle_open(closings: Sequence[Closed], *, now: dt.datetime) -> None:
    """Withdraw what was still to do on deals just closed, keep it, or make one call again of it, as each closing says."""
    kept = [one.deal_id for one in closings if open_tasks_of(one) == OpenTasks.KEEP]
    _cancel([one.deal_id for one in closings if open_tasks_of(one) != OpenTasks.KEEP])
    if kept:
        next_steps.note_earliest(kept)
    turned = [
        one
        for one in closings
        if open_tasks_of(one) == OpenTasks.REVISIT and not _has_own_revisit(one)
    ]
    if turned:
        _turn_into_revisits(turned, now=now)


def open_tasks_of(closing: Closed) -> str:
    return closing.aftercare.open_tasks if isinstance(closing, DealLost) else closing.open_tasks


def _has_own_revisit(closing: Closed) -> bool:
    return isinstance(closing, DealLost) and closing.aftercare.revisit_after_days is not None


def _turn_into_revisits(closings: Sequence[Closed], *, now: dt.datetime) -> None:
    """One call on the day of the earliest that was open; whoever has nothing open gets none."""
    open_before = _withdrawn_by([one.outcome_id for one in closings])
    outcomes = Outcome.objects.select_related(*OF_OUTCOME).in_bulk(list(open_before))
    steps = [
        next_steps.NewStep(
            deal=outcomes[one.outcome_id].deal,
            due_at=max(now, open_before[one.outcome_id][0].due_at),
            channel=open_before[one.outcome_id][0].channel,
            contact=open_before[one.outcome_id][0].contact,
            purpose=Purpose.REVISIT,
            what=_whats(open_before[one.outcome_id]),
            outcome=outcomes[one.outcome_id],
            cause=one.record_id,
        )
        for one in closings
        if one.outcome_id in open_before
    ]
    if steps:
        planned = next_steps.plan_steps(steps, by_id=closings[0].actor_id)
        next_steps.note_due(planned)


def _withdrawn_by(outcome_ids: Sequence[int]) -> dict[int, list[FollowUp]]:
    """The follow-ups that these closings have withdrawn, by closing, the earliest first."""
    rows = FollowUp.objects.filter(cancelled_by__in=outcome_ids).select_related("contact")
    found: dict[int, list[FollowUp]] = defaultdict(list)
    for row in rows.order_by("due_at", "pk"):
        found[row.cancelled_by_id or 0].append(row)
    return dict(found)


def _whats(rows: Sequence[FollowUp]) -> str:
    return "; ".join(row.what for row in rows if row.what)[:300]


def _cancel(deal_ids: Sequence[int]) -> None:
    """Each keeps the closing that withdrew it, for an undo."""
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
    outcomes = Outcome.objects.select_related(*OF_OUTCOME).in_bulk(
        [loss.outcome_id for loss in wanted]
    )
    turned = [loss.outcome_id for loss in wanted if open_tasks_of(loss) == OpenTasks.REVISIT]
    open_before = _withdrawn_by(turned) if turned else {}
    steps = [
        dataclasses.replace(step, what=_whats(open_before.get(loss.outcome_id, [])))
        if step.purpose == Purpose.REVISIT
        else step
        for loss in wanted
        if not _is_off_limits(outcomes[loss.outcome_id].deal)
        for step in _steps_after(loss, outcomes[loss.outcome_id], now=now)
    ]
    if not steps:
        return []
    planned = next_steps.plan_steps(steps, by_id=losses[0].actor_id)
    next_steps.note_due(planned)
    if kept := [loss.deal_id for loss in wanted if open_tasks_of(loss) == OpenTasks.KEEP]:
        next_steps.note_earliest(kept)
    return planned


def _is_off_limits(deal: Deal) -> bool:
    return deal.contact is not None and deal.contact.refuses(NoContact.ALL)


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
