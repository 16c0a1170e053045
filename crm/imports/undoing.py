"""Taking an import back: the last change first, a short transaction for each batch, resumed after a kill.

A change that was taken back is forgotten in the transaction that took it back; so whoever goes on finds what is left.
What somebody worked on since stays, and its change with why.
"""

import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import policies
from crm.imports.models import UNDONE, Import, ImportChange
from crm.imports.states import ImportState
from crm.shared import changing, leases, loading
from crm.shared.after_commit import poke
from crm.shared.batches import Saved
from crm.shared.errors import ActionRefused
from crm.shared.import_events import ImportUndone
from crm.shared.models import User
from crm.shared.publishing import publish
from crm.shared.querysets import among
from deals.actions import taking_back
from deals.models import Account, Competitor, Contact, Deal, Product
from followups.actions import touch_batches
from followups.models import Touch

BATCH = (
    1000  # a transaction stays below a second, whether rows are removed or say again what they said
)
# What imports write, what points to others before what it points to.
THINGS: dict[str, type[models.Model]] = {
    "touch": Touch,
    "deal": Deal,
    "contact": Contact,
    "account": Account,
    "product": Product,
    "competitor": Competitor,
}


@transaction.atomic
def ask(job: Import, *, by: User, now: dt.datetime) -> Import:
    """Queue the undo of an import; a worker takes it up. Raises ActionRefused when it cannot be, or not any more."""
    job = Import.objects.select_for_update().get(pk=job.pk)
    ends_at = policies.undo_ends_at(job)
    if ends_at is None:
        raise ActionRefused(_("There is nothing to take back."))
    if now >= ends_at:
        raise ActionRefused(
            _("An import can be taken back for %(days)d days.") % {"days": policies.UNDO_DAYS}
        )
    job.state, job.undone_by, job.lease_until, job.progress = ImportState.UNDOING, by, now, 0
    job.undone = dict.fromkeys(UNDONE, 0) | {"changes": job.changes.count()}
    job.tries, job.why_failed = 0, ""
    job.save(
        update_fields=[
            *("state", "undone_by", "lease_until", "progress", "undone", "tries", "why_failed"),
            "updated_at",
        ]
    )
    poke("imports.resume_stalled")
    return job


def kept(job: Import) -> models.QuerySet[ImportChange]:
    """What an undo left as it was, with why."""
    changes: models.QuerySet[ImportChange] = job.changes.exclude(kept="")
    return changes if job.undone else changes.none()


@loading.unhindered()
def run(job: Import, *, put_down_at: float) -> None:
    """Take back what is left, or as much as there is time for. Raises Taken."""
    while batch := _next_batch(job):
        _take_back(job, batch)
        if time.monotonic() > put_down_at:
            _put_down(job)
            return
    _finish(job)


@transaction.atomic
def _put_down(job: Import) -> None:
    leases.put_down(job)
    poke("imports.resume_stalled")


def _next_batch(job: Import) -> list[ImportChange]:
    """The last changes that are left, each row once: an earlier change of the same row waits for the next batch."""
    batch: dict[tuple[str, int], ImportChange] = {}
    for change in job.changes.filter(kept="").order_by("-pk")[:BATCH]:
        key = (change.thing, change.row_id)
        if key in batch:
            break
        batch[key] = change
    return list(batch.values())


@transaction.atomic
def _take_back(job: Import, batch: Sequence[ImportChange]) -> None:
    assert job.undone_by is not None  # noqa: S101  (`ask` names who; nobody is deleted)
    counts = Counter(job.undone)
    by_thing: dict[str, list[ImportChange]] = defaultdict(list)
    for change in batch:
        change.kept = "" if change.thing in THINGS else _("This cannot be taken back.")
        by_thing[change.thing].append(change)
    for thing, model in THINGS.items():
        new = [change for change in by_thing[thing] if change.is_new]
        old = [change for change in by_thing[thing] if not change.is_new]
        _remove(model, new)
        _restore(model, old, by=job.undone_by)
        _name(model, [change for change in by_thing[thing] if change.kept])
        counts["removed"] += sum(not change.kept for change in new)
        counts["restored"] += sum(not change.kept for change in old)
    stay = [change for change in batch if change.kept]
    counts["kept"] += len(stay)
    whys = [(change.pk, change.kept, change.name) for change in stay]
    changing.change_values(ImportChange, ["kept", "name"], whys)
    done = [change.pk for change in batch if not change.kept]
    ImportChange.objects.filter(among("pk", done)).delete()
    gone = counts["removed"] + counts["restored"] + counts["kept"]
    leases.keep(job, undone=dict(counts), progress=gone / max(counts["changes"], 1), tries=0)


def _remove(model: type[models.Model], changes: Sequence[ImportChange]) -> None:
    if model is Touch:
        stay = touch_batches.remove_touches([one.row_id for one in changes])
    else:
        others = _changed_by_others(changes)
        versions = {one.row_id: one.version for one in changes if one.row_id not in others}
        stay = dict.fromkeys(others, _("Another import changed it since."))
        stay |= taking_back.remove_many(model, versions)
    for change in changes:
        change.kept = stay.get(change.row_id, "")[:300]


def _changed_by_others(changes: Sequence[ImportChange]) -> set[int]:
    """The rows of these changes that an import which still stands changed after this one made them."""
    if not changes:
        return set()
    of_others = ImportChange.objects.filter(
        row_id__in=[one.row_id for one in changes], thing=changes[0].thing, is_new=False
    ).exclude(belongs_to=changes[0].belongs_to_id)
    return set(of_others.values_list("row_id", flat=True))


def _restore(model: type[models.Model], changes: Sequence[ImportChange], *, by: User) -> None:
    former = {one.row_id: one.former for one in changes}
    saved = taking_back.restore_many(model, former, by=by, now=timezone.now())
    for change in changes:
        result = saved[change.row_id]
        change.kept = result.refusal.message[:300] if result.refusal else ""
    _pass_on([one for one in changes if not one.kept], saved)


def _name(model: type[models.Model], stay: Sequence[ImportChange]) -> None:
    """So that the list of what is kept asks for nothing."""
    rows = model._default_manager.in_bulk([change.row_id for change in stay])
    for change in stay:
        change.name = str(rows.get(change.row_id, ""))[:300]


def _pass_on(restored: Sequence[ImportChange], saved: Mapping[int, Saved]) -> None:
    """Who wrote a row before finds it as it was then, though its version went on, and can be taken back as well."""
    now: dict[tuple[str, int, int], int] = {}
    for change in restored:
        result = saved[change.row_id]
        if result.former["version"] == change.version:
            before, _after = change.former["version"]
            now[change.thing, change.row_id, before] = result.thing.version
    ids = [row_id for _thing, row_id, _before in now]
    earlier = [
        change
        for change in ImportChange.objects.filter(row_id__in=ids)
        if (change.thing, change.row_id, change.version) in now
    ]
    versions = [(one.pk, now[one.thing, one.row_id, one.version]) for one in earlier]
    changing.change_values(ImportChange, ["version"], versions)


@transaction.atomic
def _finish(job: Import) -> None:
    if leases.let_go(job, state=ImportState.UNDONE, progress=1.0):
        counts = {name: job.undone[name] for name in ("removed", "restored", "kept")}
        publish(
            [
                ImportUndone(
                    actor_id=job.undone_by_id, import_id=job.pk, kind=job.kind, counts=counts
                )
            ]
        )
