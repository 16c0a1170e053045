"""Referral asks: plan after a no or a win, asked, given, declined, waive, withdraw (A6)."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import (
    DealLost,
    DealWon,
    Event,
    FeedbackReceived,
    ReferralAskAnswered,
    ReferralAskPlanned,
)
from crm.shared.models import User
from crm.shared.publishing import publish
from crm.shared.working_days import local_day, next_working_day
from deals.actions import pipeline
from deals.models import Contact, Deal, NoContact, Outcome
from referrals.models import ReferralAsk
from referrals.states import AskState, Origin, check_move

DAYS_AFTER_A_WIN = 30


# ---- plan ----------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def plan(closings: Sequence[DealLost | DealWon]) -> list[ReferralAsk]:
    """Plan to ask: after a loss as its aftercare says, after a win in 30 days, on a working day of the person.

    Whoever wishes no contact is not asked: the ask then stands without a person, for the owner to think of one.
    Days count from the closing; one in the past is asked from today on. A fixed number of queries for any batch.
    """
    wanted = {closing.outcome_id: closing for closing in closings if _days(closing) is not None}
    closed = Outcome.objects.filter(pk__in=wanted).select_related("deal__contact", "owner")
    outcomes = list(closed.order_by("pk"))
    contacts = Contact.objects.named(
        (_contact_id(wanted[outcome.pk], outcome.deal) for outcome in outcomes),
        known=(outcome.deal.contact for outcome in outcomes),
    )
    asks = ReferralAsk.objects.bulk_create(
        _planned(outcome, cause=wanted[outcome.pk], contacts=contacts) for outcome in outcomes
    )
    publish([_event(ask, cause=wanted[ask.outcome_id]) for ask in asks])
    return asks


def _days(closing: DealLost | DealWon) -> int | None:
    """How many days after the closing to ask; None = not wanted."""
    if isinstance(closing, DealLost):
        return closing.aftercare.ask_referral_after_days
    return DAYS_AFTER_A_WIN


def _contact_id(closing: DealLost | DealWon, deal: Deal) -> int | None:
    """Whom to ask: after a loss whom the aftercare names, after a win the deal's contact."""
    return closing.aftercare.ask_referral_of if isinstance(closing, DealLost) else deal.contact_id


def _planned(
    outcome: Outcome, *, cause: DealLost | DealWon, contacts: Mapping[int, Contact]
) -> ReferralAsk:
    contact = contacts.get(_contact_id(cause, outcome.deal) or 0)
    if contact is not None and contact.refuses(NoContact.ALL):
        contact = None
    days = dt.timedelta(days=_days(cause) or 0)
    return ReferralAsk(
        deal_id=outcome.deal_id,
        outcome=outcome,
        contact=contact,
        origin=Origin.LOSS if isinstance(cause, DealLost) else Origin.WIN,
        due_on=_due_on(outcome.at + days, cause.at, contact=contact, owner=outcome.owner),
    )


def _due_on(
    moment: dt.datetime, now: dt.datetime | None, *, contact: Contact | None, owner: User
) -> dt.date:
    """The first working day from `moment` and from `now` on: the person's, or the owner's where there is none."""
    where = contact or owner
    own_days = () if contact else tuple(owner.working_days)
    earliest = max(moment, now) if now else moment
    return next_working_day(local_day(earliest, where.time_zone), where.country, own_days)


def _event(ask: ReferralAsk, *, cause: Event) -> ReferralAskPlanned:
    return ReferralAskPlanned(
        actor_id=cause.actor_id,
        deal_id=ask.deal_id,
        ask_id=ask.pk,
        contact_id=ask.contact_id,
        due_on=ask.due_on.isoformat(),
        caused_by=cause.record_id,
    )


@transaction.atomic
def open_from_feedback(answers: Sequence[FeedbackReceived]) -> list[ReferralAsk]:
    """The buyers named somebody we could help: ask now. An ask that waits for its day is brought forward.

    A buyer who stays without a name leads to an ask of its own, without a person: brought forward, the other
    would tell who answered.
    """
    wanted = {answer.outcome_id: answer for answer in answers}
    named = [answer.outcome_id for answer in answers if answer.contact_id]
    outcomes = Outcome.objects.select_related("owner").in_bulk(list(wanted))
    contacts = Contact.objects.in_bulk({answer.contact_id for answer in answers} - {None})
    waiting = list(ReferralAsk.objects.due().filter(outcome__in=named).locked())
    brought_forward = {ask.outcome_id for ask in waiting}
    asks = waiting + [
        ReferralAsk(deal_id=outcome.deal_id, outcome=outcome)
        for outcome_id, outcome in outcomes.items()
        if outcome_id not in brought_forward
    ]
    for ask in asks:
        answer, owner = wanted[ask.outcome_id], outcomes[ask.outcome_id].owner
        contact = contacts.get(answer.contact_id or 0)
        at = answer.at or timezone.now()
        ask.contact, ask.origin, ask.updated_at = contact or ask.contact, Origin.FEEDBACK, at
        ask.due_on = _due_on(at, None, contact=contact, owner=owner)
    for ask in waiting:
        ask.version += 1
    ReferralAsk.objects.bulk_update(
        waiting, ["contact", "origin", "due_on", "version", "updated_at"]
    )
    ReferralAsk.objects.bulk_create(ask for ask in asks if ask.pk is None)
    publish([_event(ask, cause=wanted[ask.outcome_id]) for ask in asks])
    return asks


@transaction.atomic
def withdraw(outcome_ids: Sequence[int], *, now: dt.datetime) -> None:
    """Take back what these closings planned and nobody asked yet."""
    ReferralAsk.objects.due().filter(outcome__in=outcome_ids).update(
        state=AskState.WITHDRAWN, version=F("version") + 1, updated_at=now
    )


# ---- carry out -----------------------------------------------------------------------------------


@transaction.atomic
def asked(
    ask: ReferralAsk, *, by: User, now: dt.datetime, letter: str = "", version: int | None = None
) -> ReferralAsk:
    """The question was put; `letter` is what was sent, if anything. Raises ActionRefused, StaleVersion."""
    ask = _locked(ask, to=AskState.ASKED, version=version)
    ask.asked_at, ask.letter = now, letter.strip()
    return _moved(ask, to=AskState.ASKED, by=by)


@transaction.atomic
def given(
    ask: ReferralAsk, *, by: User, now: dt.datetime, version: int | None = None
) -> ReferralAsk:
    """They named somebody. Asked in the same breath when it was not marked before."""
    ask = _locked(ask, to=AskState.GIVEN, version=version)
    ask.asked_at, ask.answered_at = ask.asked_at or now, now
    return _moved(ask, to=AskState.GIVEN, by=by)


@transaction.atomic
def declined(
    ask: ReferralAsk, *, by: User, now: dt.datetime, version: int | None = None
) -> ReferralAsk:
    """They named nobody, which is fine."""
    ask = _locked(ask, to=AskState.DECLINED, version=version)
    ask.asked_at, ask.answered_at = ask.asked_at or now, now
    return _moved(ask, to=AskState.DECLINED, by=by)


@transaction.atomic
def waive(ask: ReferralAsk, *, by: User, why: str, version: int | None = None) -> ReferralAsk:
    """Not to be asked; says why (A6). Raises ActionRefused without a reason, StaleVersion."""
    if not why.strip():
        raise ActionRefused(
            _("Waiving asks for a reason."), fields={"why": _("Say in a few words why not.")}
        )
    ask = _locked(ask, to=AskState.WAIVED, version=version)
    ask.why_waived = why.strip()
    return _moved(ask, to=AskState.WAIVED, by=by)


def _locked(ask: ReferralAsk, *, to: AskState, version: int | None) -> ReferralAsk:
    """The ask, with its deal locked before it, if it may move there."""
    Deal.objects.locked().get(pk=ask.deal_id)
    ask = ReferralAsk.objects.locked().get(pk=ask.pk)
    pipeline.check_version(ask, version)
    check_move(ask.state, to)
    return ask


def _moved(ask: ReferralAsk, *, to: AskState, by: User) -> ReferralAsk:
    ask.state = to
    ask.save_changed("state", "asked_at", "answered_at", "why_waived", "letter")
    publish(
        [ReferralAskAnswered(actor_id=by.pk, deal_id=ask.deal_id, ask_id=ask.pk, state=to.value)]
    )
    return ask
