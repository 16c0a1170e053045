"""States of reviews and invitations with their moves, and the lists that both sides choose from."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shared.errors import ActionRefused


class ReviewState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Why(models.TextChoices):
    """Why this deal and not another (D8, D11); the values are those of `selection`."""

    AMOUNT = "amount", _("its amount reaches the team’s threshold")
    ACCOUNT = "account", _("no review with this customer yet this quarter")
    OWNER = "owner", _("no review of this owner’s deals yet this quarter")
    CHANCE = "chance", _("drawn by chance, so that all kinds of deals are looked at")
    BY_HAND = "by_hand", _("somebody asked for it")


class NextTimeState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class InvitationState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    INVITED = "invited", _("Invited")
    REMINDED = "reminded", _("Reminded")
    ANSWERED = "answered", _("Answered")
    EXPIRED = "expired", _("Ended without an answer")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Withdrawal(models.TextChoices):
    """Why an invitation never went out."""

    UNDONE = "undone", _("the closing was undone")
    NO_CONTACT = "no_contact", _("this person wishes no contact")
    NO_ADDRESS = "no_address", _("no e-mail address is known")
    LATE = "late", _("it would have come more than 48 hours late")
    NOT_SENT = "not_sent", _("the mail could not be sent")


class Factor(models.TextChoices):
    """What weighed in, besides the reason: one list for reviews and for buyers (third question, D3)."""

    PRICE = "price", _("Price")
    VALUE = "value", _("What it brings")
    FIT = "fit", _("Fit with the work to be done")
    EFFORT = "effort", _("Effort to introduce it")
    TERMS = "terms", _("Terms of the contract")
    SPEED = "speed", _("How questions were answered")
    REFERENCES = "references", _("References from others")
    TRUST = "trust", _("Trust or working together")
    PEOPLE = "people", _("The people involved")
    RISK = "risk", _("Risk of the change")
    OTHER = "other", _("Something else")


BEYOND_PRICE = [(value, label) for value, label in Factor.choices if value != Factor.PRICE]


class BuyerReason(models.TextChoices):
    """The delivered reasons in a buyer's words, by slug. One that is not here is asked under its own name."""

    BUDGET_GONE = "budget-gone", _("Budget was not available")
    PRICE_OR_VALUE = "price-or-value", _("Price against what it brings")
    LOST_TO_A_COMPETITOR = "lost-to-a-competitor", _("Another supplier suited better")
    TIMING = "timing", _("The timing")
    MISSING_FEATURE = "missing-feature", _("Something was missing in the offer")
    POOR_FIT = "poor-fit", _("It did not suit our work")
    RELATIONSHIP_OR_TRUST = "relationship-or-trust", _("Trust or working together")
    TERMS_OR_LEGAL = "terms-or-legal", _("Terms or legal questions")
    KEPT_IN_HOUSE = "kept-in-house", _("We do it ourselves")
    PROJECT_CANCELLED = "project-cancelled", _("The project was stopped")
    NO_DECISION = "no-decision", _("We decided not to change anything")
    OTHER = "other", _("Something else")


NOT_ASKED = frozenset({"no-decision-maker"})  # our side of it only

REVIEW_MOVES: Mapping[str, frozenset[str]] = {
    ReviewState.PLANNED: frozenset({ReviewState.HELD, ReviewState.WITHDRAWN}),
    ReviewState.HELD: frozenset(),
    ReviewState.WITHDRAWN: frozenset(),
}

INVITATION_MOVES: Mapping[str, frozenset[str]] = {
    InvitationState.PLANNED: frozenset({InvitationState.INVITED, InvitationState.WITHDRAWN}),
    # Withdrawn after the invitation was queued: its mail was stopped before it left.
    InvitationState.INVITED: frozenset(
        {
            InvitationState.REMINDED,
            InvitationState.ANSWERED,
            InvitationState.EXPIRED,
            InvitationState.WITHDRAWN,
        }
    ),
    InvitationState.REMINDED: frozenset({InvitationState.ANSWERED, InvitationState.EXPIRED}),
    InvitationState.ANSWERED: frozenset(),
    InvitationState.EXPIRED: frozenset(),
    InvitationState.WITHDRAWN: frozenset(),
}

STANDING_REVIEWS = (ReviewState.PLANNED, ReviewState.HELD)
AWAITING_ANSWER = (InvitationState.INVITED, InvitationState.REMINDED)


def check_review_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in REVIEW_MOVES[current]:
        raise ActionRefused(
            gettext("This review is %(state)s already.")
            % {"state": str(ReviewState(current).label).lower()}
        )


def check_invitation_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in INVITATION_MOVES[current]:
        raise ActionRefused(gettext("This link has ended."))
