"""What a file seems to hold, before anything is brought in: its table, and what each column means."""

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from crm.imports import formats, reading, systems
from crm.imports.formats import Match
from crm.imports.reading import Layout
from crm.shared.errors import ActionRefused

SAMPLE = 2000  # records that decide how the dates and amounts of a column are written


@dataclasses.dataclass(frozen=True, kw_only=True)
class Draft:
    """How the file is written, its columns with their meaning, and of a workbook the sheets there are."""

    layout: Layout
    header: Sequence[str]
    matches: list[Match]
    sheets: Sequence[str] = ()
    recognised_as: str = ""

    def fitness(self, kind: str) -> tuple[bool, float]:
        """How well this table could be the one that is meant: nothing needed is missing, most is understood."""
        understood = sum(match.confidence for match in self.matches if match.field)
        return not formats.missing(kind, self.matches), understood


def draft_of(path: Path, *, kind: str, sheet: str = "") -> Draft:
    """The draft of the file; of a workbook the sheet that is named, or else fits `kind` best. Raises ActionRefused."""
    layouts = reading.layouts_of(path)
    named = [layout for layout in layouts if not sheet or layout.sheet == sheet]
    if not named:
        raise ActionRefused(_("The workbook has no sheet “%(name)s”.") % {"name": sheet})
    best = max(
        (_drafted(path, layout, kind=kind) for layout in named),
        key=lambda draft: draft.fitness(kind),
    )
    sheets = [layout.sheet for layout in layouts if layout.sheet]
    return dataclasses.replace(best, sheets=sheets)


def _drafted(path: Path, layout: Layout, *, kind: str) -> Draft:
    head = list(itertools.islice(reading.records(path, layout), SAMPLE + 1))
    if not head:
        raise ActionRefused(_("The file is empty."))
    header = head[0].cells
    matches = formats.match_columns(kind, header, [record.cells for record in head[1:]])
    return Draft(
        layout=layout,
        header=header,
        matches=matches,
        recognised_as=systems.recognised(kind, header, [formats.normal(name) for name in header]),
    )
