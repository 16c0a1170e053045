"""What every kind of file is read into."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is written: a text by its encoding and delimiter, a workbook by its sheet.

    `above` counts the records before the header (or before the first row, where there is none), blank ones as well.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    above: int = 0
    has_header: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One record: the physical line it starts on, its cells, how far into the file it ends (0 to 1).

    `is_note` says that it looks like a note around the table and not like a row of it.
    """

    line: int
    cells: list[str]
    progress: float
    is_note: bool = False

    @property
    def is_blank(self) -> bool:
        return not any(cell and not cell.isspace() for cell in self.cells)


def filled(cells: Sequence[str]) -> int:
    """How many cells hold anything."""
    return sum(bool(cell) and not cell.isspace() for cell in cells)
