"""What a touch can be, and the states of a follow-up with their moves."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shared.errors import ActionRefused


class Channel(models.TextChoices):
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")
    MEETING = "meeting", _("Meeting")
    FORM = "form", _("Form")
    SOCIAL = "social", _("Social media")
    POST = "post", _("Post")


class Direction(models.TextChoices):
    OUT = "out", _("From us")
    IN = "in", _("From the buyer")


class Result(models.TextChoices):
    ANSWERED = "answered", _("Answered")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Left a message")
    REPLIED = "replied", _("Replied")
    BOUNCED = "bounced", _("Bounced")
    KEPT = "kept", _("Kept")
    NOT_KEPT = "not_kept", _("Not kept")
    SENT = "sent", _("Sent")
    OUT_OF_OFFICE = "out_of_office", _("Out of office")


class Signal(models.TextChoices):
    """What the buyer let us feel (B2, sin 7)."""

    WARMER = "warmer", _("Warmer")
    COOLER = "cooler", _("Cooler")
    ASKED_TO_STOP = "asked_to_stop", _("Asked to stop")


class Purpose(models.TextChoices):
    CLOSE = "close", _("Move the deal on")
    NURTURE = "nurture", _("Keep in touch")
    REVISIT = "revisit", _("Call again after a no")
    ORDER_CHECK = "order_check", _("Check on the order")


class FollowUpState(models.TextChoices):
    DUE = "due", _("Due")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[str, frozenset[str]] = {
    FollowUpState.DUE: frozenset(
        {FollowUpState.DONE, FollowUpState.SKIPPED, FollowUpState.CANCELLED}
    ),
    FollowUpState.DONE: frozenset(),
    FollowUpState.SKIPPED: frozenset(),
    # A closing cancels what was open; undoing that closing puts it back.
    FollowUpState.CANCELLED: frozenset({FollowUpState.DUE}),
}


def check_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in MOVES[current]:
        raise ActionRefused(
            gettext("This follow-up is %(state)s already.")
            % {"state": str(FollowUpState(current).label).lower()}
        )
