"""Erasing a person: files that may name them are thrown away. Whoever needs one asks for it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crm.exports import running
from crm.exports.models import Export
from crm.shared import erasing
from crm.shared.errors import ActionRefused

if TYPE_CHECKING:
    from crm.shared.personal import Person


@transaction.atomic(savepoint=False)
def erase(person: Person) -> None:
    """Raises ActionRefused while a file is being written."""
    if running.live().exists():
        raise ActionRefused(_("A list is being exported: erase the person when that is done."))
    kept = Export.objects.exclude(stored_as="")
    erasing.remove_after_commit([job.path for job in kept])
    kept.update(stored_as="")
    named = []
    for job in Export.objects.exclude(query=""):
        struck = erasing.struck_query(person, job.query)
        if struck != job.query:
            job.query = struck
            named.append(job)
    Export.objects.bulk_update(named, ["query"], batch_size=500)
