"""The same for many deals: at once up to two hundred, else as a job of the workers. Never half, never twice.

What was done and how far we are is committed together, 500 deals a transaction, so a worker that dies leaves off exactly
where the next one goes on. What may not be done to one deal is kept beside it with the reason, and stops no other.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import leases
from crm.shared.after_commit import poke
from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals import policies
from deals.actions import closing, pipeline, reopening, target_lists
from deals.models import (
    Account,
    BulkJob,
    BulkRow,
    Deal,
    LossReason,
    Product,
    Segment,
    Stage,
    TargetList,
)
from deals.states import BulkVerb, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from deals.querysets import DealQuerySet

    Row = Mapping[str, Any]
    Selection = Callable[[BulkJob], DealQuerySet]

AT_ONCE = 200
BATCH = 500
NEEDS_OPEN = frozenset({BulkVerb.LOSE, BulkVerb.DISQUALIFY, BulkVerb.OWNER, BulkVerb.STAGE})


def start(
    *,
    by: User,
    what: str,
    selection: Selection,
    query: str = "",
    values: Mapping[str, Any] | None = None,
    undoes: BulkJob | None = None,
) -> BulkJob:
    """Do it now when it is for few, else leave it to a worker. `selection` says which deals a job means.

    Raises ActionRefused when `query` makes no sense.
    """
    job = _queue(
        BulkJob(by=by, what=what, query=query, values=dict(values or {}), undoes=undoes), selection
    )
    if job.total <= AT_ONCE:
        run(job.pk, selection=selection)
        job.refresh_from_db()
    return job


@transaction.atomic
def _queue(job: BulkJob, selection: Selection) -> BulkJob:
    found = selection(job).order_by().aggregate(total=Count("pk"), up_to=Max("pk"))
    job.total, job.up_to, job.lease_until = found["total"], found["up_to"] or 0, timezone.now()
    job.save()
    if job.total > AT_ONCE:
        poke("deals.resume_bulk")
    return job


# ---- running ---------------------------------------------------------------------------------------


def live() -> QuerySet[BulkJob]:
    """Jobs that are to be done."""
    return BulkJob.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


def run(job_id: int, *, selection: Selection, seconds: float = float("inf")) -> None:
    """Run or resume a job; after `seconds` it is put down for the next worker. Nothing when another worker holds it."""
    put_down_at = time.monotonic() + seconds
    if not leases.claim(live(), job_id, state=JobState.RUNNING):
        return
    job = BulkJob.objects.select_related("by", "undoes").get(pk=job_id)
    try:
        while run_batch(job, selection(job)):
            if time.monotonic() > put_down_at:
                _put_down(job)
                return
    except leases.Taken:
        return
    except ActionRefused as refusal:
        _finish(job, JobState.FAILED, why=refusal.message)
    else:
        _finish(job, JobState.DONE)


@transaction.atomic
def run_batch(job: BulkJob, deals: DealQuerySet) -> bool:
    """One transaction: what is done, what is refused, and how far we are. False at the end. Raises Taken."""
    found = deals.filter(pk__gt=job.position, pk__lte=job.up_to).order_by("pk")
    batch = list(found.select_related("outcome", "stage")[:BATCH])
    if not batch:
        return False
    rows = _done_to(batch, job)
    BulkRow.objects.bulk_create(rows)
    refused = sum(bool(row.why) for row in rows)
    leases.keep(
        job,
        position=batch[-1].pk,
        refused=job.refused + refused,
        done=job.done + len(rows) - refused,
    )
    return True


@transaction.atomic
def _put_down(job: BulkJob) -> None:
    leases.put_down(job, state=JobState.QUEUED)
    poke("deals.resume_bulk")


@transaction.atomic
def _finish(job: BulkJob, state: JobState, why: str = "") -> None:
    leases.let_go(job, state=state, why_failed=why[:500], finished_at=timezone.now())


# ---- what is done ----------------------------------------------------------------------------------


def _done_to(batch: Sequence[Deal], job: BulkJob) -> list[BulkRow]:
    """What became of each deal; one that is refused is tried alone, so that it stops no other."""
    refusals = {deal.pk: why for deal in batch if (why := _why_not(deal, job))}
    allowed = [{"deal": deal} for deal in batch if deal.pk not in refusals]
    verb = VERBS[BulkVerb(job.what)]

    def save(some: Sequence[Row]) -> list[Saved]:
        outcomes = verb([row["deal"] for row in some], job)
        return [Saved(kind="updated", thing=outcome) for outcome in outcomes]

    saved = save_what_can_be(allowed, save=save) if allowed else []
    rows = [BulkRow(job=job, deal_id=pk, why=why[:500]) for pk, why in refusals.items()]
    for row, one in zip(allowed, saved, strict=True):
        why = one.refusal.message if one.refusal else ""
        rows.append(BulkRow(job=job, deal=row["deal"], outcome=one.thing, why=why[:500]))
    return rows


def _why_not(deal: Deal, job: BulkJob) -> str:
    """What can be seen before trying; "" when nothing speaks against it."""
    if job.what in NEEDS_OPEN and not deal.is_open:
        return _("This deal is %(status)s already.") % {"status": deal.get_status_display().lower()}
    if job.what == BulkVerb.SEGMENT and deal.account_id is None:
        return _("This deal has no account.")
    if job.what == BulkVerb.UNDO:
        if not policies.may_undo(job.by, deal):
            return _("Who closed it, or a manager, may undo this.")
        if deal.outcome and timezone.now() >= policies.undo_ends_at(deal.outcome):
            return _("The time to undo is over: give it a second chance instead.")
    return ""


def _lose(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    reason, note = LossReason.objects.get(slug=job.values["reason"]), job.values.get("note", "")
    losses = [closing.Loss(deal=deal, reason=reason, note=note) for deal in deals]
    return closing.lose_many(losses, by=job.by)


def _disqualify(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    entries = [
        closing.Disqualified(
            deal=deal,
            disqualified_as=job.values["disqualified_as"],
            note=job.values.get("note", ""),
        )
        for deal in deals
    ]
    return closing.disqualify_many(entries, by=job.by)


def _hand_over(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    owner = User.objects.get(pk=job.values["owner"])
    return _edit(deals, job, owner=owner)


def _move(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    pipeline.move_many(deals, to=Stage.objects.get(pk=job.values["stage"]), by=job.by)
    return [None] * len(deals)


def _set_product(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    named = job.values.get("product")
    return _edit(deals, job, product=Product.objects.get(pk=named) if named else None)


def _set_target_list(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    named = job.values.get("target_list")
    return _edit(deals, job, target_list=TargetList.objects.get(pk=named) if named else None)


def _put_in_segment(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    """The accounts of the deals, by hand: a segment is of accounts."""
    segment = Segment.objects.get(pk=job.values["segment"])
    accounts = Account.objects.filter(pk__in={deal.account_id for deal in deals})
    act = target_lists.take_out if job.values["take_out"] else target_lists.put_in
    act(segment, accounts, by=job.by)
    return [None] * len(deals)


def _edit(deals: Sequence[Deal], job: BulkJob, **changes: Any) -> Sequence[Any]:
    pipeline.edit_many([pipeline.Edit(deal=deal, changes=changes) for deal in deals], by=job.by)
    return [None] * len(deals)


def _undo(deals: Sequence[Deal], job: BulkJob) -> Sequence[Any]:
    reopening.undo_close_many(deals, by=job.by, now=timezone.now())
    return [None] * len(deals)


VERBS: Mapping[BulkVerb, Callable[[Sequence[Deal], BulkJob], Sequence[Any]]] = {
    BulkVerb.LOSE: _lose,
    BulkVerb.DISQUALIFY: _disqualify,
    BulkVerb.OWNER: _hand_over,
    BulkVerb.STAGE: _move,
    BulkVerb.PRODUCT: _set_product,
    BulkVerb.TARGET_LIST: _set_target_list,
    BulkVerb.SEGMENT: _put_in_segment,
    BulkVerb.UNDO: _undo,
}
