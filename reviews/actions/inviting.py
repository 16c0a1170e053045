"""Sending: invite the buyers whose time has come, remind once, let links end. Safe to run as often as one likes."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse

from crm.shared import mailing
from crm.shared.events import BuyerInvited
from crm.shared.publishing import publish
from crm.shared.states import Audience, MailState
from reviews.actions import feedback
from reviews.models import FeedbackInvitation
from reviews.states import InvitationState, Withdrawal

BATCH = 100
TOKEN_BYTES = 32  # 256 bits
REMIND_AFTER = dt.timedelta(days=7)
LINK_LIVES = dt.timedelta(days=30)
INVITING_WRITES = [
    "state",
    "withdrawn_because",
    "invited_at",
    "expires_at",
    "token_hash",
    "mail",
    "updated_at",
]
TOO_LATE = dt.timedelta(hours=48)  # rule 7


def hash_of(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain SHA-256 cannot be turned round."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite_due(*, now: dt.datetime, limit: int | None = None) -> int:
    """Queue the invitations whose time has come; returns how many were dealt with, sent or withdrawn."""
    due = list(
        FeedbackInvitation.objects.due(now=now)
        .claimed()
        .select_related("contact", "deal__owner", "deal__product")[: limit or BATCH]
    )
    unwilling = mailing.suppressed_among(made.contact.email for made in due)
    for made in due:
        why = feedback.why_not(made.contact, unwilling)
        if made.due_at < now - TOO_LATE:
            why = Withdrawal.LATE
        made.withdrawn_because = why
        made.state = InvitationState.WITHDRAWN if why else InvitationState.PLANNED
        made.updated_at = now
    _invite([made for made in due if not made.withdrawn_because], now=now)
    FeedbackInvitation.objects.bulk_update(due, INVITING_WRITES)
    publish(
        [
            BuyerInvited(actor_id=None, deal_id=made.deal_id, invitation_id=made.pk)
            for made in due
            if made.state == InvitationState.INVITED
        ]
    )
    return len(due)


def _invite(invitations: Sequence[FeedbackInvitation], *, now: dt.datetime) -> None:
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _made in invitations]
    mails = mailing.queue(
        [
            _mail(
                made, kind="invitation", token=token, due_at=made.due_at, ends_at=now + LINK_LIVES
            )
            for made, token in zip(invitations, tokens, strict=True)
        ]
    )
    for made, token, mail in zip(invitations, tokens, mails, strict=True):
        made.mail = mail
        if mail.state == MailState.SCHEDULED:
            made.state, made.token_hash = InvitationState.INVITED, hash_of(token)
            made.invited_at, made.expires_at = now, now + LINK_LIVES
        else:
            made.state, made.withdrawn_because = InvitationState.WITHDRAWN, Withdrawal.NOT_SENT


@transaction.atomic
def remind_due(*, now: dt.datetime, limit: int | None = None) -> int:
    """Remind, once, whoever has not answered a week after their mail arrived; returns how many were tried.

    The first token is not kept, so the reminder brings a second link; both work, for one answer.
    """
    waiting = list(
        FeedbackInvitation.objects.to_remind(before=now - REMIND_AFTER, now=now)
        .claimed()
        .select_related("contact", "deal__owner", "deal__product")[: limit or BATCH]
    )
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _made in waiting]
    mails = mailing.queue(
        [
            _mail(made, kind="reminder", token=token, due_at=now, ends_at=made.expires_at or now)
            for made, token in zip(waiting, tokens, strict=True)
        ]
    )
    for made, token, mail in zip(waiting, tokens, mails, strict=True):
        made.reminder_mail, made.updated_at = mail, now
        if mail.state == MailState.SCHEDULED:
            made.state, made.reminded_at = InvitationState.REMINDED, now
            made.reminder_token_hash = hash_of(token)
    FeedbackInvitation.objects.bulk_update(
        waiting, ["state", "reminder_mail", "reminded_at", "reminder_token_hash", "updated_at"]
    )
    return len(waiting)


@transaction.atomic
def settle(*, now: dt.datetime) -> None:
    """End what has run out, and what never reached its reader."""
    FeedbackInvitation.objects.run_out(now=now).update(
        state=InvitationState.EXPIRED, updated_at=now
    )
    FeedbackInvitation.objects.undelivered().update(
        state=InvitationState.WITHDRAWN, withdrawn_because=Withdrawal.NOT_SENT, updated_at=now
    )


def _mail(
    made: FeedbackInvitation, *, kind: str, token: str, due_at: dt.datetime, ends_at: dt.datetime
) -> mailing.Mail:
    """A mail that never sells (D7): it names the product at most, never our title of the deal or a price."""
    contact, owner = made.contact, made.deal.owner
    return mailing.Mail(
        key=f"feedback-{kind}:{made.pk}",
        template=f"feedback_{kind}",
        context={
            "name": contact.name,
            "owner": owner.name,
            "product": made.deal.product.name if made.deal.product else "",
            "path": reverse("reviews_public:feedback", args=[token]),
            "ends_at": ends_at,
        },
        to_address=contact.email,
        to_name=contact.name,
        due_at=due_at,
        audience=Audience.BUYER,
        language=contact.language,
        time_zone=contact.time_zone,
        country=contact.country,
        reply_to=owner.email,
        from_name=owner.name,
        user_id=owner.pk,
        contact_id=contact.pk,
        deal_id=made.deal_id,
    )
