"""Erasing a person: their answers in words and the links they hold; what they chose from lists still counts."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from crm.shared import erasing
from deals.models import Contact, Deal
from reviews.models import BuyerFeedback, FeedbackInvitation, NextTime
from reviews.states import AWAITING_ANSWER, InvitationState, Withdrawal

if TYPE_CHECKING:
    from crm.shared.personal import Person

SECRETS = ("token_hash", "reminder_token_hash")


@transaction.atomic(savepoint=False)
def erase(person: Person) -> None:
    """Nobody is asked any more, no link of theirs leads anywhere, and reviews of their deals name them no more."""
    now = timezone.now()
    invitations = FeedbackInvitation.objects.filter(contact__in=person.ids)
    invitations.planned().update(
        state=InvitationState.WITHDRAWN, withdrawn_because=Withdrawal.NO_CONTACT, updated_at=now
    )
    invitations.filter(state__in=AWAITING_ANSWER).update(
        state=InvitationState.EXPIRED, expires_at=now, updated_at=now
    )
    known = list(invitations.exclude(token_hash=None).only(*SECRETS))
    for made in known:  # that no link leads to
        made.token_hash = secrets.token_hex(32)
        made.reminder_token_hash = secrets.token_hex(32) if made.reminder_token_hash else None
    FeedbackInvitation.objects.bulk_update(known, SECRETS, batch_size=500)
    answers = BuyerFeedback.objects.filter(invitation__contact__in=person.ids)
    answers.update(may_contact=False, contact_again_on=None)
    erasing.blank(answers)
    erasing.strike_on_deals(person, Deal, app="reviews")
    erasing.strike(person, NextTime.objects.filter(review__deal__in=person.deal_ids))
    erasing.blank_naming(person, Contact, app="reviews")
