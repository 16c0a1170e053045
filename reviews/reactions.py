"""What reviews does when deals are closed, and when a closing is undone. The order is that of the wiring."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from crm.shared.events import ClosingUndone, DealLost, DealWon
from crm.shared.working_days import local_day
from reviews.actions import feedback, reviewing


def plan_review(closings: Sequence[DealLost | DealWon]) -> None:
    """Wins as well as losses (D2), unless the person left the review out."""
    today = local_day(timezone.now(), settings.ORGANISATION_TIME_ZONE)
    reviewing.plan([closing for closing in closings if is_review_wanted(closing)], today=today)


def is_review_wanted(closing: DealLost | DealWon) -> bool:
    return not isinstance(closing, DealLost) or closing.aftercare.review


def plan_buyer_invitation(losses: Sequence[DealLost]) -> None:
    """The buyer is asked why, as the playbook and the person chose (A3)."""
    feedback.plan(losses)


def withdraw(undone: Sequence[ClosingUndone]) -> None:
    """What was planned and not carried out is taken back."""
    outcome_ids = [event.outcome_id for event in undone]
    now = timezone.now()
    reviewing.withdraw(outcome_ids, now=now)
    feedback.withdraw(outcome_ids, now=now)
