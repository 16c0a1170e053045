"""Reading a delimited text as a stream: its delimiter, its records with the line each starts on."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from crm.imports.reading.encodings import encoding_of
from crm.imports.reading.limits import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_MARKS,
    SAMPLE_BYTES,
    refuse_size,
)
from crm.imports.reading.records import Layout, Record
from crm.imports.reading.streams import check_whole, opened
from crm.shared.errors import ActionRefused
from crm.shared.spreadsheets import as_it_was

USUAL, RARE = (",", ";", "\t", "|"), ("^", "~", "¦", "\x1f", "\x01", ":")
SAMPLE_RECORDS = 50
SAID = re.compile(r'"?sep=(.)"?[\r\n]')  # Excel's own first line

csv.field_size_limit(LONGEST_CELL)


def layout_of(path: Path) -> Layout:
    """Find out encoding and delimiter. Raises ActionRefused for what cannot be read as a table."""
    if path.stat().st_size > MOST_BYTES:
        raise refuse_size()
    check_whole(path)
    encoding = encoding_of(path)
    with _text(path, encoding) as (_raw, text):
        sample = text.read(SAMPLE_BYTES)
    if "\0" in sample:
        raise ActionRefused(_("This is not a text file."))
    said = SAID.match(sample)
    return Layout(
        encoding=encoding,
        delimiter=said[1] if said else _delimiter_of(sample),
        above=1 if said else 0,
    )


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[tuple[BinaryIO, io.TextIOWrapper]]:
    """The file as it is, whose position tells how far we are, and its text."""
    with opened(path) as (raw, data):
        text = io.TextIOWrapper(data, encoding=encoding, newline="")
        try:
            yield raw, text
        finally:
            text.detach()


def _delimiter_of(sample: str) -> str:
    """The delimiter that cuts the most records into the same number of columns; a comma when none cuts."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", sample)[: 2 * SAMPLE_RECORDS]

    def score(delimiter: str) -> tuple[float, bool, int]:
        try:
            cut = list(csv.reader(lines, delimiter=delimiter))[:SAMPLE_RECORDS]
        except csv.Error:
            return (0.0, False, 0)
        widths = Counter(len(cells) for cells in cut if cells)
        width, times = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(1, 0))
        if width < 2:
            return (0.0, False, 0)
        return (round(times / widths.total(), 1), delimiter in USUAL, width)

    return max((*USUAL, *RARE), key=score)


class _Lines:
    """Decoded lines with their ends; none so long, and no record of so many cells, that it costs memory."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._text, self._delimiter = text, delimiter
        self.marks = 0  # delimiters since the record began

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE):
            self.marks += line.count(self._delimiter)
            if self.marks > MOST_MARKS:
                raise csv.Error(_("it has more than %(n)d columns") % {"n": MOST_COLUMNS})
            if len(line) == LONGEST_LINE:
                raise csv.Error(_("it is longer than %(n)d MB") % {"n": LONGEST_LINE // 1024**2})
            yield line


def every_record(path: Path, layout: Layout) -> Iterator[Record]:
    """All records, blank ones as well. Raises ActionRefused, naming the line, for what is no table."""
    size = path.stat().st_size
    with _text(path, layout.encoding) as (raw, text):
        lines = _Lines(text, layout.delimiter)
        reader = csv.reader(iter(lines), delimiter=layout.delimiter)
        while True:
            start, lines.marks = reader.line_num + 1, 0
            try:
                cells = next(reader)
            except StopIteration:
                break
            except (csv.Error, UnicodeError) as error:
                raise ActionRefused(
                    _("Line %(line)d cannot be read: %(why)s") % {"line": start, "why": error}
                ) from error
            if len(cells) > MOST_COLUMNS:
                raise ActionRefused(
                    _("Line %(line)d has more than %(n)d columns.")
                    % {"line": start, "n": MOST_COLUMNS}
                )
            yield Record(start, [as_it_was(cell) for cell in cells], min(raw.tell() / size, 1.0))
