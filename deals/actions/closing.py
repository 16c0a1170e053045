"""Win, lose, disqualify: the heart. Every door to a closing goes through here.

One transaction writes the outcome, closes the deal and publishes the event; the reactions listed in the wiring plan
what follows, in the same transaction, and keep the outcome's id, by which an undo finds and withdraws it.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import loading, money
from crm.shared.errors import ActionRefused
from crm.shared.events import (
    Aftercare,
    DealDisqualified,
    DealLost,
    DealWon,
    PastClosingRecorded,
)
from crm.shared.publishing import publish
from deals.actions import closing_checks, orders, pipeline
from deals.models import (
    Competitor,
    Deal,
    LossReason,
    OtherReason,
    Outcome,
    Stage,
    StageChange,
)
from deals.states import (
    DealStatus,
    Disqualification,
    OpenTasks,
    Phase,
    check_move,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from crm.shared.models import User


@dataclasses.dataclass(frozen=True, kw_only=True)
class Closing:
    """What every closing says. `at` may lie in the past.

    `imported` came with a file; what is `historical` was over before it came, and starts nothing: its `stage` is the one
    it was in, where that is known.
    """

    deal: Deal
    at: dt.datetime | None = None
    note: str = ""
    version: int | None = None
    automatic: bool = False
    imported: bool = False
    historical: bool = False
    stage: Stage | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Loss(Closing):
    """A loss: only the reason is asked for; without an aftercare its playbook decides what follows (A1, A2)."""

    reason: LossReason
    other_reasons: Sequence[LossReason] = ()
    control: str = ""
    competitor: Competitor | None = None
    no_competitor: bool = False
    buyer_words: str = ""
    reflection: Mapping[str, str] = dataclasses.field(default_factory=dict)
    aftercare: Aftercare | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Win(Closing):
    """A win; the commission (organisation's currency) is worked out from the owner's rate unless it is given."""

    won_because: Sequence[str] = ()
    competitor: Competitor | None = None
    no_competitor: bool = False
    buyer_words: str = ""
    open_tasks: str = OpenTasks.CANCEL
    commission: Decimal | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disqualified(Closing):
    """Neither won nor lost: good judgement (B2, sin 3)."""

    disqualified_as: str
    open_tasks: str = OpenTasks.CANCEL


def playbook(reason: LossReason, *, deal: Deal) -> Aftercare:
    """What follows a loss for `reason` when nobody chooses otherwise."""
    return Aftercare(
        revisit_after_days=reason.revisit_after_days,
        nurture_track=reason.nurture_track,
        ask_referral_after_days=reason.ask_referral_after_days,
        ask_referral_of=deal.contact_id,
        ask_buyer_after_days=reason.ask_buyer_after_days if deal.contact_id else None,
        ask_buyer=deal.contact_id,
    )


def lose(deal: Deal, *, reason: LossReason, by: User | None, **rest: object) -> Outcome:
    """Close one deal as lost; `rest` are the fields of `Loss`."""
    return lose_many([Loss(deal=deal, reason=reason, **rest)], by=by)[0]  # type: ignore[arg-type]


def win(deal: Deal, *, by: User | None, **rest: object) -> Outcome:
    """Close one deal as won; `rest` are the fields of `Win`."""
    return win_many([Win(deal=deal, **rest)], by=by)[0]  # type: ignore[arg-type]


def disqualify(deal: Deal, *, disqualified_as: str, by: User | None, **rest: object) -> Outcome:
    """Close one deal as disqualified; `rest` are the fields of `Disqualified`."""
    entry = Disqualified(deal=deal, disqualified_as=disqualified_as, **rest)  # type: ignore[arg-type]
    return disqualify_many([entry], by=by)[0]


@transaction.atomic
def lose_many(entries: Sequence[Loss], *, by: User | None) -> list[Outcome]:
    """Close a batch as lost, all or none. Raises ActionRefused (a deal is closed, a note is missing), StaleVersion."""
    for entry in entries:
        closing_checks.check_loss(entry)
    deals, outcomes = _close(entries, kind=DealStatus.LOST, by=by)
    OtherReason.objects.bulk_create(
        OtherReason(outcome=outcome, reason=reason, position=position)
        for entry, outcome in zip(entries, outcomes, strict=True)
        for position, reason in enumerate(entry.other_reasons, start=1)
    )
    publish(
        [
            past_closing(entry, outcome)
            if entry.historical
            else DealLost(
                actor_id=by.pk if by else None,
                deal_id=deal.pk,
                outcome_id=outcome.pk,
                title=deal.name,
                reason=entry.reason.slug,
                automatic=entry.automatic,
                aftercare=entry.aftercare or playbook(entry.reason, deal=deal),
            )
            for entry, deal, outcome in zip(entries, deals, outcomes, strict=True)
        ]
    )
    return outcomes


@transaction.atomic
def win_many(entries: Sequence[Win], *, by: User | None) -> list[Outcome]:
    """Close a batch as won, all or none; the deals move to the Order stage and their orders open (C7)."""
    for entry in entries:
        closing_checks.check_win(entry)
    rung = set(
        Outcome.objects.filter(
            deal__in=[entry.deal.pk for entry in entries], kind=DealStatus.WON
        ).values_list("deal_id", flat=True)
    )
    deals, outcomes = _close(entries, kind=DealStatus.WON, by=by)
    published = publish(
        [
            past_closing(entry, outcome)
            if entry.historical
            else DealWon(
                actor_id=by.pk if by else None,
                deal_id=deal.pk,
                outcome_id=outcome.pk,
                title=deal.name,
                amount=str(deal.amount or ""),
                currency=deal.currency,
                first_time=deal.pk not in rung,
                open_tasks=entry.open_tasks,
            )
            for entry, deal, outcome in zip(entries, deals, outcomes, strict=True)
        ]
    )
    causes = {
        event.outcome_id: event.record_id for event in published if isinstance(event, DealWon)
    }
    won_now = [outcome for outcome in outcomes if outcome.pk in causes]
    orders.open_for(won_now, causes=causes, by=by)
    return outcomes


@transaction.atomic
def disqualify_many(entries: Sequence[Disqualified], *, by: User | None) -> list[Outcome]:
    """Close a batch as disqualified, all or none."""
    for entry in entries:
        if entry.disqualified_as not in Disqualification.values:
            raise ActionRefused(
                _("Choose why."), fields={"disqualified_as": _("Choose one of the list.")}
            )
    deals, outcomes = _close(entries, kind=DealStatus.DISQUALIFIED, by=by)
    publish(
        [
            past_closing(entry, outcome)
            if entry.historical
            else DealDisqualified(
                actor_id=by.pk if by else None,
                deal_id=deal.pk,
                outcome_id=outcome.pk,
                title=deal.name,
                disqualified_as=entry.disqualified_as,
                open_tasks=entry.open_tasks,
            )
            for entry, deal, outcome in zip(entries, deals, outcomes, strict=True)
        ]
    )
    return outcomes


def past_closing(entry: Closing, outcome: Outcome) -> PastClosingRecorded:
    reason = entry.reason.slug if isinstance(entry, Loss) else ""
    return PastClosingRecorded(
        actor_id=outcome.by_id,
        deal_id=outcome.deal_id,
        outcome_id=outcome.pk,
        kind=outcome.kind,
        reason=reason,
    )


def _close(
    entries: Sequence[Closing], *, kind: DealStatus, by: User | None
) -> tuple[list[Deal], list[Outcome]]:
    """Lock, check, write the outcomes, close the deals. Deals and outcomes come back in the order of `entries`."""
    now = timezone.now()
    locked = {deal.pk: deal for deal in pipeline.lock_deals([entry.deal.pk for entry in entries])}
    deals = [locked[entry.deal.pk] for entry in entries]
    if len(locked) < len(entries):
        raise ActionRefused(_("A deal is named twice."))
    for entry, deal in zip(entries, deals, strict=True):
        pipeline.check_version(deal, entry.version)
        check_move(deal.status, kind)
        closing_checks.check_time(entry, deal, now=now)
    base = money.in_organisation_currency_many(
        [
            (deal.amount, deal.currency, (entry.at or now).date())
            for entry, deal in zip(entries, deals, strict=True)
        ]
    )
    outcomes = Outcome.objects.bulk_create(
        outcome_of(entry, deal, kind=kind, by=by, now=now, base_amount=amount)
        for entry, deal, amount in zip(entries, deals, base, strict=True)
    )
    _mark_closed(deals, outcomes, kind=kind, now=now)
    if kind == DealStatus.WON:
        _enter_order(deals, at=now, by=by)
    return deals, outcomes


def outcome_of(
    entry: Closing,
    deal: Deal,
    *,
    kind: DealStatus,
    by: User | None,
    now: dt.datetime,
    base_amount: Decimal | None,
) -> Outcome:
    outcome = loading.new(
        Outcome,
        deal=deal,
        kind=kind,
        at=entry.at or now,
        by=by,
        automatic=entry.automatic,
        historical=entry.imported or entry.historical,
        stage=entry.stage if entry.historical else deal.stage,
        owner=deal.owner,
        amount=deal.amount,
        currency=deal.currency,
        base_amount=base_amount,
        touches=deal.touch_count,
        note=entry.note.strip(),
    )
    if isinstance(entry, Loss):
        outcome.reason = entry.reason
        outcome.control = entry.control or entry.reason.control
        outcome.competitor, outcome.no_competitor = entry.competitor, entry.no_competitor
        outcome.buyer_words = entry.buyer_words.strip()
        outcome.reflection = dict(entry.reflection)
    elif isinstance(entry, Win):
        outcome.won_because = list(entry.won_because)
        outcome.competitor, outcome.no_competitor = entry.competitor, entry.no_competitor
        outcome.buyer_words = entry.buyer_words.strip()
        outcome.commission = _commission(entry, deal, base_amount)
    elif isinstance(entry, Disqualified):
        outcome.disqualified_as = entry.disqualified_as
    return outcome


def _commission(entry: Win, deal: Deal, base_amount: Decimal | None) -> Decimal | None:
    """What the owner earns by it (A11): given, else the owner's rate of the amount; None when neither is known."""
    if entry.commission is not None:
        return entry.commission
    rate = deal.owner.commission_percent
    if rate is None or base_amount is None:
        return None
    return (base_amount * rate / 100).quantize(Decimal("0.01"))


def _mark_closed(
    deals: Sequence[Deal], outcomes: Sequence[Outcome], *, kind: DealStatus, now: dt.datetime
) -> None:
    """Close the deals by their new outcomes in one statement; a CASE for each row would cost more than all the rest."""
    standing = Outcome.objects.standing().filter(deal=OuterRef("pk"))
    Deal.objects.filter(pk__in=[deal.pk for deal in deals]).update(
        status=kind,
        outcome=Subquery(standing.values("pk")),
        closed_at=Subquery(standing.values("at")),
        closes_on=None,
        next_follow_up_at=None,
        version=F("version") + 1,
        updated_at=now,
    )
    for deal, outcome in zip(deals, outcomes, strict=True):
        deal.status, deal.outcome, deal.closed_at = kind, outcome, outcome.at
        deal.closes_on = deal.next_follow_up_at = None
        deal.version, deal.updated_at = deal.version + 1, now


def _enter_order(deals: Sequence[Deal], *, at: dt.datetime, by: User | None) -> None:
    stage = Stage.objects.current().filter(phase=Phase.ORDER).first()
    moving = [deal for deal in deals if stage is not None and deal.stage_id != stage.pk]
    if stage is None or not moving:
        return
    StageChange.objects.bulk_create(
        StageChange(deal=deal, from_stage=deal.stage, to_stage=stage, at=at, by=by)
        for deal in moving
    )
    Deal.objects.filter(pk__in=[deal.pk for deal in moving]).update(
        stage=stage, entered_stage_at=at
    )
    for deal in moving:
        deal.stage, deal.entered_stage_at = stage, at
