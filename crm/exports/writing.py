"""A table as a file, row by row: what was written is not held in memory."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter

from crm.exports.states import FileFormat
from crm.shared.spreadsheets import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from crm.exports.lists import Cell

MOST_XLSX_ROWS = 1_048_575  # of a sheet, without the header
LONGEST_XLSX_CELL = 32_767
EXACT_DIGITS = 15  # of a number in a sheet


def write(
    path: Path, *, file_format: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write the header and all rows."""
    writers = {FileFormat.CSV: _write_csv, FileFormat.XLSX: _write_xlsx}
    writers[FileFormat(file_format)](path, header, rows)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """With the mark by which a spreadsheet knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(inert, header))
        writer.writerows([_text(cell) for cell in row] for row in rows)


def _text(cell: Cell) -> str | int | Decimal | None:
    if isinstance(cell, str):
        return inert(cell)
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Text is written as text, which no spreadsheet runs; numbers and days as what they are."""
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(path.parent)}
    ) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(header):
            sheet.write_string(0, column, name)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _put(sheet, number, column, cell, day=day)


def _put(sheet: Any, row: int, column: int, cell: Cell, *, day: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell[:LONGEST_XLSX_CELL])
    elif isinstance(cell, Decimal) and len(cell.as_tuple().digits) > EXACT_DIGITS:
        sheet.write_string(row, column, str(cell))
    else:
        sheet.write_number(row, column, float(cell))
