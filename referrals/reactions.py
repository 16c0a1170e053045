"""What referrals does when deals are closed, when a buyer answers, and when a closing is undone."""

from collections.abc import Sequence

from django.utils import timezone

from crm.shared import moving
from crm.shared.directory_events import DirectoryMerged, MergeUndone
from crm.shared.events import ClosingUndone, DealLost, DealWon, FeedbackReceived
from referrals.actions import asks


def plan_ask(closings: Sequence[DealLost | DealWon]) -> None:
    """Every no, and every win, leads to the question whom else we could help (A6)."""
    asks.plan(closings)


def open_from_feedback(answers: Sequence[FeedbackReceived]) -> None:
    """A buyer named somebody we could help."""
    asks.open_from_feedback([answer for answer in answers if answer.names_somebody])


def withdraw(undone: Sequence[ClosingUndone]) -> None:
    """What was planned and not asked is taken back."""
    asks.withdraw([event.outcome_id for event in undone], now=timezone.now())


def follow_merge(merges: Sequence[DirectoryMerged]) -> None:
    """What hangs on an account or a person that went into another goes with it."""
    moving.follow(merges, app="referrals")


def go_back(undone: Sequence[MergeUndone]) -> None:
    """The merge was undone."""
    moving.go_back(undone, app="referrals")
