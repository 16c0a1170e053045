"""The buyer's word: plan to ask for it, and take the one answer. Sending is in `inviting`."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared import mailing
from crm.shared.errors import ActionRefused
from crm.shared.events import BuyerInvitationPlanned, DealLost, FeedbackReceived
from crm.shared.models import OutgoingMail, Suppression, User
from crm.shared.publishing import publish
from crm.shared.states import MailState
from crm.shared.working_days import local_day, opening_time
from deals.models import Contact, Deal, LossReason, NoContact, Outcome
from reviews.models import BuyerFeedback, FeedbackInvitation
from reviews.states import (
    AWAITING_ANSWER,
    BEYOND_PRICE,
    InvitationState,
    Withdrawal,
    check_invitation_move,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What a buyer told us. Every field may be left out, though not all of them."""

    reason: LossReason | None = None
    factors: Sequence[str] = ()
    value_statement: str = ""
    words: str = ""
    show_name: bool = False
    may_contact: bool = False
    contact_again_on: dt.date | None = None
    can_help: str = ""

    @property
    def is_empty(self) -> bool:
        words = self.value_statement + self.words + self.can_help
        return not (self.reason or self.factors or self.may_contact or words.strip())


# ---- plan ----------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def plan(losses: Sequence[DealLost]) -> list[FeedbackInvitation]:
    """Plan to ask the buyer why, at 09:00 there on a working day, as each loss's aftercare says (A3).

    Whoever cannot be written to is not asked, and nothing is planned: no contact wished, no address, or one that
    wants no mail (rule 8). Days count from the closing; one in the past asks from today on.
    """
    asked = [
        loss
        for loss in losses
        if loss.aftercare.ask_buyer and loss.aftercare.ask_buyer_after_days is not None
    ]
    closed = Outcome.objects.select_related("deal__contact").in_bulk(
        [loss.outcome_id for loss in asked]
    )
    contacts = Contact.objects.named(
        (loss.aftercare.ask_buyer for loss in asked),
        known=(outcome.deal.contact for outcome in closed.values()),
    )
    unwilling = mailing.suppressed_among(contact.email for contact in contacts.values())
    reachable = {pk for pk, contact in contacts.items() if not why_not(contact, unwilling)}
    wanted = {loss.outcome_id: loss for loss in asked if loss.aftercare.ask_buyer in reachable}
    invitations = FeedbackInvitation.objects.bulk_create(
        FeedbackInvitation(
            deal_id=loss.deal_id,
            outcome_id=loss.outcome_id,
            contact=(contact := contacts[loss.aftercare.ask_buyer or 0]),
            due_at=_due_at(loss, contact, closed[loss.outcome_id].at),
        )
        for loss in wanted.values()
    )
    publish([_planned(made, cause=wanted[made.outcome_id]) for made in invitations])
    return invitations


def why_not(contact: Contact, unwilling: dict[str, Suppression]) -> str:
    """Why this person cannot be written to; empty when they can."""
    if contact.refuses(NoContact.EMAIL):
        return Withdrawal.NO_CONTACT
    if not contact.email:
        return Withdrawal.NO_ADDRESS
    is_unwilling = mailing.normal_address(contact.email) in unwilling
    return Withdrawal.NO_CONTACT if is_unwilling else ""


def _due_at(loss: DealLost, contact: Contact, closed_at: dt.datetime) -> dt.datetime:
    days = dt.timedelta(days=loss.aftercare.ask_buyer_after_days or 0)
    day = local_day(closed_at, contact.time_zone) + days
    today = local_day(loss.at or closed_at, contact.time_zone)
    return opening_time(max(day, today), contact.country, contact.time_zone)


def _planned(invitation: FeedbackInvitation, *, cause: DealLost) -> BuyerInvitationPlanned:
    return BuyerInvitationPlanned(
        actor_id=cause.actor_id,
        deal_id=invitation.deal_id,
        invitation_id=invitation.pk,
        contact_id=invitation.contact_id,
        due_at=invitation.due_at.isoformat(),
        caused_by=cause.record_id,
    )


@transaction.atomic
def withdraw(outcome_ids: Sequence[int], *, now: dt.datetime) -> None:
    """Take back what has not reached a buyer. A link that is with them stays good; its reminder is stopped."""
    invitations = FeedbackInvitation.objects.filter(outcome__in=outcome_ids)
    invitations.planned().update(
        state=InvitationState.WITHDRAWN, withdrawn_because=Withdrawal.UNDONE, updated_at=now
    )
    running = list(invitations.filter(state__in=AWAITING_ANSWER).locked())
    mail_ids = {made.mail_id for made in running} | {made.reminder_mail_id for made in running}
    mailing.cancel(OutgoingMail.objects.filter(pk__in=[pk for pk in mail_ids if pk]))
    invitations.filter(state=InvitationState.INVITED, mail__state=MailState.CANCELLED).update(
        state=InvitationState.WITHDRAWN, withdrawn_because=Withdrawal.UNDONE, updated_at=now
    )


# ---- answer --------------------------------------------------------------------------------------


@transaction.atomic
def answer(invitation: FeedbackInvitation, *, given: Answer, now: dt.datetime) -> BuyerFeedback:
    """Take the buyer's one answer; without their consent no name is kept with it (A3, D7).

    Raises ActionRefused when nothing was answered, or the link has ended: answered, run out, withdrawn.
    """
    if given.is_empty:
        raise ActionRefused(_("There is nothing to send yet. One answer is plenty."))
    if set(given.factors) - {value for value, _label in BEYOND_PRICE}:
        raise ActionRefused(_("Unknown factor."), fields={"factors": _("Choose from the list.")})
    deal = Deal.objects.locked().get(pk=invitation.deal_id)
    invitation = FeedbackInvitation.objects.locked().get(pk=invitation.pk)
    check_invitation_move(invitation.state, InvitationState.ANSWERED)
    if invitation.expires_at is None or invitation.expires_at <= now:
        raise ActionRefused(_("This link has ended."))
    invitation.state = InvitationState.ANSWERED
    invitation.save(update_fields=["state", "updated_at"])
    mailing.cancel(OutgoingMail.objects.filter(pk=invitation.reminder_mail_id or 0))
    feedback = BuyerFeedback.objects.create(
        deal=deal,
        invitation=invitation,
        contact_id=invitation.contact_id if given.show_name else None,
        at=now,
        reason=given.reason,
        factors=list(given.factors),
        value_statement=given.value_statement.strip(),
        words=given.words.strip(),
        show_name=given.show_name,
        may_contact=given.may_contact,
        contact_again_on=given.contact_again_on if given.may_contact else None,
        can_help=given.can_help.strip(),
    )
    publish([_received(feedback, invitation=invitation, owner_id=deal.owner_id)])
    return feedback


def _received(
    feedback: BuyerFeedback, *, invitation: FeedbackInvitation, owner_id: int
) -> FeedbackReceived:
    return FeedbackReceived(
        actor_id=None,
        deal_id=feedback.deal_id,
        feedback_id=feedback.pk,
        outcome_id=invitation.outcome_id,
        owner_id=owner_id,
        contact_id=feedback.contact_id,
        names_somebody=bool(feedback.can_help),
    )


@transaction.atomic
def mark_read(invitation: FeedbackInvitation, *, by: User, now: dt.datetime) -> None:
    """The answer to this invitation was read and leaves Today. Twice is once."""
    unread = BuyerFeedback.objects.unread().filter(invitation=invitation)
    unread.update(read_at=now, updated_at=now)


@transaction.atomic(savepoint=False)
def move_reasons(merged: Mapping[int, int]) -> None:
    """What buyers gave as a reason that became another: that other, by the ids of both."""
    for old, new in merged.items():
        BuyerFeedback.objects.filter(reason=old).update(reason=new)
