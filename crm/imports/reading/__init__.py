"""Reading a file of any kind as a table: CSV, TSV and other delimited text, packed or not, and XLSX workbooks."""

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from crm.imports.reading import delimited, tables, workbooks
from crm.imports.reading.records import Layout, Record
from crm.shared.errors import ActionRefused

__all__ = ["Layout", "Record", "every_record", "layout_of", "layouts_of", "records"]

MOST_SHEETS = 50
NO_TABLES = {  # how files begin that people take for tables
    b"\xd0\xcf\x11\xe0": _("This is an old or a protected Excel file: save it as .xlsx or as CSV."),
    b"%PDF": _("This is a PDF: save the table as .xlsx or as CSV."),
}


def layouts_of(path: Path) -> list[Layout]:
    """How the file is written: one layout, or one for each sheet that holds anything.

    Raises ActionRefused for what cannot be read as a table.
    """
    if path.stat().st_size == 0:
        raise ActionRefused(_("The file is empty."))
    with path.open("rb") as raw:
        head = raw.read(8)
    for mark, why in NO_TABLES.items():
        if head.startswith(mark):
            raise ActionRefused(why)
    if not workbooks.is_workbook(path):
        return [_placed(path, delimited.layout_of(path))]
    found = []
    for sheet in workbooks.sheets_of(path)[:MOST_SHEETS]:
        layout = Layout(sheet=sheet)
        if any(not record.is_blank for record in _head(path, layout)):
            found.append(_placed(path, layout))
    if not found:
        raise ActionRefused(_("The file is empty."))
    return found


def layout_of(path: Path) -> Layout:
    """How the file is written; of a workbook its first sheet."""
    return layouts_of(path)[0]


def _head(path: Path, layout: Layout) -> list[Record]:
    return list(itertools.islice(every_record(path, layout), layout.above, tables.SAMPLE))


def _placed(path: Path, layout: Layout) -> Layout:
    """The layout with the place of its table."""
    above, has_header = tables.start_of(_head(path, layout))
    return dataclasses.replace(layout, above=layout.above + above, has_header=has_header)


def every_record(path: Path, layout: Layout) -> Iterator[Record]:
    """All records as they stand in the file. Raises ActionRefused, naming the line, for what is no table."""
    if layout.sheet:
        return workbooks.every_record(path, layout.sheet)
    return delimited.every_record(path, layout)


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """The header, made up where there is none, then all rows that hold anything. Raises as `every_record` does."""
    found = itertools.islice(every_record(path, layout), layout.above, None)
    head = list(itertools.islice(found, tables.SAMPLE))
    if not head:
        return
    first = head[0]
    width = max(len(record.cells) for record in ([first] if layout.has_header else head))
    names = tables.header_of(first.cells, has_header=layout.has_header, width=width)
    yield Record(first.line, names, first.progress)
    rows = itertools.chain(head[1:] if layout.has_header else head, found)
    yield from tables.with_notes(rows, width=width)
