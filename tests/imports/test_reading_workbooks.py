"""Reading a sheet of a workbook: its values as people see them, its dates as dates."""

import json
from pathlib import Path

import pytest

from crm.imports import drafts, reading
from crm.imports.reading.records import Layout
from crm.imports.states import Kind
from crm.shared.errors import ActionRefused
from tests.factories import workbooks
from tests.factories.workbooks import AMOUNT, DAY, OWN_DAY, cell, sheet


def read(path: Path, name: str = "Deals") -> list[list[str]]:
    return [record.cells for record in reading.every_record(path, Layout(sheet=name))]


def test_values_come_as_people_see_them(tmp_path: Path) -> None:
    words = "<sst><si><t>Vale</t><rPh><t>VALE</t></rPh></si><si><r><t>Kov</t></r><r><t>ács</t></r></si></sst>"
    row = [
        *('<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', '<c t="s"><v>7</v></c>'),
        *(cell(1200), cell(0.1 + 0.2), cell(True), cell(46132, style=DAY)),
        *(cell(46132.75, style=OWN_DAY), cell(46132, style=AMOUNT), '<c t="n"><v>?</v></c>'),
    ]
    path = workbooks.workbook(tmp_path, {"Deals": sheet([row])}, words=words)

    assert read(path) == [
        [
            *("Vale", "Kovács", "", "1200", "0.3", "true", "2026-04-20"),
            *("2026-04-20 18:00:00", "46132", "?"),
        ]
    ]


def test_cells_stand_where_their_reference_says(tmp_path: Path) -> None:
    xml = (
        '<x:worksheet xmlns:x="m"><x:row r="3"><x:c r="B3"><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c>'
        '<x:c r="AA3" t="str"><x:f>A1</x:f><x:v>z</x:v></x:c></x:row></x:worksheet>'
    )
    path = workbooks.workbook(tmp_path, {"Deals": xml})

    found = next(reading.every_record(path, Layout(sheet="Deals")))

    assert (found.line, found.cells) == (3, ["", "1", "2", *[""] * 23, "z"])


def test_years_may_count_from_1904(tmp_path: Path) -> None:
    path = workbooks.workbook(tmp_path, {"Deals": sheet([[cell(44670, style=DAY)]])}, is_1904=True)

    assert read(path) == [["2026-04-20"]]


def test_of_several_sheets_the_one_that_fits_is_chosen(tmp_path: Path) -> None:
    path = workbooks.workbook(
        tmp_path,
        {
            "Read me": sheet([["Figures of the team"]]),
            "Empty": sheet([]),
            "Old": sheet([["title", "stage", "amount"], ["Vale", "Won", 1]]),
            "Now": sheet([["title", "stage"], ["Lund", "Suspect"]]),
        },
        hidden=["Old"],
    )

    draft = drafts.draft_of(path, kind=Kind.DEALS)

    assert (draft.layout.sheet, draft.sheets) == ("Now", ["Read me", "Now"])
    assert drafts.draft_of(path, kind=Kind.DEALS, sheet="Read me").layout.sheet == "Read me"
    with pytest.raises(ActionRefused, match="no sheet “Old”"):
        drafts.draft_of(path, kind=Kind.DEALS, sheet="Old")


def test_a_sheet_that_is_gone_is_named(tmp_path: Path) -> None:
    path = workbooks.workbook(tmp_path, {"Deals": sheet([["a"]])})

    with pytest.raises(ActionRefused, match="no sheet “Gone”"):
        read(path, "Gone")


@pytest.mark.parametrize("xml", ["<worksheet><row>", "", "<row r='x'/>"])
def test_a_damaged_workbook_is_refused(tmp_path: Path, xml: str) -> None:
    path = workbooks.workbook(tmp_path, {"Deals": xml})

    with pytest.raises(ActionRefused, match="damaged"):
        read(path)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"?" * 100)

    with pytest.raises(ActionRefused, match="damaged, or none"):
        reading.layouts_of(path)


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    path = workbooks.workbook(tmp_path, {"Deals": sheet([])})

    with pytest.raises(ActionRefused, match="empty"):
        reading.layouts_of(path)


@pytest.mark.data
def test_a_real_workbook_of_many_sheets_holds_what_the_csv_holds(data_folder: Path) -> None:
    folder = data_folder / "maven-crm"
    wanted = json.loads((folder / "reference.json").read_text())
    path = folder / "variants" / "workbook_many_sheets.xlsx"

    draft = drafts.draft_of(path, kind=Kind.DEALS)
    rows = [record.cells for record in reading.records(path, draft.layout)]
    text = folder / "sales_pipeline.csv"
    plain = [record.cells for record in reading.records(text, reading.layout_of(text))]

    assert (draft.layout.sheet, len(rows) - 1) == ("sales_pipeline", 8800)
    places = [rows[0].index(name) for name in plain[0]]
    mended = [[cell.replace("GTXPro", "GTX Pro") for cell in cells] for cells in plain]
    found = [[row[place] if place < len(row) else "" for place in places] for row in rows]
    assert sorted(found) == sorted(mended)
    assert sum(row[places[4]] == "Won" for row in rows) == wanted["won"]
