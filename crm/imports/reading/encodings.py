"""In which encoding a text is written: by its marks, by what decodes at all, and by whose letters it then holds.

charset-normalizer tells scripts apart; which of the many pages of one byte a character it is, it cannot tell from a few
names. There we ask of each page in which of its languages the letters make most sense.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from crm.imports.reading.limits import CHUNK
from crm.imports.reading.streams import head_of, opened
from crm.shared.errors import ActionRefused

if TYPE_CHECKING:
    from pathlib import Path

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OF_MANY_BYTES = ("cp932", "gb18030", "big5", "cp949", "euc_jp")
LATIN = ("cp1252", "mac_roman", "cp850")
CENTRAL = ("cp1250", "iso8859_2", "mac_latin2", "cp852")
CYRILLIC = ("cp1251", "koi8_r", "mac_cyrillic", "cp866")
# The letters beyond a to z of a language, and the pages that hold them; of equals the first, so the widespread come first.
LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("äöüßé", LATIN),  # German
    ("àâçéèêëîïôœùûü", LATIN),  # French
    ("áéíñóúü", LATIN),  # Spanish
    ("áàâãçéêíóôõúü", LATIN),  # Portuguese
    ("àèéìîòóù", LATIN),  # Italian
    ("åäöæøé", LATIN),  # Scandinavian, Finnish
    ("àçèéíïòóúü", LATIN),  # Catalan
    ("éèëïöüó", LATIN),  # Dutch
    ("ąćęłńóśźż", CENTRAL),  # Polish
    ("çğıöşüâî", ("cp1254", "mac_turkish")),  # Turkish
    ("áčďéěíňóřšťúůýž", CENTRAL),  # Czech
    ("áäčďéíĺľňóôŕšťúýž", CENTRAL),  # Slovak
    ("áéíóöőúüű", CENTRAL),  # Hungarian
    ("ăâîșțşţ", CENTRAL),  # Romanian
    ("čćđšž", CENTRAL),  # Croatian, Slovene
    ("ąčęėįšųūž", ("cp1257",)),  # Lithuanian
    ("āčēģīķļņšūž", ("cp1257",)),  # Latvian
    ("äöüõšž", ("cp1257",)),  # Estonian
    ("áéíóúýþæöð", LATIN),  # Icelandic
    ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", CYRILLIC),  # Russian
    ("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", (*CYRILLIC, "koi8_u")),  # Ukrainian
    ("абвгдђежзијклљмнњопрстћуфхцчџш", CYRILLIC),  # Serbian
    ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ", ("cp1253", "iso8859_7")),  # Greek
    ("אבגדהוזחטיךכלםמןנסעףפץצקרשת", ("cp1255",)),  # Hebrew
    ("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأإؤئ", ("cp1256",)),  # Arabic
)
SINGLE = tuple(dict.fromkeys(page for _letters, pages in LANGUAGES for page in pages))
APOSTROPHES = "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
ENOUGH_NULS = 0.05
LIKELY = {"cp1252": 1.0, **dict.fromkeys(("cp1250", "cp1251", "cp1253", "cp1254"), 0.9)}
UNLIKELY = 0.4  # each as if so much of a letter had been seen already


def encoding_of(path: Path) -> str:
    """The name of the encoding, as Python knows it. Raises ActionRefused when none fits."""
    head = head_of(path)
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if wide := _of_two_bytes(head):
        return wide
    if b"\0" in head:
        raise ActionRefused(_("This is not a text file."))
    if _is_utf8(path):
        return "utf-8"
    whole_lines = head[: head.rfind(b"\n") + 1] or head  # a cut character would fit no encoding
    return _legacy(whole_lines)


def _of_two_bytes(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of its commas, digits and line ends is nothing."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    least = max(1, len(head) // 2 * ENOUGH_NULS)
    if bool(even) == bool(odd) or max(even, odd) < least:
        return ""
    name = "utf-16-le" if odd else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(name, errors="replace")
    return name if all(map(_is_shown, text)) else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as (_raw, data):
        try:
            while chunk := data.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _legacy(sample: bytes) -> str:
    best = from_bytes(sample, cp_isolation=[*OF_MANY_BYTES, *SINGLE]).best()
    if best is not None and best.encoding in OF_MANY_BYTES:
        return str(best.encoding)
    scripts = Counter(_script(char) for char in str(best or "") if _is_strange_letter(char))
    script = scripts.most_common(1)[0][0] if scripts else ""
    shares = {page: _share_explained(sample, page, script=script) for page in SINGLE}
    fitting = max(shares, key=shares.__getitem__)
    if not shares[fitting]:
        raise ActionRefused(_("The encoding of this file cannot be told: save it as UTF-8."))
    return fitting


def _share_explained(sample: bytes, page: str, *, script: str) -> float:
    """The share of the text's strange letters that the best language of `page` explains; 0 when it does not decode.

    A symbol speaks for no page, and against it inside of a word. The pages of Windows are the likelier ones.
    """
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return 0.0
    wrong = 0
    letters: Counter[str] = Counter()
    for before, char, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if char.isascii() or char in APOSTROPHES:
            continue
        if not char.isalpha():
            inside = before.isalpha() and after.isalpha()
            wrong += inside or unicodedata.category(char) == "Sk" or not _is_shown(char)
        elif (char.isupper() and before.islower()) or _is_mixed(before, char, after):
            wrong += 1
        else:
            letters[char.lower()] += 1
    explained = max(
        (
            sum(number for letter, number in letters.items() if letter in alphabet)
            for alphabet, pages in LANGUAGES
            if page in pages and script in {"", _script(alphabet[0])}
        ),
        default=0,
    )
    return (explained + LIKELY.get(page, UNLIKELY)) / (letters.total() + wrong + 1)


def _is_strange_letter(char: str) -> bool:
    return not char.isascii() and char.isalpha()


def _is_shown(char: str) -> bool:
    return char.isprintable() or char.isspace()


def _is_mixed(before: str, char: str, after: str) -> bool:
    """A letter of another script in the middle of a Latin word."""
    neighbours = (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    return neighbours and _script(char) != "LATIN"


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]
