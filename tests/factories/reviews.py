"""Reviews, invitations and answers for tests; plain, through the actions where the row follows rules."""

import datetime as dt
from typing import Any

from django.utils import timezone

from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal, Outcome
from reviews.actions import feedback, inviting, reviewing
from reviews.actions.feedback import Answer
from reviews.actions.inviting import hash_of
from reviews.actions.reviewing import Draft, Promise
from reviews.models import BuyerFeedback, FeedbackInvitation, Review
from reviews.states import InvitationState, Why
from tests.factories import deals

TOKEN = "the-token-of-the-invitation"


def lost_deal(*, owner: User, reason: str = "price-or-value", **fields: Any) -> Deal:
    """A deal lost a moment ago, with everything that follows from it."""
    deal = deals.deal(owner=owner, **fields)
    closing.lose(deal, reason=deals.reason(reason), by=owner)
    deal.refresh_from_db()
    return deal


def outcome(*, owner: User, at: dt.datetime | None = None, **fields: Any) -> Outcome:
    """A loss from which nothing followed, as an import of the past records it; `fields` are the deal's."""
    deal = deals.deal(owner=owner, **fields)
    return closing.lose(deal, reason=deals.reason(), by=owner, at=at, historical=True)


def review(*, owner: User, **fields: Any) -> Review:
    """A planned review of a deal of `owner`, due in a week."""
    made = fields.pop("outcome", None) or outcome(owner=owner)
    known = {"due_on": dt.date(2026, 4, 27), "why": Why.ACCOUNT}
    return Review.objects.create(outcome=made, deal=made.deal, **(known | fields))


def complete_draft(**fields: Any) -> Draft:
    """All three questions answered, and one thing to do next time."""
    known = {
        "value": "Half the work on Mondays",
        "voices": "The plant manager, who was never in the room",
        "factors": ["trust", "price"],
        "next_times": [Promise(text="Meet the plant manager first")],
    }
    return Draft(**(known | fields))


def held_review(*, owner: User, **fields: Any) -> Review:
    made = review(owner=owner, **fields)
    return reviewing.hold(made, by=owner, now=timezone.now(), draft=complete_draft())


def invitation(*, owner: User, **fields: Any) -> FeedbackInvitation:
    """An invitation planned for now, to a person in London."""
    made = fields.pop("outcome", None) or outcome(owner=owner, contact=deals.contact(owner=owner))
    known = {"due_at": timezone.now(), "contact": made.deal.contact}
    return FeedbackInvitation.objects.create(outcome=made, deal=made.deal, **(known | fields))


def sent_invitation(*, owner: User, token: str = TOKEN, **fields: Any) -> FeedbackInvitation:
    """An invitation whose link is with the buyer."""
    now = timezone.now()
    known = {
        "state": InvitationState.INVITED,
        "token_hash": hash_of(token),
        "invited_at": now,
        "expires_at": now + inviting.LINK_LIVES,
    }
    return invitation(owner=owner, **(known | fields))


def answered(
    *, owner: User, invited: FeedbackInvitation | None = None, **fields: Any
) -> BuyerFeedback:
    """The buyer's answer: timing mattered most."""
    known: dict[str, Any] = {
        "reason": deals.reason("timing"),
        "words": "Ask us again in spring",
        "show_name": True,
    }
    made = invited or sent_invitation(owner=owner)
    return feedback.answer(made, given=Answer(**(known | fields)), now=timezone.now())
