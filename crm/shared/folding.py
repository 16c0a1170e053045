"""Text as it is searched: no case, no accents, no punctuation; a character of Chinese, Japanese or Korean is a word.

Folded text is words with one blank before and after each, so that a trigram index serves parts of words, beginnings of
words and single ideographs alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

WORD = re.compile(r"[^\W_]+")
# Scripts written without blanks, or in names of two characters: no trigram would be found in them.
IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
IDEOGRAPH = re.compile(f"([{IDEOGRAPHS}])")
APOSTROPHES = dict.fromkeys(map(ord, "'\u2019\u2018\u02bc`\u00b4"))
# Letters that Unicode takes for letters of their own, not for accented ones.
PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "\u0131": "i", "ŧ": "t"}
)  # fmt: skip
SHORT = 3  # letters that a trigram needs
MOST_WORDS = 8
LONGEST_KEY = 300  # letters, of which an index takes a few more


def plain(text: str) -> str:
    """Lower case, without accents: Kovács is kovacs, Łódź lodz, Straße strasse."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", bare.translate(PLAIN))


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The plain words of a text, in their order; kept, since a load meets the same names again and again."""
    bare = plain(text.translate(APOSTROPHES))
    return tuple(WORD.findall(bare if bare.isascii() else IDEOGRAPH.sub(r" \1 ", bare)))


def fold(*texts: str) -> str:
    """What is kept beside names to be searched in."""
    found = [word for text in texts for word in words(text)]
    return f" {' '.join(found)} " if found else ""


def key(name: str) -> str:
    """By what a whole name is looked up, however its words are spaced: folded and in one piece; "???" is itself."""
    return ("".join(words(name)) or name.strip())[:LONGEST_KEY]


def phone_digits(phone: str) -> str:
    """A phone number in one piece, however it was written."""
    return "".join(filter(str.isdigit, phone))


def parts(typed: str) -> list[str]:
    """What folded text must contain, all of it, to be found by what somebody typed.

    A word of one or two letters is the beginning of a word: of a part so short there are too many. Ideographs that
    stand together are found together.
    """
    found = []
    for is_ideographic, some in groupby(words(typed), key=lambda word: bool(IDEOGRAPH.match(word))):
        if is_ideographic:
            found.append(f" {' '.join(some)} ")
        else:
            found += [word if len(word) >= SHORT else f" {word}" for word in some]
    return found[:MOST_WORDS]
