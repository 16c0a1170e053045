"""What an import wrote, noted row by row, so that all of it can be taken back."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from crm.imports.models import Import, ImportChange
from crm.shared import loading
from crm.shared.batches import Saved
from crm.shared.models import Versioned

NOTED = (
    *("belongs_to_id", "thing", "row_id", "is_new", "version", "former"),
    *("kept", "name"),
)


def note(job: Import, saved: Sequence[Saved], *, added: Sequence[models.Model]) -> None:
    """Keep what became of a batch: first what was `added` since its rows name it, then the rows. Needs a transaction."""
    rows = [_created(job, one) for one in added]
    for one in saved:
        if one.kind == "created":
            rows.append(_created(job, one.thing))
        elif one.kind == "updated":
            rows.append(_updated(job, one))
    loading.write_values(ImportChange, NOTED, rows)


def _created(job: Import, row: Any) -> tuple[Any, ...]:
    version = row.version if isinstance(row, Versioned) else 0
    return (job.pk, row._meta.model_name, row.pk, True, version, {}, "", "")


def _updated(job: Import, saved: Saved) -> tuple[Any, ...]:
    row, former = saved.thing, saved.former
    said = {
        field: [before, getattr(row, field)]
        for name, before in former.items()
        for field in [row._meta.get_field(name).attname]
    }
    return (job.pk, row._meta.model_name, row.pk, False, row.version, said, "", "")
