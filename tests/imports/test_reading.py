"""Reading delimited files: encodings, delimiters, physical lines, and what is no table."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from crm.imports import reading
from crm.imports.reading import limits
from crm.shared.errors import ActionRefused


def write(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def read(path: Path) -> list[tuple[int, list[str]]]:
    return [
        (record.line, record.cells) for record in reading.records(path, reading.layout_of(path))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "\x1f"])
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
        (b"name,n\nVale\0\0,1\n", "not a text file"),
        (b"name\n" + b"x" * (limits.LONGEST_LINE + 10), "longer than"),
        (b"name,n\n" + b'"' + b"y" * (limits.LONGEST_CELL + 10) + b'",1\n', "cannot be read"),
        (b",".join([b"c"] * (limits.MOST_COLUMNS + 1)) + b"\n", "more than 1000 columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08\x00\x00", "damaged"),
        (b"a,b\n\x81\x8d\x8f\x90\xff\xff\x81,\x00", "not a text file"),
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
        sparse.truncate(limits.MOST_BYTES + 1)

    with pytest.raises(ActionRefused, match="larger than 150 MB"):
        reading.layout_of(path)


SAMPLES = {
    "Danish": ("Søren Ærø, København og Ålborg", ["cp1252", "mac_roman", "cp850"]),
    "German": ("Kühlräume für Müller, größer als Jörgs", ["cp1252", "mac_roman", "cp850"]),
    "French": ("Hôtel de l’Étoile, Hélène Lefèvre, façade", ["cp1252", "mac_roman"]),
    "Spanish": ("José Muñoz, Añil S.A., Málaga", ["cp1252", "mac_roman"]),
    "Polish": ("Łódź, zażółć gęślą jaźń", ["cp1250", "iso8859_2", "mac_latin2", "cp852"]),
    "Czech": ("Příliš žluťoučký kůň, Dvořák", ["cp1250", "iso8859_2"]),
    "Hungarian": ("Kovács Ödön, árvíztűrő tükörfúrógép", ["cp1250"]),
    "Turkish": ("İstanbul, Şişli, Çağrı Öğüt", ["cp1254"]),
    "Russian": ("Общество, Иванов Пётр", ["cp1251", "koi8_r", "mac_cyrillic", "cp866"]),
    "Ukrainian": ("Київський завод, Їжак", ["cp1251"]),
    "Greek": ("Ελληνική Εταιρεία, Παπαδόπουλος", ["cp1253"]),
    "Japanese": (
        "田中太郎、株式会社サンプル、東京電力",
        ["cp932", "euc_jp", "utf-16-le", "utf-16-be"],
    ),
    "Chinese": ("华为技术有限公司，深圳，中国宝安", ["gb18030", "utf-16"]),
    "Taiwanese": ("台灣積體電路製造股份有限公司，新竹", ["big5"]),
    "Korean": ("김철수, 삼성전자, 현대자동차", ["cp949"]),
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(language, encoding) for language, (_text, all_) in SAMPLES.items() for encoding in all_],
)
def test_a_few_names_tell_their_encoding(tmp_path: Path, language: str, encoding: str) -> None:
    words = SAMPLES[language][0]
    path = write(tmp_path, f'name,n\r\n"{words}",1\r\n"Vale",2\r\n'.encode(encoding))

    assert [cells for _line, cells in read(path)][1] == [words, "1"]


def test_symbols_alone_are_those_of_windows(tmp_path: Path) -> None:
    path = write(tmp_path, "name,n\n“Vale” – 5 €,1\n".encode("cp1252"))

    assert read(path)[1] == (2, ["“Vale” – 5 €", "1"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(tmp_path: Path, end: str) -> None:
    path = write(tmp_path, end.join(["name,note", 'Vale,"two\nlines"', "Lund,b", ""]).encode())

    assert [cells for _line, cells in read(path)] == [
        ["name", "note"],
        ["Vale", "two\nlines"],
        ["Lund", "b"],
    ]


def test_a_packed_file_reads_like_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"name,n\nVale,1\n"))

    assert [cells for _line, cells in read(path)] == [["name", "n"], ["Vale", "1"]]


def test_excels_own_first_line_says_the_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path, b"sep=:\r\nname,first:n\r\nVale,b:1\r\n")

    assert [cells for _line, cells in read(path)] == [["name,first", "n"], ["Vale,b", "1"]]


def test_titles_above_and_notes_below_are_no_rows(tmp_path: Path) -> None:
    path = write(
        tmp_path, b"Deals of 2026,,\n,,\nname,n,m\nVale,1,2\nLund,,\n,,\nSource: us,,\nAbe,1,3\n"
    )

    found = list(reading.records(path, reading.layout_of(path)))

    assert [(one.line, one.cells[0], one.is_note) for one in found] == [
        (3, "name", False),
        (4, "Vale", False),
        (5, "Lund", False),
        (7, "Source: us", True),
        (8, "Abe", False),
    ]


def test_a_file_without_a_header_gets_one_and_loses_no_row(tmp_path: Path) -> None:
    path = write(tmp_path, b"D1,Vale,1200\nD2,Lund,900,x\n")

    assert read(path) == [
        (1, ["Column 1", "Column 2", "Column 3", "Column 4"]),
        (1, ["D1", "Vale", "1200"]),
        (2, ["D2", "Lund", "900", "x"]),
    ]


def test_headers_are_trimmed_and_each_has_a_name_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff   name ,Phone,Phone,\nVale,1,2,\n".encode())

    assert read(path)[0] == (1, ["name", "Phone", "Phone (2)", "Column 4"])


REFERENCE = "encodings/reference.json"


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    [
        "nhs_utf16le.csv",
        "tokyo_postcodes_shiftjis.csv",
        "mexico_budget_cp1252.csv",
        "germany_research_latin1.csv",
        "china_listed_companies_gbk.csv",
        "co2_pasted_from_excel.csv",
    ],
)
def test_real_files_read_to_the_letter(data_folder: Path, name: str) -> None:
    wanted = {one["file"]: one for one in json.loads((data_folder / REFERENCE).read_text())}[name]
    path = data_folder / "encodings" / name

    layout = reading.layout_of(path)
    found = [record.cells for record in reading.every_record(path, layout)]

    text = path.read_bytes().decode(layout.encoding).removeprefix("\ufeff")
    assert hashlib.sha256(text.encode()).hexdigest() == wanted["utf8_sha256"]
    assert (layout.delimiter, len(found)) == (wanted["delimiter"], wanted["records"])
    for sample in wanted["samples"]:
        cell = found[sample["record"] - 1][sample["field"] - 1]
        assert cell[: len(sample["text"])] == sample["text"]


@pytest.mark.data
def test_the_header_of_a_pasted_table_is_found(data_folder: Path) -> None:
    path = data_folder / "encodings" / "co2_pasted_from_excel.csv"

    found = list(reading.records(path, reading.layout_of(path)))

    assert found[0].cells == ["Year", *(str(year) for year in range(2000, 2008))]
    assert [one.line for one in found if one.is_note] == [23, 24]


@pytest.mark.data
def test_reviews_lose_their_padding_and_postcodes_get_a_header(data_folder: Path) -> None:
    reviews = data_folder / "alexa-reviews" / "amazon_alexa.tsv"
    postcodes = data_folder / "encodings" / "tokyo_postcodes_shiftjis.csv"

    assert read(reviews)[0][1] == ["rating", "date", "variation", "verified_reviews", "feedback"]
    assert len(read(reviews)) == 1 + 3150
    assert [cells[0] for _line, cells in read(postcodes)[:2]] == ["Column 1", "13101"]
