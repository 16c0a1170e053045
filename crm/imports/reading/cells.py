"""A number of a workbook as people read it: a date where its format says so, else the shortest form of the number."""

import datetime as dt
import re
from collections.abc import Iterable

DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
EPOCH, EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001  (a sheet knows no zone)
LAST_SERIAL = 2_958_466  # the first day of the year 10000
NOT_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
FIGURES = 15  # as many as a spreadsheet shows


class Formats:
    """Which styles of a workbook are dates, from the elements of its styles part."""

    def __init__(self, elements: Iterable[tuple[str, dict[str, str]]]) -> None:
        codes: dict[str, str] = {}
        dates: list[bool] = []
        in_cells = False
        for tag, each in elements:
            if tag == "numFmt":
                codes[each.get("numFmtId", "")] = each.get("formatCode", "")
            elif tag in {"cellXfs", "cellStyles", "cellStyleXfs"}:
                in_cells = tag == "cellXfs"
            elif tag == "xf" and in_cells:
                dates.append(_is_date(each.get("numFmtId", "0"), codes))
        self._dates = frozenset(str(index) for index, is_date in enumerate(dates) if is_date)

    def shown(self, value: str, style: str, *, is_1904: bool) -> str:
        """The cell as text: an ISO date or time, or the number without the noise of its last figures."""
        try:
            number = float(value)
        except ValueError:
            return value
        if style in self._dates and 0 <= number < LAST_SERIAL:
            moment = (EPOCH_1904 if is_1904 else EPOCH) + dt.timedelta(
                seconds=round(number * 86400)
            )
            return moment.date().isoformat() if number == int(number) else moment.isoformat(" ")
        if number == int(number) and abs(number) < 10**FIGURES:
            return str(int(number))
        return f"{number:.{FIGURES}g}" if "e" not in f"{number:.{FIGURES}g}" else value


def _is_date(number_format: str, codes: dict[str, str]) -> bool:
    if number_format in codes:
        code = NOT_CODE.sub("", codes[number_format].split(";")[0]).casefold()
        return any(letter in code for letter in "ydhs") or code.strip("0.# ").startswith("m")
    return number_format.isdigit() and int(number_format) in DATE_FORMATS
