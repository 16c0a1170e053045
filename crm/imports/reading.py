"""Reading a delimited file as a stream: its encoding, its delimiter, its records with the line each starts on."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused

MOST_BYTES = 150 * 1024 * 1024
MOST_COLUMNS = 1000
LONGEST_CELL = 1024 * 1024
LONGEST_LINE = 4 * LONGEST_CELL
SAMPLE_BYTES = 256 * 1024
CHUNK = 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
WESTERN = "cp1252"
# Single-byte neighbours that short Western texts are taken for; of these the Windows page is by far the commonest.
LIKE_WESTERN = frozenset(
    {"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "latin_1", "iso8859_15", "cp850", "cp775"}
)
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

csv.field_size_limit(LONGEST_CELL)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is written."""

    encoding: str
    delimiter: str


@dataclasses.dataclass(frozen=True)
class Record:
    """One record: the physical line it starts on, its cells, and how far into the file it ends (0 to 1)."""

    line: int
    cells: list[str]
    progress: float


def layout_of(path: Path) -> Layout:
    """Find out encoding and delimiter. Raises ActionRefused for what cannot be read as a table."""
    size = path.stat().st_size
    if size == 0:
        raise ActionRefused(_("The file is empty."))
    if size > MOST_BYTES:
        raise ActionRefused(_("The file is larger than %(n)d MB.") % {"n": MOST_BYTES // 1024**2})
    encoding = _encoding_of(path)
    with path.open(encoding=encoding, newline="") as text:
        sample = text.read(SAMPLE_BYTES)
    if "\0" in sample:
        raise ActionRefused(_("This is not a text file."))
    return Layout(encoding=encoding, delimiter=_delimiter_of(sample))


def _encoding_of(path: Path) -> str:
    with path.open("rb") as raw:
        head = raw.read(SAMPLE_BYTES)
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if _is_utf8(path):
        return "utf-8"
    whole_lines = (
        head[: head.rfind(b"\n") + 1] or head
    )  # a cut character would look like no encoding at all
    best = from_bytes(whole_lines).best()
    if best is None:
        raise ActionRefused(_("The encoding of this file cannot be told: save it as UTF-8."))
    return WESTERN if best.encoding in LIKE_WESTERN else str(best.encoding)


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="strict", newline="") as text:
            while text.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _delimiter_of(sample: str) -> str:
    """The delimiter that gives the most columns, the same in most of the first records; a comma when none does."""

    def score(delimiter: str) -> tuple[int, int]:
        lines = sample.splitlines(keepends=True)[:50]
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths), widths[0])

    return max(DELIMITERS, key=score)


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """All records that hold anything, header first. Raises ActionRefused, naming the line, for what is no table."""
    size = path.stat().st_size
    with path.open("rb") as raw:
        reader = csv.reader(_lines(raw, layout.encoding), delimiter=layout.delimiter)
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                raise ActionRefused(
                    _("Line %(line)d cannot be read: %(why)s") % {"line": start, "why": error}
                ) from error
            if len(cells) > MOST_COLUMNS:
                raise ActionRefused(
                    _("Line %(line)d has more than %(n)d columns.")
                    % {"line": start, "n": MOST_COLUMNS}
                )
            if any(cell.strip() for cell in cells):
                yield Record(start, cells, min(raw.tell() / size, 1.0))


def _lines(raw: BinaryIO, encoding: str) -> Iterator[str]:
    """Decoded lines with their ends, none longer than LONGEST_LINE, so that a hostile one costs no memory."""
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise csv.Error(_("it is longer than %(n)d MB") % {"n": LONGEST_LINE // 1024**2})
        yield line
    text.detach()
