"""After a closing: undo it while that lasts, or give a lost deal its second chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import ClosingUndone, SecondChanceOpened
from crm.shared.publishing import publish
from deals import policies
from deals.actions import orders, pipeline, taking_part
from deals.models import Deal, Outcome, StageChange
from deals.states import DealStatus, check_move

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from crm.shared.models import User

CARRIED = (
    "amount",
    "currency",
    "product_id",
    "source",
    "target_list_id",
    "need",
    "authority",
    "budget",
    "timing",
    "fit",
)


def undo_close(deal: Deal, *, by: User, now: dt.datetime, version: int | None = None) -> Deal:
    """Open the deal again and withdraw what the closing planned and has not carried out; the record keeps both.

    Raises ActionRefused when the deal is open, has its second chance, or the time to undo is over (24 hours; 30 days
    when automatic).
    """
    return undo_close_many([deal], by=by, now=now, versions={deal.pk: version})[0]


@transaction.atomic
def undo_close_many(
    deals: Sequence[Deal],
    *,
    by: User,
    now: dt.datetime,
    versions: Mapping[int, int | None] | None = None,
) -> list[Deal]:
    """Open a batch again, all or none, in a fixed number of statements; each goes back to the stage it was closed in."""
    locked = list(Deal.objects.locked().filter(pk__in=[deal.pk for deal in deals]))
    outcomes = Outcome.objects.in_bulk([deal.outcome_id for deal in locked if deal.outcome_id])
    for deal in locked:
        pipeline.check_version(deal, (versions or {}).get(deal.pk))
        if deal.outcome_id is None:
            raise ActionRefused(_("This deal is open."))
        deal.outcome = outcomes[deal.outcome_id]
        check_move(deal.status, DealStatus.OPEN)
        if now >= policies.undo_ends_at(deal.outcome):
            raise ActionRefused(_("The time to undo is over: give it a second chance instead."))
    if Deal.objects.filter(second_chance_of__in=locked).exists():
        raise ActionRefused(_("It has its second chance: go on there."))
    Outcome.objects.filter(pk__in=outcomes).update(undone_at=now, undone_by=by, updated_at=now)
    orders.withdraw([pk for pk, one in outcomes.items() if one.kind == DealStatus.WON], now=now)
    _go_back(locked, at=now, by=by)
    ids = [deal.pk for deal in locked]
    Deal.objects.filter(pk__in=ids).update(
        status=DealStatus.OPEN,
        outcome=None,
        closed_at=None,
        version=F("version") + 1,
        updated_at=now,
    )
    for deal in locked:
        deal.status, deal.outcome, deal.closed_at = DealStatus.OPEN, None, None
        deal.version, deal.updated_at = deal.version + 1, now
    publish(
        [
            ClosingUndone(actor_id=by.pk, deal_id=one.deal_id, outcome_id=one.pk, kind=one.kind)
            for one in outcomes.values()
        ]
    )
    return locked


def _go_back(deals: Sequence[Deal], *, at: dt.datetime, by: User) -> None:
    """Into the stage that each was closed in, where the closing moved it."""
    stages = {deal.pk: deal.outcome.stage_id for deal in deals if deal.outcome}
    moved = [deal for deal in deals if stages[deal.pk] not in {None, deal.stage_id}]
    if not moved:
        return
    StageChange.objects.bulk_create(
        StageChange(
            deal=deal,
            from_stage_id=deal.stage_id,
            to_stage_id=stages[deal.pk] or deal.stage_id,
            at=at,
            by=by,
        )
        for deal in moved
    )
    before = Outcome.objects.filter(pk=OuterRef("outcome_id")).values("stage_id")
    Deal.objects.filter(pk__in=[deal.pk for deal in moved]).update(
        stage_id=Subquery(before), entered_stage_at=at
    )
    for deal in moved:
        deal.stage_id, deal.entered_stage_at = stages[deal.pk] or deal.stage_id, at


def second_chance(lost: Deal, *, by: User, title: str = "", version: int | None = None) -> Deal:
    """Open a new deal from a lost one: linked, with account, contact, people and qualification (F5).

    Raises StaleVersion, ActionRefused when the deal is not lost or already has an open second chance.
    """
    versions = {lost.pk: version}
    return second_chance_many([lost], by=by, titles={lost.pk: title}, versions=versions)[0]


@transaction.atomic
def second_chance_many(
    lost: Sequence[Deal],
    *,
    by: User,
    titles: Mapping[int, str] | None = None,
    versions: Mapping[int, int | None] | None = None,
) -> list[Deal]:
    """Give each deal of a batch its second chance, all or none, in a fixed number of statements."""
    locked = pipeline.lock_deals([deal.pk for deal in lost])
    for deal in locked:
        pipeline.check_version(deal, (versions or {}).get(deal.pk))
    _check_may_come_back(locked)
    opened = pipeline.open_deals(
        [
            pipeline.NewDeal(
                title=(titles or {}).get(deal.pk) or deal.title,
                owner=deal.owner if deal.owner.is_active else by,
                account=deal.account,
                contact=deal.contact,
                second_chance_of=deal,
                is_sample=deal.is_sample,
                fields={name: getattr(deal, name) for name in CARRIED},
            )
            for deal in locked
        ],
        by=by,
    )
    taking_part.carry(dict(zip((deal.pk for deal in locked), opened, strict=True)))
    publish(
        [
            SecondChanceOpened(actor_id=by.pk, deal_id=deal.pk, lost_deal_id=before.pk)
            for before, deal in zip(locked, opened, strict=True)
        ]
    )
    return opened


def _check_may_come_back(deals: Sequence[Deal]) -> None:
    if any(deal.status != DealStatus.LOST for deal in deals):
        raise ActionRefused(_("Only a lost deal gets a second chance."))
    if Deal.objects.open().filter(second_chance_of__in=deals).exists():
        raise ActionRefused(_("Its second chance is open already."))
