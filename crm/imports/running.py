"""An import as a job: run batch by batch, resumed after a kill. Never half, never twice.

Rows and position are committed together, 1,000 records a transaction, so a worker that dies leaves off exactly where the
next one goes on.
"""

import dataclasses
import itertools
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import changes, deciding, first_rows, preparing, undoing, writing
from crm.imports.cells import Rejected
from crm.imports.lookups import Lookups
from crm.imports.matching import Doubt, Matcher
from crm.imports.models import COUNTS, Import, ImportedRow
from crm.imports.reading import Record, records
from crm.imports.rows import Reader, Row
from crm.imports.states import LIVE, ImportState
from crm.shared import leases, loading
from crm.shared.after_commit import poke
from crm.shared.errors import ActionRefused
from crm.shared.import_events import ImportFinished, ImportStopped
from crm.shared.publishing import publish

BATCH = 1000
MOST_TRIES = 3  # at one place; then a person has to look

log = logging.getLogger(__name__)


# What is queued runs from now on; what is to be taken back goes on being that.
BEGUN = Case(When(state=ImportState.QUEUED, then=Value(ImportState.RUNNING)), default=F("state"))


def live() -> QuerySet[Import]:
    """Imports that there is something to do for: to be run, or to be taken back."""
    return Import.objects.filter(state__in=LIVE)


def run(import_id: int, *, seconds: float = float("inf")) -> Import | None:
    """Run, take back or resume; after `seconds` it is put down for the next worker. None when another worker holds it."""
    put_down_at = time.monotonic() + seconds
    if not leases.claim(live(), import_id, state=BEGUN, tries=F("tries") + 1):
        return None
    job = Import.objects.select_related("by", "undone_by").get(pk=import_id)
    if job.tries > MOST_TRIES:  # the workers themselves died of it
        _stop(job, why=_("the worker ended before its time"))
        return job
    try:
        if job.state == ImportState.UNDOING:
            undoing.run(job, put_down_at=put_down_at)
        elif _run(job, put_down_at=put_down_at):
            _finish(job, state=ImportState.DONE)
    except leases.Taken:
        return None
    except ActionRefused as refusal:
        _finish(job, state=ImportState.FAILED, why=refusal.message)
    except Exception as error:
        if job.tries < MOST_TRIES:  # when the lease has run out, the next worker may have more luck
            raise
        log.exception("Import %s stopped", job.pk)
        _stop(job, why=type(error).__name__)
    return job


@loading.unhindered()
def _run(job: Import, *, put_down_at: float) -> bool:
    """Whether the end of the file was reached."""
    path = Path(settings.MEDIA_ROOT) / job.stored_as
    layout = job.layout
    matches = preparing.matches_of(job)
    lookups = Lookups(job.by)
    reader = Reader(
        kind=job.kind,
        matches=matches,
        lookups=lookups,
        now=timezone.now(),
    )
    matcher = Matcher(job, lookups)
    left = records(path, layout)
    reader.borrowed.note(itertools.islice(left, 1 + job.position))  # the header, and what is done
    for batch in _batches(left):
        try:
            _run_batch(job, batch, reader, matcher)
        finally:
            if job.dry_run:
                lookups.reload()  # what the batch added was rolled back with it
        if time.monotonic() > put_down_at:
            _put_down(job)
            return False
    return True


@transaction.atomic
def _put_down(job: Import) -> None:
    leases.put_down(job, state=ImportState.QUEUED)
    poke("imports.resume_stalled")


def _batches(found: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(found, BATCH)):
        yield batch


@dataclasses.dataclass(kw_only=True)
class Written:
    """What became of a batch: what did not come in, what is asked, and the first rows of a dry run."""

    counts: Counter[str]
    rejected: list[ImportedRow] = dataclasses.field(default_factory=list)
    asked: list[tuple[ImportedRow, Doubt]] = dataclasses.field(default_factory=list)
    first: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def _run_batch(job: Import, batch: Sequence[Record], reader: Reader, matcher: Matcher) -> None:
    """One transaction: the rows, those that did not come in, and how far we are. Raises Taken."""
    with transaction.atomic():
        with transaction.atomic(savepoint=job.dry_run):
            written = _write(job, batch, reader, matcher)
            if job.dry_run:
                transaction.set_rollback(True)
        deciding.ask(job, written.asked)
        loading.write_new(written.rejected)
        first = {"first_rows": [*job.first_rows, *written.first]} if written.first else {}
        leases.keep(
            job,
            counts={name: job.counts[name] + written.counts[name] for name in COUNTS},
            position=job.position + len(batch),
            progress=batch[-1].progress,
            tries=0,
            **first,
        )


def _write(job: Import, batch: Sequence[Record], reader: Reader, matcher: Matcher) -> Written:
    reader.borrowed.note(batch)
    if job.only_answered:
        lines = deciding.lines_to_take_up(job, first=batch[0].line, last=batch[-1].line)
        batch = [record for record in batch if record.line in lines]
    written = Written(counts=Counter({"read": len(batch)}))
    rows: list[Row] = []
    reader.look_up(batch)
    for record in batch:
        try:
            rows.append(reader.read(record))
        except Rejected as refusal:
            written.rejected.append(_rejected(job, record, refusal))
    aside = matcher.settle(rows)
    for place, doubt in aside.items():
        waits = _rejected(job, rows[place].record, Rejected("", doubt.said, doubt.why))
        written.asked.append((waits, doubt))
        written.rejected.append(waits)
    rows = [row for place, row in enumerate(rows) if place not in aside]
    reader.lookups.add_accounts([row.fields for row in rows])
    results = writing.save(job.kind, rows, lookups=reader.lookups)
    changes.note(job, results, added=reader.lookups.take_added())
    for row, saved in zip(rows, results, strict=True):
        if saved.refusal is None:
            written.counts[saved.kind] += 1
        else:
            refused = Rejected("", "", saved.refusal.message)
            written.rejected.append(_rejected(job, row.record, refused))
    written.counts["rejected"] = len(written.rejected)
    if job.dry_run and len(job.first_rows) < first_rows.SHOWN:
        in_doubt = {row.line for row, _doubt in written.asked}
        written.first = first_rows.of_batch(
            batch, rows, results, written.rejected, in_doubt=in_doubt
        )
    return written


def _rejected(job: Import, record: Record, refusal: Rejected) -> ImportedRow:
    return ImportedRow(
        belongs_to=job,
        line=record.line,
        column=refusal.column[:200],
        value=refusal.value[:500],
        why=refusal.why[:500],
        cells=[cell.replace("\0", "␀") for cell in record.cells],
    )


@transaction.atomic
def _finish(job: Import, *, state: ImportState, why: str = "") -> None:
    held = leases.let_go(
        job,
        state=state,
        why_failed=why[:500],
        finished_at=timezone.now(),
        progress=1.0 if state == ImportState.DONE else job.progress,
    )
    if held and not job.dry_run:
        publish(
            [ImportFinished(actor_id=job.by_id, import_id=job.pk, kind=job.kind, counts=job.counts)]
        )


@transaction.atomic
def _stop(job: Import, *, why: str) -> None:
    """It failed every time at one place: what came in stays and can be taken back, and people are told."""
    text = _(
        "Something unexpected happened after row %(row)d (%(why)s). Trying again goes on there."
    )
    taking_back = _("Something unexpected happened while it was taken back (%(why)s).")
    undoing_it = job.state == ImportState.UNDOING
    told = (taking_back if undoing_it else text) % {"row": job.position, "why": why}
    if leases.let_go(
        job, state=ImportState.FAILED, why_failed=told[:500], finished_at=timezone.now()
    ):
        stopped = ImportStopped(
            actor_id=job.by_id, import_id=job.pk, kind=job.kind, title=job.file_name, why=why
        )
        publish([stopped])
