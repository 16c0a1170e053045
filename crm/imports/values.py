"""What a cell means: amounts, dates and numbers in the styles that people write them."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

THOUSAND = {"k": 1_000, "m": 1_000_000}
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
    text = re.sub(r"[^\d,.\-kKmM]", "", cell.strip())
    factor = THOUSAND.get(text[-1:].lower(), 1)
    text = text.rstrip("kKmM")
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
    """The first style in which every cell of a column is a date; "" when there is none, or nothing to go by."""
    seen = [_day_part(cell) for cell in cells if not is_nothing(cell)]
    if not seen:
        return STYLES[0]
    return next((style for style in STYLES if all(_parse(cell, style) for cell in seen)), "")


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
