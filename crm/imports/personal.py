"""What imports hold of a person: what their row said before, and rows of files that did not come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.imports.models import Import, ImportChange, ImportedRow
from crm.shared import personal

if TYPE_CHECKING:
    from crm.shared.models import User
    from crm.shared.personal import Person, Rows

CHUNK = 1000


def about(person: Person, viewer: User) -> dict[str, Rows]:
    """Of the imports that `viewer` sees."""
    seen = Import.objects.visible_to(viewer)
    changes = ImportChange.objects.filter(
        thing="contact", row_id__in=person.ids, belongs_to__in=seen
    )
    rejected = ImportedRow.objects.filter(belongs_to__in=seen)
    return {
        "imports.importchange": personal.rows(changes, "id", "belongs_to_id", "former"),
        "imports.importedrow": [
            {"id": row.pk, "belongs_to_id": row.belongs_to_id, "line": row.line, "cells": row.cells}
            for row in rejected.iterator(chunk_size=CHUNK)
            if person.is_named_in([row.value, *row.cells])
        ],
    }
