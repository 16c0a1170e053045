"""Erasing a person: what their row said before, rows of files that did not come in, and the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.imports.models import Import, ImportChange, ImportedRow, Question
from crm.imports.states import LIVE
from crm.shared import erasing
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, Notice

if TYPE_CHECKING:
    from crm.shared.personal import Person

CHUNK = 1000


@transaction.atomic(savepoint=False)
def erase(person: Person) -> None:
    """Files of imports that are over, or were not started, are thrown away: they may name the person.

    Raises ActionRefused while an import runs.
    """
    if Import.objects.filter(state__in=LIVE).exists():
        raise ActionRefused(_("An import is running: erase the person when it is over."))
    _forget_files()
    erasing.strike(person, Import.objects.all(), "file_name", "mapping", "why_failed", "first_rows")
    asked = Question.objects.only("said", "candidates")
    naming = [
        one.pk
        for one in asked.iterator(chunk_size=CHUNK)
        if person.is_named_in([one.said, *(str(known) for known in one.candidates)])
    ]
    Question.objects.filter(pk__in=naming).delete()
    ImportChange.objects.filter(thing="contact", row_id__in=person.ids).delete()
    theirs = Q(thing="deal", row_id__in=person.deal_ids)
    theirs |= Q(thing="account", row_id__in=person.account_ids)
    erasing.strike(person, ImportChange.objects.filter(theirs), "former", "name")
    told = EventRecord.objects.filter(deal_id=None, subject_kind="import")
    erasing.strike(person, told, "data")
    erasing.strike(person, Notice.objects.filter(event__in=told), "text")
    rejected = ImportedRow.objects.only("value", "why", "cells")
    named = [
        row.pk
        for row in rejected.iterator(chunk_size=CHUNK)
        if person.is_named_in([row.value, row.why, *row.cells])
    ]
    ImportedRow.objects.filter(pk__in=named).delete()


def _forget_files() -> None:
    """Those that were uploaded; what the command line reads is not ours to remove. Of all jobs the samples go."""
    media = Path(settings.MEDIA_ROOT)
    jobs = list(Import.objects.exclude(mapping=[]).order_by("pk"))
    for job in jobs:
        job.mapping = [match | {"samples": []} for match in job.mapping]
    Import.objects.bulk_update(jobs, ["mapping"], batch_size=500)
    uploaded = Import.objects.filter(stored_as__startswith="imports/")
    erasing.remove_after_commit(
        [media / name for name in uploaded.values_list("stored_as", flat=True)]
    )
    uploaded.update(stored_as="")
