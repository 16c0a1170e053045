"""What follow-ups do about openings, closings and undone closings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from crm.shared import moving
from deals.states import ProposalState
from followups.actions import aftercare, plans, touches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.directory_events import DirectoryMerged, MergeUndone
    from crm.shared.events import (
        ClosingUndone,
        DealDisqualified,
        DealLost,
        DealOpened,
        DealWon,
        FeedbackReceived,
    )
    from crm.shared.selling_events import ProposalAnswered


def plan_first_follow_up(openings: Sequence[DealOpened]) -> None:
    records = {opening.deal_id: opening.record_id for opening in openings}
    plans.plan_first(records, by_id=openings[0].actor_id, now=timezone.now())


def settle_open_follow_ups(closings: Sequence[DealLost | DealWon | DealDisqualified]) -> None:
    aftercare.settle_open(closings, now=timezone.now())


def plan_revisit_or_nurture(losses: Sequence[DealLost]) -> None:
    aftercare.plan_revisits(losses, now=timezone.now())


def withdraw(undone: Sequence[ClosingUndone]) -> None:
    aftercare.withdraw({event.outcome_id: event.deal_id for event in undone})


def hear_answers(answers: Sequence[ProposalAnswered]) -> None:
    """An answer to a proposal is the buyer's, whatever it says; of an earlier day, as that day ended."""
    touches.hear(
        {
            answer.deal_id: _end_of(dt.date.fromisoformat(answer.answered_on))
            for answer in answers
            if answer.state != ProposalState.WITHDRAWN
        }
    )


def hear_feedback(answers: Sequence[FeedbackReceived]) -> None:
    """The buyer said why; the deal is closed, and if the closing is undone, it was heard all the same."""
    now = timezone.now()
    touches.hear({answer.deal_id: now for answer in answers})


def _end_of(day: dt.date) -> dt.datetime:
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return min(timezone.make_aware(midnight), timezone.now())


def follow_merge(merges: Sequence[DirectoryMerged]) -> None:
    """What hangs on an account or a person that went into another goes with it."""
    moving.follow(merges, app="followups")


def go_back(undone: Sequence[MergeUndone]) -> None:
    """The merge was undone."""
    moving.go_back(undone, app="followups")
