"""An import before its first row: the file kept, its columns matched, started; and once more, for what it left over."""

import dataclasses
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import deciding, drafts, formats, layouts
from crm.imports.formats import Match
from crm.imports.models import Import
from crm.imports.states import ImportState, InDoubt
from crm.shared.after_commit import poke
from crm.shared.errors import ActionRefused
from crm.shared.models import User


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
    draft = drafts.draft_of(path, kind=kind)
    if mapping is None:
        matches = layouts.recall(kind, draft.matches, by=by) or draft.matches
    else:
        matches = _by_hand(kind, draft.matches, mapping)
    return Import.objects.create(
        kind=kind,
        by=by,
        file_name=name[-255:],
        stored_as=stored_as,
        size=path.stat().st_size,
        **dataclasses.asdict(draft.layout),
        sheets=list(draft.sheets),
        recognised_as=draft.recognised_as,
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
    in_doubt: str = InDoubt.ASIDE,
) -> Import:
    """Prepare and start in one: for programs and the command line, which look at no draft."""
    job = prepare(kind=kind, stored_as=stored_as, name=name, by=by, mapping=mapping)
    job.in_doubt = in_doubt
    job.save(update_fields=["in_doubt"])
    return start(job, dry_run=dry_run)


def _by_hand(kind: str, matches: Sequence[Match], mapping: Mapping[str, str]) -> list[Match]:
    try:
        return formats.match_by_hand(kind, matches, mapping)
    except KeyError as error:
        wrong = str(error.args[0])
        raise ActionRefused(
            _("“%(name)s” is neither a column of this file nor a field.") % {"name": wrong},
            fields={"mapping": wrong},
        ) from error


@transaction.atomic
def start(
    job: Import,
    *,
    dry_run: bool,
    mapping: Mapping[str, str] | None = None,
    written: Mapping[str, Mapping[str, str]] | None = None,
) -> Import:
    """Queue it, with the columns as `mapping` corrects them, kept for next time; a worker takes it up.

    `written` says of columns in doubt how their dates or amounts are written.

    Raises ActionRefused when a needed column is missing, or it was started already.
    """
    job = Import.objects.select_for_update().get(pk=job.pk)
    if job.state != ImportState.DRAFT:
        raise ActionRefused(_("This import was started already."))
    _check_file(job)
    if mapping is not None:
        matches = [
            formats.told(match, (written or {}).get(match.column, {}))
            for match in _by_hand(job.kind, matches_of(job), mapping)
        ]
        layouts.remember(job.kind, matches, by=job.by)
        job.mapping = [dataclasses.asdict(match) for match in matches]
    if lacking := formats.missing(job.kind, matches_of(job)):
        names = "; ".join(" / ".join(sorted(group)) for group in lacking)
        raise ActionRefused(
            _("No column for: %(names)s. Choose one.") % {"names": names}, fields={"mapping": names}
        )
    job.dry_run, job.state = dry_run, ImportState.QUEUED
    job.started_at = job.lease_until = timezone.now()
    job.save(
        update_fields=["mapping", "dry_run", "state", "started_at", "lease_until", "updated_at"]
    )
    poke("imports.resume_stalled")
    return job


@transaction.atomic
def choose_sheet(job: Import, *, sheet: str) -> Import:
    """Another sheet of the workbook, matched anew. Raises ActionRefused when it is not there, or started already."""
    job = Import.objects.select_for_update().get(pk=job.pk)
    if job.state != ImportState.DRAFT:
        raise ActionRefused(_("This import was started already."))
    _check_file(job)
    path = Path(settings.MEDIA_ROOT) / job.stored_as
    draft = drafts.draft_of(path, kind=job.kind, sheet=sheet)
    matches = layouts.recall(job.kind, draft.matches, by=job.by) or draft.matches
    for name, value in dataclasses.asdict(draft.layout).items():
        setattr(job, name, value)
    job.recognised_as = draft.recognised_as
    job.mapping = [dataclasses.asdict(match) for match in matches]
    job.save()
    return job


def _check_file(job: Import) -> None:
    if not job.stored_as:
        raise ActionRefused(
            _("Its file was thrown away when a person was erased: upload it again.")
        )


@transaction.atomic
def again(job: Import, *, by: User | None) -> Import:
    """After a dry run the same file with the same columns, for real; one that stopped goes on where it stopped."""
    job = Import.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.state == ImportState.FAILED and not job.undone:
        return _go_on(job)
    return start(_twin(job, by=by), dry_run=False)


@transaction.atomic
def take_up(job: Import, *, by: User | None) -> Import:
    """Bring in what an import set aside and a person decided since. Raises ActionRefused when that is nothing."""
    job = Import.objects.select_for_update(of=("self",)).get(pk=job.pk)
    twin = _twin(job, by=by, only_answered=True)
    if job.dry_run or not deciding.decided(job).update(taken_up_by=twin):
        raise ActionRefused(_("There is nothing decided that could come in."))
    return start(twin, dry_run=False)


def _twin(job: Import, *, by: User | None, only_answered: bool = False) -> Import:
    return Import.objects.create(
        kind=job.kind,
        by=by,
        file_name=job.file_name,
        stored_as=job.stored_as,
        size=job.size,
        **dataclasses.asdict(job.layout),
        sheets=job.sheets,
        recognised_as=job.recognised_as,
        mapping=job.mapping,
        in_doubt=job.in_doubt,
        follows=job,
        only_answered=only_answered,
    )


def _go_on(job: Import) -> Import:
    _check_file(job)
    job.state, job.lease_until = ImportState.QUEUED, timezone.now()
    job.tries, job.why_failed = 0, ""
    job.save(update_fields=["state", "lease_until", "tries", "why_failed", "updated_at"])
    poke("imports.resume_stalled")
    return job


def matches_of(job: Import) -> list[Match]:
    """The mapping of a job as matches."""
    return [Match(**match) for match in job.mapping]
