"""The words of a review: the same questions for wins and losses, each put as the outcome asks (D2, D3, D9)."""

import dataclasses

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.states import DealStatus
from reviews.models import Review


@dataclasses.dataclass(frozen=True, kw_only=True)
class Words:
    """The questions with their hints."""

    value: str
    value_hint: str
    voices: str
    voices_hint: str
    factors: str
    factors_hint: str
    next_time: str
    next_time_hint: str


def of(review: Review) -> Words:
    """The questions of this review, blameless for both outcomes (A14)."""
    is_won = review.outcome.kind == DealStatus.WON
    return Words(
        value=_("How would the customer put the value of what they chose?")
        if is_won
        else _("How would the customer put the value of what they chose instead?"),
        value_hint=_(
            "Beyond the users of the product, too: other departments, other priorities of theirs."
        ),
        voices=_("Who were the most influential voices, in and outside the room?"),
        voices_hint=_("Pick the people on the deal, and name those who are not on it."),
        factors=_("Beyond price, what were the key factors in the decision?"),
        factors_hint=_(
            "Tick what counted, then put the most important first. Price may be among them, not alone."
        ),
        next_time=_("What will we do again next time?")
        if is_won
        else _("What will we do differently next time?"),
        next_time_hint=_("One thing is enough. It comes back when a similar deal opens."),
    )


def held(minutes: int | None) -> str:
    """What the toast says after a review."""
    if minutes is None:
        return _("Review held. What we do next time is kept.")
    return ngettext(
        "Review held in %(n)d minute. What we do next time is kept.",
        "Review held in %(n)d minutes. What we do next time is kept.",
        minutes,
    ) % {"n": minutes}
