"""What a cell means: amounts, dates and numbers in the styles that people write them.

How the dates and amounts of a column are written is decided from all of its cells that were looked at, not cell by cell:
3/4/2026 is the third of April beside a 25/12/2025, and 1.234 a thousand and more beside 2.345,60.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import product

from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm.shared.money import is_currency

FACTORS = {
    **dict.fromkeys(("k", "tsd", "tys", "тыс"), 1_000),
    **dict.fromkeys(("m", "mio", "mln", "млн"), 1_000_000),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "млрд"), 1_000_000_000),
}
# A sign or bracket, a currency before or after, digits with marks between them, perhaps a word for thousands.
WORDS = "|".join(sorted(FACTORS, key=len, reverse=True))
AMOUNT = re.compile(
    r"(?P<minus>[-−(]?)\s*[^\d\s,.\-−()]{0,4}\s*(?P<sign>[-−]?)(?P<digits>\d[\d,.'’\s]*|[.,]\d+)"
    rf"(?P<factor>{WORDS})?\.?\s*[^\d,.\-−()]{{0,4}}(?P<after>[-−)]?)",
    re.IGNORECASE,
)
LONGEST_AMOUNT = 60
CURRENCIES = {"€": "EUR", "£": "GBP", "₽": "RUB", "zł": "PLN", "₹": "INR", "₴": "UAH", "₩": "KRW"}
DOLLARS = frozenset({"USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD"})
TWO_PLACES = Decimal("0.01")
MOST = Decimal(10) ** 14
COMMA, POINT = ",", "."
NOTHING = frozenset({"", "-", "–", "n/a", "null", "none", "nan"})

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "year first", "day first", "month first"
SERIAL, EPOCH, NO_DATE = "serial", "epoch", ""
ORDERS = {YEAR_FIRST: (0, 1, 2), DAY_FIRST: (2, 1, 0), MONTH_FIRST: (2, 0, 1)}
STYLES = (YEAR_FIRST, DAY_FIRST, MONTH_FIRST, SERIAL, EPOCH)
PARTS = re.compile(
    r"(\d{1,4}|[^\W\d_]+)\.?[-/.,\s年]+(\d{1,2}|[^\W\d_]+)(?:st|nd|rd|th)?\.?[-/.,\s月]+(\d{1,4})日?"
)
WHOLE = re.compile(r"(\d{4})(\d\d)(\d\d)")
CLOCK = re.compile(r"(?:T|,?\s+)\d{1,2}:\d\d.*$")
NUMBER = re.compile(r"\d{4,6}(?:[.,]\d+)?")
SERIALS = (20_000, 80_000)  # 1954 to 2119, in days of a spreadsheet
SECONDS = re.compile(r"1\d{9}|\d{12,13}")
FIRST_DAY = dt.date(1899, 12, 30)
PIVOT = 69  # two figures from here on are of the last century
LOCALES = ("en", "de", "es", "fr", "it", "nl", "pl", "pt", "ru")


class Unreadable(ValueError):
    """The cell cannot be read; the message is for people."""


def is_nothing(cell: str) -> bool:
    return cell.strip().casefold() in NOTHING


# ---- amounts -------------------------------------------------------------------------------------


def amount(cell: str, mark: str = "") -> Decimal:
    """“1,200.50”, “1.200,50”, “$125000”, “€ 12k”, “(40)” as a decimal of two places. Raises Unreadable.

    `mark` is the decimal mark of the column, where it is known.
    """
    found = AMOUNT.fullmatch(cell.strip()) if len(cell) <= LONGEST_AMOUNT else None
    if found is None:
        raise Unreadable(_("This is not an amount."))
    text = re.sub(r"[\s'’]", "", found["digits"])
    decimal = _mark_of(text) or mark or POINT
    text = text.replace(COMMA if decimal == POINT else POINT, "").replace(decimal, POINT)
    try:
        value = Decimal(text) * FACTORS.get((found["factor"] or "").lower(), 1)
        value = value.quantize(TWO_PLACES)
    except InvalidOperation:
        raise Unreadable(_("This is not an amount.")) from None
    if not -MOST < value < MOST:
        raise Unreadable(_("This amount is too large."))
    return -value if found["minus"] or found["sign"] or found["after"] else value


def currency_of(cell: str, own: str) -> str:
    """The currency whose sign stands in the cell, "" without one; a dollar is one's own, if that is a dollar."""
    if "$" in cell:
        return own if own in DOLLARS else "USD"
    return next((code for sign, code in CURRENCIES.items() if sign in cell), "")


def decimal_mark(cells: Iterable[str]) -> tuple[str, bool]:
    """The decimal mark of a column of amounts, "" where none is needed, and whether that is in doubt."""
    found = [
        match["digits"].strip()
        for cell in cells
        if len(cell) <= LONGEST_AMOUNT and (match := AMOUNT.fullmatch(cell.strip()))
    ]
    votes = Counter(filter(None, map(_mark_of, found)))
    if votes:
        return votes.most_common(1)[0][0], False
    alone = {mark for text in found for mark in (POINT, COMMA) if mark in text}
    if alone == {POINT}:  # 1.234 throughout: money has no thousandths
        return COMMA, True
    return (POINT, True) if alone == {COMMA} else ("", False)


def _mark_of(text: str) -> str:
    """The decimal mark that this number proves; "" where it proves none."""
    comma, point = text.rfind(COMMA), text.rfind(POINT)
    if comma >= 0 and point >= 0:
        return COMMA if comma > point else POINT
    mark, place = (COMMA, comma) if comma >= 0 else (POINT, point)
    if place < 0:
        return ""
    if text.count(mark) > 1:
        return POINT if mark == COMMA else COMMA
    could_be_thousands = len(text) - place == 4 and 0 < place < 4 and not text.startswith("0")
    return "" if could_be_thousands else mark


def whole(cell: str, mark: str = "") -> int:
    """A number of things. Raises Unreadable."""
    value = amount(cell, mark)
    if value < 0 or value != value.to_integral_value():
        raise Unreadable(_("This is not a whole number."))
    return int(value)


# ---- dates ---------------------------------------------------------------------------------------


def date_style(cells: Iterable[str]) -> tuple[str, bool]:
    """The style in which most cells of a column are dates, NO_DATE when none is; and whether another fits as well."""
    seen = [cell for cell in cells if not is_nothing(cell)]
    if not seen:
        return YEAR_FIRST, False
    fitting = {style: sum(_parse(cell, style) is not None for cell in seen) for style in STYLES}
    best = max(STYLES, key=fitting.__getitem__)
    if not fitting[best]:
        return NO_DATE, False
    if fitting[DAY_FIRST] != fitting[MONTH_FIRST] or best not in {DAY_FIRST, MONTH_FIRST}:
        return best, False
    differ = any(_parse(cell, DAY_FIRST) != _parse(cell, MONTH_FIRST) for cell in seen)
    slashes = sum("/" in cell for cell in seen)
    return (MONTH_FIRST if 2 * slashes > len(seen) else DAY_FIRST), differ


def day(cell: str, style: str) -> dt.date:
    """A date in the style of its column; times of day are left out. Raises Unreadable."""
    found = _parse(cell, style) if style else None
    if found is None or not 1900 <= found.year <= 2199:
        raise Unreadable(_("This is not a date."))
    return found


@lru_cache(maxsize=8192)
def _parse(cell: str, style: str) -> dt.date | None:
    text = cell.strip()
    try:
        if style == SERIAL:
            is_serial = NUMBER.fullmatch(text) and SERIALS[0] <= int(text[:5]) < SERIALS[1]
            return FIRST_DAY + dt.timedelta(days=int(text[:5])) if is_serial else None
        if style == EPOCH:
            seconds = (
                int(text[:-3] if len(text) > 10 else text) if SECONDS.fullmatch(text) else None
            )
            return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC).date()
        parts = _parts(CLOCK.sub("", text))
        if parts is None:
            return None
        year, month, number = (parts[place] for place in ORDERS[style])
        return _date(year, month, number)
    except (ValueError, OverflowError):
        return None


def _parts(text: str) -> tuple[str, ...] | None:
    found = WHOLE.fullmatch(text) or PARTS.fullmatch(text)
    return found.groups() if found else None


def _date(year: str, month: str, number: str) -> dt.date | None:
    if number.isalpha():  # “Apr 15, 2026” in a column of “15 Apr 2026”
        month, number = number, month
    figures = months().get(month.casefold()[:4].rstrip("."), months().get(month.casefold()[:3]))
    if not month.isdigit() and figures is None:
        return None
    if not (year.isdigit() and number.isdigit()) or len(number) > 2 or len(year) not in {2, 4}:
        return None
    full = int(year)
    if len(year) == 2:
        full += 1900 if full >= PIVOT else 2000
    return dt.date(full, figures or int(month), int(number))


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Names of months by their first letters, in the languages that our users' files are written in."""
    names: dict[str, int] = {}
    for locale, form, width in product(LOCALES, ("format", "stand-alone"), ("wide", "abbreviated")):
        for number, name in Locale.parse(locale).months[form][width].items():
            plain = name.casefold().rstrip(".")
            names.setdefault(plain[:4], number)
            names.setdefault(plain[:3], number)
    return names


def check_length(text: str, longest: int) -> None:
    """Raises Unreadable for a text of more characters."""
    if len(text) > longest:
        raise Unreadable(_("Longer than %(n)d characters.") % {"n": longest})


def email(cell: str) -> str:
    """An address, in small letters; an empty cell is none. Raises Unreadable."""
    if cell:
        try:
            validate_email(cell)
        except ValidationError:
            raise Unreadable(_("This is not an e-mail address.")) from None
    return cell.lower()


def currency(cell: str) -> str:
    """The code of a currency; an empty cell is our own. Raises Unreadable."""
    if not cell:
        return str(settings.ORGANISATION_CURRENCY)
    if not is_currency(cell.upper()):
        raise Unreadable(_("There is no such currency: give its three letters, such as EUR."))
    return cell.upper()
