"""What a spreadsheet does with text: a cell of a CSV that begins like a formula is held back, and read as it was."""

import re

STARTS = ("=", "+", "-", "@", "\t", "\r")
WOULD_RUN = re.compile(r"'*[=+\-@\t\r]")
HELD = re.compile(r"'+[=+\-@\t\r]")
NEGATIVE = re.compile(r"-[\d.,]+")  # an amount stays one


def inert(text: str) -> str:
    """`text` as a cell that no spreadsheet runs: an apostrophe more. `as_it_was` takes it back."""
    if text[:1] not in ("'", *STARTS) or NEGATIVE.fullmatch(text):
        return text
    return f"'{text}" if WOULD_RUN.match(text) else text


def as_it_was(cell: str) -> str:
    """A cell without the apostrophe that `inert`, or a person at a spreadsheet, put before it."""
    return cell[1:] if cell[:1] == "'" and HELD.match(cell) else cell
