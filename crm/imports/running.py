"""An import as a job: prepared, queued, run batch by batch, resumed after a kill. Never half, never twice.

Rows and position are committed together, 500 records a transaction, so a worker that dies leaves off exactly where the
next one goes on.
"""

import dataclasses
import datetime as dt
import itertools
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import formats, values, writing
from crm.imports.formats import Match
from crm.imports.lookups import Lookups
from crm.imports.models import COUNTS, Import, ImportedRow
from crm.imports.reading import Layout, Record, layout_of, records
from crm.imports.rows import DATES, Reader, Rejected, Row
from crm.imports.states import ImportState
from crm.shared.after_commit import poke
from crm.shared.errors import ActionRefused
from crm.shared.events import ImportFinished
from crm.shared.models import User
from crm.shared.publishing import publish

BATCH = 500
LEASE = dt.timedelta(seconds=120)
SAMPLE = 2000  # records that decide how the dates of a column are written
PREVIEW = 20


class Taken(Exception):
    """Somebody else runs this import now."""


# ---- preparing -------------------------------------------------------------------------------------


def store(file: IO[bytes], *, name: str) -> tuple[str, int]:
    """Keep an uploaded file under a name of our own; return that name and the size in bytes."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    stored = f"imports/{uuid.uuid4().hex}{Path(name).suffix[:8]}"
    with (Path(settings.MEDIA_ROOT) / stored).open("wb") as target:
        shutil.copyfileobj(file, target)
        return stored, target.tell()


@transaction.atomic
def prepare(
    *,
    kind: str,
    stored_as: str,
    name: str,
    by: User | None,
    mapping: Mapping[str, str] | None = None,
) -> Import:
    """Read the head of the file and match its columns, by name or as `mapping` says (column to field).

    Raises ActionRefused for a file that is no table, or a mapping that names what is not there.
    """
    path = Path(settings.MEDIA_ROOT) / stored_as
    layout = layout_of(path)
    head = list(itertools.islice(records(path, layout), PREVIEW + 1))
    header = [cell.strip() for cell in head[0].cells] if head else []
    if not header:
        raise ActionRefused(_("The file has no header line."))
    if mapping is None:
        matches = formats.match_columns(kind, header, [record.cells for record in head[1:]])
    else:
        matches = _by_hand(kind, header, mapping)
    return Import.objects.create(
        kind=kind,
        by=by,
        file_name=name[-255:],
        stored_as=stored_as,
        size=path.stat().st_size,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        mapping=[dataclasses.asdict(match) for match in matches],
    )


@transaction.atomic
def bring_in(
    *,
    kind: str,
    stored_as: str,
    name: str,
    by: User | None,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
) -> Import:
    """Prepare and start in one: for programs and the command line, which look at no draft."""
    job = prepare(kind=kind, stored_as=stored_as, name=name, by=by, mapping=mapping)
    return start(job, dry_run=dry_run)


def _by_hand(kind: str, header: Sequence[str], mapping: Mapping[str, str]) -> list[Match]:
    try:
        return formats.match_by_hand(kind, header, mapping)
    except KeyError as error:
        wrong = str(error.args[0])
        raise ActionRefused(
            _("“%(name)s” is neither a column of this file nor a field.") % {"name": wrong},
            fields={"mapping": wrong},
        ) from error


@transaction.atomic
def start(job: Import, *, dry_run: bool, mapping: Mapping[str, str] | None = None) -> Import:
    """Queue it, with the columns as `mapping` corrects them; a worker takes it up.

    Raises ActionRefused when a needed column is missing, or it was started already.
    """
    job = Import.objects.select_for_update().get(pk=job.pk)
    if job.state != ImportState.DRAFT:
        raise ActionRefused(_("This import was started already."))
    if mapping is not None:
        job.mapping = _corrected(job, mapping)
    if lacking := formats.missing(job.kind, matches_of(job)):
        names = "; ".join(" / ".join(sorted(group)) for group in lacking)
        raise ActionRefused(
            _("No column for: %(names)s. Choose one.") % {"names": names}, fields={"mapping": names}
        )
    job.dry_run, job.state, job.lease_until = dry_run, ImportState.QUEUED, timezone.now()
    job.save(update_fields=["mapping", "dry_run", "state", "lease_until", "updated_at"])
    poke("imports.resume_stalled")
    return job


def _corrected(job: Import, mapping: Mapping[str, str]) -> list[dict[str, Any]]:
    """The job's matches with another field where a person chose one; what they left stays as sure as it was."""
    header = [match["column"] for match in job.mapping]
    before = {match["column"]: match for match in job.mapping}
    return [
        before[match.column]
        if before[match.column]["field"] == match.field
        else dataclasses.asdict(match) | {"samples": before[match.column]["samples"]}
        for match in _by_hand(job.kind, header, mapping)
    ]


@transaction.atomic
def again(job: Import, *, by: User | None) -> Import:
    """The same file with the same columns once more, for real: after a dry run, or after it stopped."""
    twin = Import.objects.create(
        kind=job.kind,
        by=by,
        file_name=job.file_name,
        stored_as=job.stored_as,
        size=job.size,
        encoding=job.encoding,
        delimiter=job.delimiter,
        mapping=job.mapping,
    )
    return start(twin, dry_run=False)


def matches_of(job: Import) -> list[Match]:
    """The mapping of a job as matches."""
    return [Match(**match) for match in job.mapping]


# ---- running ---------------------------------------------------------------------------------------


def waiting(now: dt.datetime) -> list[int]:
    """Imports that nobody works on: queued, or left by a worker whose lease ran out."""
    unheld = Q(lease_until=None) | Q(lease_until__lte=now)
    live = Import.objects.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING])
    return list(live.filter(unheld).order_by("pk").values_list("pk", flat=True))


def run(import_id: int, *, seconds: float = float("inf")) -> Import | None:
    """Run or resume an import; after `seconds` it is put down for the next worker. None when another worker holds it."""
    put_down_at = time.monotonic() + seconds
    token = uuid.uuid4()
    now = timezone.now()
    claimed = (
        Import.objects.filter(pk=import_id, state__in=[ImportState.QUEUED, ImportState.RUNNING])
        .filter(Q(lease_until=None) | Q(lease_until__lte=now))
        .update(state=ImportState.RUNNING, claim_token=token, lease_until=now + LEASE)
    )
    if not claimed:
        return None
    job = Import.objects.select_related("by").get(pk=import_id)
    try:
        if _run(job, put_down_at=put_down_at):
            _finish(job, state=ImportState.DONE)
    except Taken:
        return None
    except ActionRefused as refusal:
        _finish(job, state=ImportState.FAILED, why=refusal.message)
    return job


def _run(job: Import, *, put_down_at: float) -> bool:
    """Whether the end of the file was reached."""
    path = Path(settings.MEDIA_ROOT) / job.stored_as
    layout = Layout(encoding=job.encoding, delimiter=job.delimiter)
    matches = matches_of(job)
    lookups = Lookups(job.by)
    reader = Reader(
        kind=job.kind,
        matches=matches,
        styles=_date_styles(path, layout, matches),
        lookups=lookups,
        now=timezone.now(),
    )
    left = itertools.islice(records(path, layout), 1 + job.position, None)
    for batch in _batches(left):
        try:
            _run_batch(job, batch, reader)
        finally:
            if job.dry_run:
                lookups.reload()  # what the batch added was rolled back with it
        if time.monotonic() > put_down_at:
            _put_down(job)
            return False
    return True


@transaction.atomic
def _put_down(job: Import) -> None:
    """Leave the rest to the next worker: no task runs into its time limit, however long the file."""
    Import.objects.filter(pk=job.pk, claim_token=job.claim_token).update(
        state=ImportState.QUEUED, claim_token=None, lease_until=timezone.now()
    )
    poke("imports.resume_stalled")


def _date_styles(path: Path, layout: Layout, matches: Sequence[Match]) -> dict[str, str]:
    """How the dates of each column are written, by its first records."""
    columns = {match.field: index for index, match in enumerate(matches) if match.field in DATES}
    sample = list(itertools.islice(records(path, layout), 1, SAMPLE)) if columns else []
    return {
        field: values.date_style(
            record.cells[index] for record in sample if index < len(record.cells)
        )
        for field, index in columns.items()
    }


def _batches(found: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(found, BATCH)):
        yield batch


def _run_batch(job: Import, batch: Sequence[Record], reader: Reader) -> None:
    """One transaction: the rows, those that did not come in, and how far we are. Raises Taken."""
    with transaction.atomic():
        with transaction.atomic():
            counts, rejected = _write(job, batch, reader)
            if job.dry_run:
                transaction.set_rollback(True)
        ImportedRow.objects.bulk_create(rejected)
        job.counts = {name: job.counts[name] + counts[name] for name in COUNTS}
        job.position += len(batch)
        job.progress = batch[-1].progress
        held = Import.objects.filter(pk=job.pk, claim_token=job.claim_token).update(
            counts=job.counts,
            position=job.position,
            progress=job.progress,
            lease_until=timezone.now() + LEASE,
            updated_at=timezone.now(),
        )
        if not held:
            raise Taken


def _write(
    job: Import, batch: Sequence[Record], reader: Reader
) -> tuple[Counter[str], list[ImportedRow]]:
    counts = Counter({"read": len(batch)})
    rejected: list[ImportedRow] = []
    rows: list[Row] = []
    for record in batch:
        try:
            rows.append(reader.read(record))
        except Rejected as refusal:
            rejected.append(_rejected(job, record, refusal))
    reader.lookups.add_accounts([row.fields for row in rows])
    for row, saved in zip(rows, writing.save(job.kind, rows, lookups=reader.lookups), strict=True):
        if saved.refusal is None:
            counts[saved.kind] += 1
        else:
            rejected.append(_rejected(job, row.record, Rejected("", "", saved.refusal.message)))
    counts["rejected"] = len(rejected)
    return counts, rejected


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
    job.state, job.why_failed, job.finished_at = state, why[:500], timezone.now()
    if state == ImportState.DONE:
        job.progress = 1.0
    held = Import.objects.filter(pk=job.pk, claim_token=job.claim_token).update(
        state=job.state,
        why_failed=job.why_failed,
        finished_at=job.finished_at,
        progress=job.progress,
        claim_token=None,
        lease_until=None,
    )
    if held and not job.dry_run:
        publish(
            [ImportFinished(actor_id=job.by_id, import_id=job.pk, kind=job.kind, counts=job.counts)]
        )
