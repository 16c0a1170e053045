"""An export as a job: asked for, written by whoever claims it, kept for a week. A worker that dies leaves no file behind.

What was half written is thrown away and begun anew: a file is whole or not there.
"""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exports import lists, policies, writing
from crm.exports.models import KEPT_DAYS, Export
from crm.exports.states import ExportState, FileFormat
from crm.shared import leases
from crm.shared.after_commit import poke
from crm.shared.errors import ActionRefused
from crm.shared.events import ExportFinished
from crm.shared.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from django.db.models import QuerySet

    from crm.shared.models import User

AT_ONCE = 2000  # rows that nobody is asked to wait for
BATCH = 1000
FOLDER = "exports"


# ---- asking ----------------------------------------------------------------------------------------


def ask(*, kind: str, file_format: str, by: User, query: str = "") -> Export:
    """A list with its filters as a file: a short one is there at once, a long one a worker writes.

    Raises ActionRefused for filters that the list does not know, and for more rows than the file can hold.
    """
    job = _queue(kind=kind, file_format=file_format, query=query, by=by)
    if job.rows <= AT_ONCE:
        job = run(job.pk) or job
    return job


@transaction.atomic
def _queue(*, kind: str, file_format: str, query: str, by: User) -> Export:
    count = _found(kind, query, by=by).order_by().count()
    if file_format == FileFormat.XLSX and count > writing.MOST_XLSX_ROWS:
        why = _("A sheet holds a million rows: take CSV, or filter the list.")
        raise ActionRefused(why, fields={"file_format": why})
    job = Export.objects.create(
        kind=kind,
        file_format=file_format,
        query=query,
        by=by,
        rows=count,
        lease_until=timezone.now(),
    )
    if count > AT_ONCE:
        poke("exports.write_waiting")
    return job


def _found(kind: str, query: str, *, by: User) -> QuerySet[Any]:
    """The rows of the list that `by` sees, in the order asked for."""
    filters = lists.filtered(kind, query, by=by)
    if not filters.is_valid():
        raise ActionRefused(_("The list does not know these filters."))
    found: QuerySet[Any] = filters.qs.current()
    return found if found.query.order_by else found.order_by("pk")


# ---- writing ---------------------------------------------------------------------------------------


def live() -> QuerySet[Export]:
    """Exports that are to be written."""
    return Export.objects.filter(state__in=[ExportState.QUEUED, ExportState.RUNNING])


def run(export_id: int, *, seconds: float = float("inf")) -> Export | None:
    """Write an export from its beginning; past `seconds` it is given up. None when another worker holds it."""
    ends_at = time.monotonic() + seconds
    if not leases.claim(live(), export_id, state=ExportState.RUNNING, position=0):
        return None
    job = Export.objects.select_related("by").get(pk=export_id)
    assert job.claim_token is not None  # noqa: S101  (just claimed)
    stored_as = f"{FOLDER}/{job.pk}-{job.claim_token.hex}.{job.file_format}"
    _clear_away(job)
    try:
        _write(job, Path(settings.MEDIA_ROOT) / stored_as, ends_at=ends_at)
        _finish(job, state=ExportState.DONE, stored_as=stored_as)
    except leases.Taken:
        return None
    except ActionRefused as refusal:
        _finish(job, state=ExportState.FAILED, why=refusal.message)
    finally:
        if not Export.objects.filter(pk=job.pk, stored_as=stored_as).exists():
            (Path(settings.MEDIA_ROOT) / stored_as).unlink(missing_ok=True)
    return job


def _clear_away(job: Export) -> None:
    """What an earlier worker left half written."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{job.pk}-*"):
        left.unlink(missing_ok=True)


def _write(job: Export, path: Path, *, ends_at: float) -> None:
    """Rows as they are now, and as the person who asked may see them now."""
    if job.by is None or not policies.may_export(job.by):
        raise ActionRefused(_("Whoever asked for this may not see it any more."))
    header, rows = lists.table(job.kind, _found(job.kind, job.query, by=job.by))
    held = _held(job, rows, ends_at=ends_at)
    writing.write(path, file_format=job.file_format, header=header, rows=held)


def _held(
    job: Export, rows: Iterator[list[lists.Cell]], *, ends_at: float
) -> Iterator[list[lists.Cell]]:
    """The rows; after each batch the claim is renewed and says how far it is. Raises Taken, ActionRefused."""
    for row in rows:
        job.position += 1
        yield row
        if job.position % BATCH:
            continue
        leases.keep(job, position=job.position)
        if time.monotonic() > ends_at:
            raise ActionRefused(_("This takes too long for one file: filter the list."))


@transaction.atomic
def _finish(job: Export, *, state: ExportState, stored_as: str = "", why: str = "") -> None:
    """Only by who holds it; else what was written belongs to nobody. Raises Taken."""
    held = leases.let_go(
        job,
        state=state,
        stored_as=stored_as,
        why_failed=why[:500],
        position=job.position,
        finished_at=timezone.now(),
    )
    if not held:
        raise leases.Taken
    if state == ExportState.DONE:
        done = ExportFinished(
            actor_id=job.by_id, export_id=job.pk, kind=job.kind, rows=job.position
        )
        publish([done])


# ---- a week later ----------------------------------------------------------------------------------


def forget_old(now: dt.datetime) -> int:
    """Throw away files a week after they were written; who took what stays on the record. Returns how many."""
    old = Export.objects.exclude(stored_as="").filter(
        finished_at__lte=now - dt.timedelta(days=KEPT_DAYS)
    )
    for job in old:
        job.path.unlink(missing_ok=True)
    return old.update(stored_as="")
