"""Cells of each kind in each kind of file."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from crm.exports import writing
from crm.exports.lists import Cell
from crm.imports.reading import layout_of, records

ROW: list[Cell] = [
    "=1+1",
    7,
    Decimal("12.50"),
    dt.date(2026, 4, 20),
    None,
    Decimal("12345678901234.56"),
]
READ = ["=1+1", "7", "12.50", "2026-04-20", "", "12345678901234.56"]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_file_says_what_the_row_says(file_format: str, tmp_path: Path) -> None:
    path = tmp_path / f"list.{file_format}"

    writing.write(path, file_format=file_format, header=list("abcdef"), rows=[ROW])

    read = [record.cells for record in records(path, layout_of(path))]
    assert read[0] == list("abcdef")
    assert [cell.removesuffix("0") for cell in read[1]] == [cell.removesuffix("0") for cell in READ]


def test_a_csv_begins_with_its_mark_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"

    writing.write(path, file_format="csv", header=["=a"], rows=[["@b", "-3"]])

    assert path.read_bytes() == b"\xef\xbb\xbf'=a\r\n'@b,-3\r\n"


def test_a_cell_of_a_sheet_is_cut_where_a_sheet_would_drop_it(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"

    writing.write(path, file_format="xlsx", header=["a"], rows=[["x" * 40_000]])

    assert [len(record.cells[0]) for record in records(path, layout_of(path))] == [1, 32_767]
