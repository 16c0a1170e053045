"""What reviews does when deals are closed, and when a closing is undone. The order is that of the wiring."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from crm.shared import moving
from crm.shared.directory_events import DirectoryMerged, MergeUndone
from crm.shared.events import ClosingUndone, DealLost, DealWon
from crm.shared.settings_events import PersonLeft, SetUpMerged
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


def move_to_merged(merges: Sequence[SetUpMerged]) -> None:
    """What buyers named goes with the reason that it was merged into."""
    feedback.move_reasons({one.merged_id: one.thing_id for one in merges if one.kind == "reason"})


def hand_over(leavings: Sequence[PersonLeft]) -> None:
    """What somebody promised to do next time is promised by a colleague now."""
    for left in leavings:
        reviewing.hand_over(left.person_id, heir_ids=left.heir_ids)


def follow_merge(merges: Sequence[DirectoryMerged]) -> None:
    """What hangs on an account or a person that went into another goes with it."""
    moving.follow(merges, app="reviews")


def go_back(undone: Sequence[MergeUndone]) -> None:
    """The merge was undone."""
    moving.go_back(undone, app="reviews")
