"""Files made to do harm are refused with the reason, at once, and cost no memory."""

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import workbooks

MEGABYTE = 1024**2
MOST_GROWTH = 50 * MEGABYTE
CHILD = """
import os, re, sys, time
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
import django
django.setup()
from crm.imports.reading import layouts_of, records
from crm.shared.errors import ActionRefused
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before, began = peak(), time.monotonic()
try:
    path = Path(sys.argv[1])
    for layout in layouts_of(path):
        for record in records(path, layout):
            pass
    print("was read")
except ActionRefused as refusal:
    print(refusal.message)
print((peak() - before) * 1024)
print(f"{time.monotonic() - began:.2f}")
"""


def a_gigabyte(folder: Path) -> Path:
    path = folder / "deals.csv"
    with path.open("wb") as sparse:
        sparse.write(b"title,stage\n")
        sparse.truncate(1024 * MEGABYTE)
    return path


def packed(folder: Path) -> Path:
    path = folder / "deals.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _megabyte in range(160):
            file.write(b"title,stage\n" * (MEGABYTE // 12))
    return path


def a_cell_of_a_hundred_megabytes(folder: Path) -> Path:
    path = folder / "deals.csv"
    with path.open("wb") as file:
        file.write(b'title,stage\nVale,"')
        for _megabyte in range(100):
            file.write(b"x" * MEGABYTE)
        file.write(b'"\n')
    return path


def a_cell_of_many_lines(folder: Path) -> Path:
    path = folder / "deals.csv"
    with path.open("wb") as file:
        file.write(b'title,stage\nVale,"')
        for _megabyte in range(100):
            file.write(b"x\n" * (MEGABYTE // 2))
        file.write(b'"\n')
    return path


def a_million_columns(folder: Path) -> Path:
    path = folder / "deals.csv"
    path.write_text(",".join(f"c{number}" for number in range(1_000_000)) + "\n")
    return path


def a_million_columns_over_many_lines(folder: Path) -> Path:
    path = folder / "deals.csv"
    path.write_text("title,stage\n" + '"a\n",' * 1_000_000 + "\n")
    return path


def a_sheet(folder: Path, xml: str) -> Path:
    return workbooks.workbook(folder, {"Deals": xml})


def a_workbook_that_unpacks_without_end(folder: Path) -> Path:
    path = a_sheet(folder, workbooks.sheet([["title", "stage"]]))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open("xl/media/image1.png", "w") as part,
    ):
        for _megabyte in range(700):
            part.write(b"\0" * MEGABYTE)
    return path


def entities(folder: Path) -> Path:
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
    )
    rows = '<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return a_sheet(folder, f"<!DOCTYPE x [{laughs}]><worksheet>{rows}</worksheet>")


def a_cell_in_the_far_corner(folder: Path) -> Path:
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return a_sheet(
        folder, f'<worksheet><row r="1"><c r="A1"><v>1</v></c></row>{corner}</worksheet>'
    )


def a_cell_of_a_workbook_of_a_hundred_megabytes(folder: Path) -> Path:
    words = "x" * (100 * MEGABYTE)
    return a_sheet(
        folder, f'<worksheet><row><c t="inlineStr"><is><t>{words}</t></is></c></row></worksheet>'
    )


def shared_words_of_a_hundred_megabytes(folder: Path) -> Path:
    words = f"<sst><si><t>{'x' * (100 * MEGABYTE)}</t></si></sst>"
    sheet = '<worksheet><row><c t="s"><v>0</v></c></row></worksheet>'
    return workbooks.workbook(folder, {"Deals": sheet}, words=words)


def a_mark_without_end(folder: Path) -> Path:
    return a_sheet(folder, f'<worksheet><row spans="{"1" * (100 * MEGABYTE)}"/></worksheet>')


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (a_gigabyte, "larger than 150 MB"),
        (packed, "Unpacked, this file is larger"),
        (a_cell_of_a_hundred_megabytes, "Line 2 cannot be read: it is longer than 4 MB"),
        (a_cell_of_many_lines, "Line 2 cannot be read: field larger than field limit"),
        (a_million_columns, "more than 1000 columns"),
        (a_million_columns_over_many_lines, "more than 1000 columns"),
        (a_workbook_that_unpacks_without_end, "Unpacked, this file is larger"),
        (entities, "declares XML entities"),
        (a_cell_in_the_far_corner, "Line 1048576 has more than 1000 columns"),
        (a_cell_of_a_workbook_of_a_hundred_megabytes, "A cell is longer than 1 MB"),
        (shared_words_of_a_hundred_megabytes, "A cell is longer than 1 MB"),
        (a_mark_without_end, "A cell is longer than 1 MB"),
    ],
)
def test_a_hostile_file_is_refused_with_the_reason_and_costs_no_memory(
    tmp_path: Path, make: Callable[[Path], Path], why: str
) -> None:
    path = make(tmp_path)

    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )

    reason, growth, _seconds = child.stdout.splitlines()
    assert why in reason
    assert int(growth) < MOST_GROWTH
