"""What one may see of reviews and of the buyer's word, and the adjectives that lists are filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from crm.shared.states import MailState
from deals.querysets import OnVisibleDeals, visible_deals
from reviews.states import (
    AWAITING_ANSWER,
    STANDING_REVIEWS,
    InvitationState,
    NextTimeState,
    ReviewState,
)

if TYPE_CHECKING:
    import datetime as dt

    from crm.shared.models import User
    from reviews.models import BuyerFeedback, FeedbackInvitation, NextTime, Review

NOT_DELIVERED = (MailState.SUPPRESSED, MailState.MISSED, MailState.FAILED, MailState.BOUNCED)


class ReviewQuerySet(OnVisibleDeals["Review"]):
    def planned(self) -> Self:
        return self.filter(state=ReviewState.PLANNED)

    def standing(self) -> Self:
        """Planned or held: what counts as this closing's review."""
        return self.filter(state__in=STANDING_REVIEWS)

    def with_names(self) -> Self:
        """Everything that a row of a list names, in one query."""
        return self.select_related(
            "deal__account", "deal__owner", "outcome__reason", "outcome__competitor", "held_by"
        )

    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order. The deal is locked before."""
        return self.order_by("pk").select_for_update(of=("self",))


class NextTimeQuerySet(models.QuerySet["NextTime"]):
    def visible_to(self, user: User) -> Self:
        """Seen with the review that they come from."""
        if user.visible_owner_ids is None:
            return self
        return self.filter(review__deal__in=visible_deals(user).values("pk"))

    def promised(self) -> Self:
        """Open, and from a review that was held: a draft promises nothing."""
        return self.filter(state=NextTimeState.OPEN, review__state=ReviewState.HELD)


class FeedbackInvitationQuerySet(OnVisibleDeals["FeedbackInvitation"]):
    def planned(self) -> Self:
        return self.filter(state=InvitationState.PLANNED)

    def due(self, *, now: dt.datetime) -> Self:
        """To be sent: planned, and their time has come."""
        return self.planned().filter(due_at__lte=now)

    def to_remind(self, *, before: dt.datetime, now: dt.datetime) -> Self:
        """Not answered since `before`: their mail arrived, the closing still stands, nobody tried to remind yet."""
        return self.filter(
            state=InvitationState.INVITED,
            invited_at__lte=before,
            expires_at__gt=now,
            mail__state=MailState.SENT,
            reminder_mail=None,
            outcome__undone_at=None,
        ).exclude(contact__do_not_contact=True, contact__do_not_contact_scope__in=["all", "email"])

    def undelivered(self) -> Self:
        """Invited by a mail that never arrived."""
        return self.filter(state=InvitationState.INVITED, mail__state__in=NOT_DELIVERED)

    def run_out(self, *, now: dt.datetime) -> Self:
        """Their link has ended and nobody answered."""
        return self.filter(state__in=AWAITING_ANSWER, expires_at__lte=now)

    def with_token_hash(self, token_hash: str) -> Self:
        """That of the invitation, or that of its reminder: both links work."""
        return self.filter(Q(token_hash=token_hash) | Q(reminder_token_hash=token_hash))

    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order. The deal is locked before."""
        return self.order_by("pk").select_for_update(of=("self",))

    def claimed(self) -> Self:
        """The same for a worker: rows that another one holds are left to it."""
        return self.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True)


class BuyerFeedbackQuerySet(OnVisibleDeals["BuyerFeedback"]):
    def unread(self) -> Self:
        """Not yet noted by the owner."""
        return self.filter(read_at=None)
