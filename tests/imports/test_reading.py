"""Reading delimited files: encodings, delimiters, physical lines, and what is no table."""

from pathlib import Path

import pytest

from crm.imports import reading
from crm.shared.errors import ActionRefused


def write(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def read(path: Path) -> list[tuple[int, list[str]]]:
    return [
        (record.line, record.cells) for record in reading.records(path, reading.layout_of(path))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["name", "amount"], ["Vale", "1"], ["Lund", "2"]]
    path = write(tmp_path, "\n".join(delimiter.join(line) for line in lines).encode())

    assert reading.layout_of(path).delimiter == delimiter
    assert [cells for _line, cells in read(path)] == lines


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_the_encoding_is_found_and_no_letter_is_lost(
    tmp_path: Path, encoding: str, found: str
) -> None:
    names = [
        "Sjömat",
        "Café Müller",
        "Señor Ibáñez",
        "Übergröße",
        "Ærø fiskeri",
        "naïve façade",
    ] * 8
    path = write(tmp_path, ("name,n\n" + "".join(f"{name},1\n" for name in names)).encode(encoding))

    layout = reading.layout_of(path)

    assert [cells[0] for _line, cells in read(path)] == ["name", *names]
    assert layout.encoding == found


def test_a_record_stands_on_the_line_where_it_begins(tmp_path: Path) -> None:
    path = write(tmp_path, b'name,note\r\nVale,"two\r\nlines"\r\n\r\nLund,one\r\n')

    assert read(path) == [
        (1, ["name", "note"]),
        (2, ["Vale", "two\r\nlines"]),
        (5, ["Lund", "one"]),
    ]


def test_progress_runs_to_one(tmp_path: Path) -> None:
    path = write(tmp_path, b"name,n\n" + b"Vale,1\n" * 20_000)

    progress = [record.progress for record in reading.records(path, reading.layout_of(path))]

    assert progress == sorted(progress)
    assert (0 < progress[0] < 1, progress[-1]) == (True, 1.0)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"name,n\nVale\0,1\n", "not a text file"),
        (b"name\n" + b"x" * (reading.LONGEST_LINE + 10), "longer than"),
        (b"name,n\n" + b'"' + b"y" * (reading.LONGEST_CELL + 10) + b'",1\n', "cannot be read"),
        (b",".join([b"c"] * (reading.MOST_COLUMNS + 1)) + b"\n", "more than 1000 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(ActionRefused, match=why):
        read(write(tmp_path, content))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as sparse:
        sparse.truncate(reading.MOST_BYTES + 1)

    with pytest.raises(ActionRefused, match="larger than 150 MB"):
        reading.layout_of(path)


def test_bytes_that_are_no_encoding_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        def best(self) -> None:
            return None

    monkeypatch.setattr(reading, "from_bytes", lambda head: Nothing())

    with pytest.raises(ActionRefused, match="UTF-8"):
        reading.layout_of(write(tmp_path, b"\xff\x00\xfa,1\n"))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nhs_utf16le.csv", "5C1"),
        ("tokyo_postcodes_shiftjis.csv", "千代田区"),
        (
            "mexico_budget_cp1252.csv",
            "Fuente: Presupuesto de Egresos de la Federación 2011 Análisi",
        ),
        (
            "germany_research_latin1.csv",
            "Trägerorganisationen; Umstrukturierung der Forschung im Beit",
        ),
        ("china_listed_companies_gbk.csv", "中国宝安"),
        ("co2_pasted_from_excel.csv", "thousand tonnes carbon equivalent"),
    ],
)
def test_real_files_read_to_the_letter(data_folder: Path, name: str, text: str) -> None:
    path = data_folder / "encodings" / name

    cells = {
        cell.strip()[:60]
        for record in reading.records(path, reading.layout_of(path))
        for cell in record.cells
    }

    assert text in cells
