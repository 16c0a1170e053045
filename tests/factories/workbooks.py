"""Small XLSX workbooks, as tests need them: right ones, and hostile ones."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/>'
    '<numFmt numFmtId="165" formatCode="[Red]#,##0.00&quot; days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
DAY, OWN_DAY, AMOUNT = "1", "2", "3"  # styles of STYLES


def cell(value: object, *, style: str = "0") -> str:
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c s="{style}"><v>{value}</v></c>'
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>' if value else "<c/>"


def sheet(rows: Sequence[Sequence[object]]) -> str:
    """A sheet of these rows; what begins as a cell is one already."""
    lines = (
        "".join(f"{one}" if f"{one}".startswith("<c") else cell(one) for one in row) for row in rows
    )
    return f"<worksheet><sheetData>{''.join(f'<row>{line}</row>' for line in lines)}</sheetData></worksheet>"


def workbook(
    folder: Path,
    sheets: Mapping[str, str],
    *,
    words: str = "",
    hidden: Sequence[str] = (),
    is_1904: bool = False,
) -> Path:
    """A workbook of these sheets (name to XML), with `words` as its shared strings."""
    path = folder / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        listed = targets = ""
        for number, (name, xml) in enumerate(sheets.items(), start=1):
            state = ' state="hidden"' if name in hidden else ""
            listed += f'<sheet name="{name}"{state} sheetId="{number}" r:id="r{number}"/>'
            targets += f'<Relationship Id="r{number}" Target="worksheets/sheet{number}.xml"/>'
            book.writestr(f"xl/worksheets/sheet{number}.xml", xml)
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns:r="{RELATIONS}"><workbookPr date1904="{int(is_1904)}"/>'
            f"<sheets>{listed}</sheets></workbook>",
        )
        book.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{targets}</Relationships>")
        book.writestr("xl/styles.xml", STYLES)
        if words:
            book.writestr("xl/sharedStrings.xml", words)
    return path
