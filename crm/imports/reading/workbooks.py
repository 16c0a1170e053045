"""Reading a sheet of an XLSX workbook as a stream, in flat memory: its parts are parsed as they are unpacked.

Two cells in far corners, a part that unpacks without end, a document type: each ends with a refusal, none is built first.
"""

import array
import functools
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from crm.imports.reading.cells import Formats
from crm.imports.reading.limits import (
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_XML_BYTES,
    refuse_packed,
    refuse_size,
)
from crm.imports.reading.records import Record
from crm.shared.errors import ActionRefused

ZIP = b"PK\x03\x04"
STEP = 64 * 1024
LONGEST_TOKEN = 2 * LONGEST_CELL  # the parser keeps an unfinished one in memory
SPOOLED = 4 * 1024**2
REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+")
LETTERS = 26
Attributes = dict[str, str]


def is_workbook(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(len(ZIP)) == ZIP


def sheets_of(path: Path) -> list[str]:
    """The names of the visible sheets. Raises ActionRefused for what is no workbook, or unpacks to more than may be."""
    if path.stat().st_size > MOST_BYTES:
        raise refuse_size()
    with _opened(path) as book:
        return list(_parts(book))


def every_record(path: Path, sheet: str) -> Iterator[Record]:
    """All rows of a sheet up to its last, blank ones as well. Raises ActionRefused, naming the line."""
    with _opened(path) as book:
        part = _parts(book).get(sheet)
        if part is None:
            raise ActionRefused(_("The workbook has no sheet “%(name)s”.") % {"name": sheet})
        with _Words(book) as words:
            reader = _Rows(words, Formats(_styles(book)), is_1904=_is_1904(book))
            yield from reader.read(book, part)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > MOST_XML_BYTES:
                raise refuse_packed()
            yield book
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        expat.ExpatError,
    ) as error:
        raise ActionRefused(_("This workbook is damaged, or none of Excel.")) from error
    except (RuntimeError, NotImplementedError) as error:
        raise ActionRefused(_("This workbook is protected by a password.")) from error


# ---- parsing -------------------------------------------------------------------------------------


def _parse(parser: expat.XMLParserType, part: IO[bytes]) -> Iterator[int]:
    """Feed `part` to `parser` step by step; yields the bytes fed. Refuses document types and endless tokens."""
    parser.StartDoctypeDeclHandler = _no_document_type
    fed = 0
    while chunk := part.read(STEP):
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
            raise _too_long()
        yield fed
    parser.Parse(b"", True)  # noqa: FBT003  (expat takes no names)
    yield fed


def _no_document_type(*_args: Any) -> None:
    raise ActionRefused(_("This workbook declares XML entities; none of Excel does."))


def _too_long() -> ActionRefused:
    return ActionRefused(_("A cell is longer than %(n)d MB.") % {"n": LONGEST_CELL // 1024**2})


def _elements(book: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Attributes]]:
    """The elements of a small part, each with its attributes, in the order of the file."""
    found: list[tuple[str, Attributes]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((_local(tag), attributes))
    with book.open(name) as part:
        for _fed in _parse(parser, part):
            yield from found
            found.clear()


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """The visible sheets by name, with the part of the archive that each is."""
    targets = {
        each["Id"]: each["Target"]
        for tag, each in _elements(book, "xl/_rels/workbook.xml.rels")
        if tag == "Relationship"
    }
    sheets = [each for tag, each in _elements(book, "xl/workbook.xml") if tag == "sheet"]
    there = set(book.namelist())
    parts = {}
    for each in sheets:
        relation = next((value for key, value in each.items() if _local(key) == "id"), "")
        target = targets.get(relation, "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if each.get("state", "visible") == "visible" and part in there:
            parts[each.get("name", "")] = part
    return parts


def _is_1904(book: zipfile.ZipFile) -> bool:
    marks = (each for tag, each in _elements(book, "xl/workbook.xml") if tag == "workbookPr")
    return any(each.get("date1904") in {"1", "true"} for each in marks)


def _styles(book: zipfile.ZipFile) -> Iterator[tuple[str, Attributes]]:
    return _elements(book, "xl/styles.xml") if "xl/styles.xml" in book.namelist() else iter(())


class _Words:
    """The words that cells share, kept in a file beside memory: a workbook may hold millions."""

    PART = "xl/sharedStrings.xml"

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115  (closed by __exit__)
        self._ends = array.array("Q", [0])
        self.get = functools.lru_cache(maxsize=4096)(self._get)
        self._words: list[str] = []
        self._length = 0
        self._is_text = self._is_phonetic = False
        if self.PART in book.namelist():
            parser = expat.ParserCreate()
            parser.StartElementHandler = self._start
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._data
            with book.open(self.PART) as part:
                for _fed in _parse(parser, part):
                    pass

    def __enter__(self) -> "_Words":
        return self

    def __exit__(self, *_args: object) -> None:
        self._file.close()

    def _start(self, tag: str, _attributes: Attributes) -> None:
        self._is_text = _local(tag) == "t" and not self._is_phonetic
        self._is_phonetic = self._is_phonetic or _local(tag) == "rPh"

    def _end(self, tag: str) -> None:
        self._is_text = False
        self._is_phonetic = self._is_phonetic and _local(tag) != "rPh"
        if _local(tag) == "si":
            self._file.seek(0, 2)
            self._file.write("".join(self._words).encode())
            self._ends.append(self._file.tell())
            self._words, self._length = [], 0

    def _data(self, text: str) -> None:
        if self._is_text:
            self._words.append(text)
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise _too_long()

    def _get(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            return ""
        self._file.seek(self._ends[index])
        return self._file.read(self._ends[index + 1] - self._ends[index]).decode()


class _Rows:
    """The rows of one sheet, put together from the parser's events."""

    def __init__(self, words: _Words, formats: Formats, *, is_1904: bool) -> None:
        self._words, self._formats, self._is_1904 = words, formats, is_1904
        self._done: list[tuple[int, list[str]]] = []
        self._cells: list[str] = []
        self._line = self._column = 0
        self._kind = self._style = ""
        self._value: list[str] = []
        self._length = 0
        self._is_value = False

    def read(self, book: zipfile.ZipFile, name: str) -> Iterator[Record]:
        size = max(book.getinfo(name).file_size, 1)
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        with book.open(name) as part:
            for fed in _parse(parser, part):
                for line, cells in self._done:
                    yield Record(line, cells, min(fed / size, 1.0))
                self._done.clear()

    def _start(self, tag: str, attributes: Attributes) -> None:
        tag = _local(tag)
        if tag == "c":
            self._column = self._place(attributes.get("r", ""))
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._value, self._length = [], 0
        elif tag in {"v", "t"}:
            self._is_value = True
        elif tag == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells = []

    def _place(self, reference: str) -> int:
        """The column of a cell, from 0; without a reference the next. Raises ActionRefused for one too far out."""
        column = len(self._cells)
        if found := REFERENCE.fullmatch(reference):
            column = -1
            for letter in found[1]:
                column = (column + 1) * LETTERS + ord(letter) - ord("A")
        if column >= MOST_COLUMNS:
            raise ActionRefused(
                _("Line %(line)d has more than %(n)d columns.")
                % {"line": self._line, "n": MOST_COLUMNS}
            )
        return column

    def _data(self, text: str) -> None:
        if self._is_value:
            self._value.append(text)
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise _too_long()

    def _end(self, tag: str) -> None:
        tag = _local(tag)
        if tag in {"v", "t"}:
            self._is_value = False
        elif tag == "c" and self._value:
            self._cells += [""] * (self._column + 1 - len(self._cells))
            self._cells[self._column] = self._shown("".join(self._value))
        elif tag == "row":
            self._done.append((self._line, self._cells))

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            return self._words.get(int(value)) if value.isdigit() else ""
        if self._kind == "n":
            return self._formats.shown(value, self._style, is_1904=self._is_1904)
        return {"1": "true", "0": "false"}.get(value, value) if self._kind == "b" else value
