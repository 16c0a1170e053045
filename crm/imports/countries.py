"""Countries by what people call them."""

import re
from functools import lru_cache

from babel import Locale

LOCALES = ("en", "de", "es", "fr", "it", "pl", "pt", "ru", "zh")
ALSO = {
    "usa": "US",
    "u s a": "US",
    "us": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "korea": "KR",
    "holland": "NL",
}


def code_of(cell: str) -> str:
    """The two letters of a country by its code or its name; "" for none that is known."""
    return _names().get(_plain(cell), "")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    territories = map(str, Locale("en").territories)
    codes = [code for code in territories if len(code) == 2 and code.isalpha()]
    names = {
        _plain(str(Locale(one).territories.get(code, code))): code
        for one in LOCALES
        for code in codes
    }
    return names | {code.casefold(): code for code in codes} | ALSO
