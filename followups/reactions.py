"""What follow-ups do about openings, closings and undone closings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from followups.actions import aftercare, plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.events import (
        ClosingUndone,
        DealDisqualified,
        DealLost,
        DealOpened,
        DealWon,
    )


def plan_first_follow_up(openings: Sequence[DealOpened]) -> None:
    records = {opening.deal_id: opening.record_id for opening in openings}
    plans.plan_first(records, by_id=openings[0].actor_id, now=timezone.now())


def cancel_open_follow_ups(closings: Sequence[DealLost | DealWon | DealDisqualified]) -> None:
    aftercare.cancel_open([closing.deal_id for closing in closings])


def plan_revisit_or_nurture(losses: Sequence[DealLost]) -> None:
    aftercare.plan_revisits(losses, now=timezone.now())


def withdraw(undone: Sequence[ClosingUndone]) -> None:
    aftercare.withdraw({event.outcome_id: event.deal_id for event in undone})
