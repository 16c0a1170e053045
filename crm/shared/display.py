"""Amounts, numbers and times as a reader sees them: in the reader's language and, for times, time zone."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale, dates, numbers
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext, to_locale

NOTHING = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"
ENGLISH_DAY, ENGLISH_DAY_AND_YEAR, ENGLISH_LONG_DAY = "EEE d MMM", "d MMM y", "EEEE d MMMM"
ENGLISH_FULL_DAY = "d MMMM y"
QUOTATION_MARKS = {"pl": ("„", "”"), "ru": ("«", "»"), "it": ("«", "»")}
OPENING_MARKS = "“„«\"'‘"

Number = Decimal | int | float


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def reader_locale() -> Locale:
    """The locale of the language that is active for this reader."""
    return _locale(get_language() or "en")


# ---- numbers and money ---------------------------------------------------------------------------


def number(value: Number, digits: int = 0) -> str:
    """`value` with the reader's separators, rounded half up to `digits` places."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    decimals = f".{'0' * digits}" if digits else ""
    return numbers.format_decimal(exact, format=f"#,##0{decimals}", locale=reader_locale())


def short_number(value: Number) -> str:
    """An amount for lists: 950, 48.2k, 1.25m. A thousand keeps one decimal so that columns line up."""
    size = abs(Decimal(str(value)))
    if size < Decimal("999.5"):
        return number(value)
    if size < 999_950:
        return pgettext("short amount, thousands", "%sk") % number(Decimal(str(value)) / 1000, 1)
    return pgettext("short amount, millions", "%sm") % number(Decimal(str(value)) / 1_000_000, 2)


def exact_money(amount: Number, currency: str = "") -> str:
    """An amount to the currency's last place, followed by its code: 48,200.00 EUR."""
    places = numbers.get_currency_precision(currency) if currency else 2
    return f"{number(amount, places)}{NO_BREAK}{currency}".rstrip()


def percent(rate: Number, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage, without claiming more than `digits` decimals."""
    return f"{number(Decimal(str(rate)) * 100, digits)}{NO_BREAK}%"


# ---- days and times ------------------------------------------------------------------------------


def local(moment: dt.datetime) -> dt.datetime:
    """`moment` on the reader's clock."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _date(value: dt.date) -> dt.date:
    return local(value).date() if isinstance(value, dt.datetime) else value


def _formatted(value: dt.date, english: str, skeleton: str) -> str:
    locale = reader_locale()
    if locale.language == "en":
        return dates.format_date(value, english, locale=locale)
    return dates.format_skeleton(skeleton, value, locale=locale)


def day(value: dt.date, *, today: dt.date | None = None) -> str:
    """“Thu 26 Nov”, and with its year instead of its weekday when that is another one: “20 Apr 2027”."""
    on = _date(value)
    if on.year == (today or timezone.localdate()).year:
        return _formatted(on, ENGLISH_DAY, "MMMEd")
    return _formatted(on, ENGLISH_DAY_AND_YEAR, "yMMMd")


def long_day(value: dt.date) -> str:
    """“Thursday 26 November”, for the line below a title."""
    return _formatted(_date(value), ENGLISH_LONG_DAY, "MMMMEEEEd")


def full_day(value: dt.date) -> str:
    """“24 December 2026”, for letters and whoever reads them later."""
    locale = reader_locale()
    pattern = ENGLISH_FULL_DAY if locale.language == "en" else "long"
    return dates.format_date(_date(value), pattern, locale=locale)


def clock(value: dt.datetime) -> str:
    """The time of day on the reader's clock: 09:00."""
    return dates.format_time(local(value), "HH:mm", locale=reader_locale())


def when(value: dt.date, *, today: dt.date | None = None) -> str:
    """“today 17:42”, “yesterday 17:42”, “tomorrow 09:00”, else “Thu 26 Nov, 09:00”; a plain date has no time."""
    reference = today or timezone.localdate()
    near = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    name = near.get((_date(value) - reference).days)
    if not isinstance(value, dt.datetime):
        return name or day(value, today=reference)
    separator = " " if name else ", "
    return f"{name or day(value, today=reference)}{separator}{clock(value)}"


def since(value: dt.date, *, now: dt.datetime | None = None) -> str:
    """How far away: “3 days ago”, “in 2 days”."""
    reference = now or timezone.now()
    if isinstance(value, dt.datetime):
        distance = value - reference
    else:
        distance = value - timezone.localdate(reference)
    return dates.format_timedelta(distance, add_direction=True, locale=reader_locale())


# ---- words ---------------------------------------------------------------------------------------


def quoted(words: str) -> str:
    """A buyer's words between the quotation marks of the reader's language, unless they bring their own."""
    stripped = words.strip()
    if stripped[:1] in OPENING_MARKS:
        return stripped
    opening, closing = QUOTATION_MARKS.get(reader_locale().language, ("“", "”"))
    return f"{opening}{stripped}{closing}"


def initials(name: str) -> str:
    """The first letters of the first and the last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
