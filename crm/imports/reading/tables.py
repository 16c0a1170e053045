"""Where the table begins among the records of a file: what stands above it, whether it has a header, what is a note."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median_high

from crm.imports.reading.records import Record, filled

SAMPLE = 60  # records that decide
DEEPEST = 25  # records among which the header is looked for
WIDE_ENOUGH = 0.6  # of the usual number of filled cells
YEAR = re.compile(r"(19|20)\d\d")
DATUM = re.compile(
    r"""[-+(]?\s*[^\w\s]?\s*\d[\d\s.,:'’/%-]*[kKmM€)]?   # a number, an amount, a date in figures
      | \d{1,4}[-/.\s]\w{3,9}[-/.,\s]+\d{2,4}.*           # a date with the month's name
      | \d{4}-\d\d-\d\d[T\s].*
      | [^@\s]+@[^@\s]+\.\w+                              # an address
      | [0-9a-fA-F]{8}-[0-9a-fA-F-]{27}""",
    re.VERBOSE,
)


def start_of(head: Sequence[Record]) -> tuple[int, bool]:
    """How many records stand above the table, and whether it begins with a header."""
    counts = [filled(record.cells) for record in head[:SAMPLE]]
    usual = median_high([count for count in counts if count] or [0])
    for index, record in enumerate(head[:DEEPEST]):
        if counts[index] >= max(1, WIDE_ENOUGH * usual):
            return index, not _is_data(record.cells)
    return 0, True


def _is_data(cells: Sequence[str]) -> bool:
    """A row, and no header: it holds values. A header may hold years, and says nothing twice but by oversight."""
    told = [cell.strip() for cell in cells if cell.strip()]
    data = [cell for cell in told if DATUM.fullmatch(cell) and not YEAR.fullmatch(cell)]
    return len(data) > 0.2 * len(told)


def header_of(cells: Sequence[str], *, has_header: bool, width: int) -> list[str]:
    """A name for each column: what the file calls it, each name once; where it says nothing, its number."""
    named = [cell.replace("\ufeff", "").strip() for cell in cells] if has_header else []
    named += [""] * (width - len(named))
    seen: Counter[str] = Counter()
    names = []
    for number, name in enumerate(named, start=1):
        name = name or f"Column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def with_notes(rows: Iterable[Record], *, width: int) -> Iterator[Record]:
    """The rows without blank ones. One lone cell after a blank line, in a table of three columns or more, is a note."""
    after_blank = False
    for row in rows:
        if row.is_blank:
            after_blank = True
            continue
        after_blank = after_blank and width > 2 and filled(row.cells) == 1 == filled(row.cells[:1])
        if after_blank:
            yield Record(row.line, row.cells, row.progress, is_note=True)
        else:
            yield row
