"""What a cell means: amounts, dates and numbers in the styles that people write them."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

THOUSAND = {"k": 1_000, "m": 1_000_000}
# A sign, a currency before or after, digits with marks between them, perhaps k or M.
AMOUNT = re.compile(
    r"(?P<minus>-?)[^\d\s,.\-]{0,4}\s*(?P<digits>\d[\d,.'’\s]*)(?P<factor>[kKmM]?)\s*[^\d,.\-]{0,4}"
)
TWO_PLACES = Decimal("0.01")
MOST = Decimal(10) ** 14
STYLES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%b %d, %Y",
)
NOTHING = frozenset({"", "-", "–", "n/a", "null", "none", "nan"})


class Unreadable(ValueError):
    """The cell cannot be read; the message is for people."""


def is_nothing(cell: str) -> bool:
    return cell.strip().casefold() in NOTHING


def amount(cell: str) -> Decimal:
    """“1,200.50”, “1.200,50”, “$125000”, “250k” as a decimal of two places. Raises Unreadable."""
    found = AMOUNT.fullmatch(cell.strip())
    if found is None:
        raise Unreadable(_("This is not an amount."))
    factor = THOUSAND.get((found["factor"] or "").lower(), 1)
    text = re.sub(r"[^\d,.\-]", "", found["minus"] + found["digits"])
    comma, dot = text.rfind(","), text.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands, decimal = (",", ".") if dot > comma else (".", ",")
        text = text.replace(thousands, "").replace(decimal, ".")
    elif comma >= 0:
        last = text[comma + 1 :]
        text = text.replace(",", "" if text.count(",") > 1 or len(last) == 3 else ".")
    elif text.count(".") > 1:
        text = text.replace(".", "")
    try:
        value = (Decimal(text) * factor).quantize(TWO_PLACES)
    except InvalidOperation:
        raise Unreadable(_("This is not an amount.")) from None
    if not -MOST < value < MOST:
        raise Unreadable(_("This amount is too large."))
    return value


def whole(cell: str) -> int:
    """A number of things. Raises Unreadable."""
    value = amount(cell)
    if value < 0 or value != value.to_integral_value():
        raise Unreadable(_("This is not a whole number."))
    return int(value)


def date_style(cells: Iterable[str]) -> str:
    """The style in which most cells of a column are dates, the first of equals; "" when none is."""
    seen = [_day_part(cell) for cell in cells if not is_nothing(cell)]
    if not seen:
        return STYLES[0]
    fitting = {style: sum(_parse(cell, style) is not None for cell in seen) for style in STYLES}
    best = max(STYLES, key=fitting.__getitem__)
    return best if fitting[best] else ""


def day(cell: str, style: str) -> dt.date:
    """A date in the style of its column; times of day are left out. Raises Unreadable."""
    found = _parse(_day_part(cell), style) if style else None
    if found is None or not 1900 <= found.year <= 2199:
        raise Unreadable(_("This is not a date."))
    return found


def _day_part(cell: str) -> str:
    return re.split(r"[T ]\d{1,2}:", cell.strip(), maxsplit=1)[0]


def _parse(cell: str, style: str) -> dt.date | None:
    try:
        if style == STYLES[0]:
            return dt.date.fromisoformat(cell)
        return dt.datetime.strptime(cell, style).replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
