"""What a cell about competitors says: a name, nobody else, or that nobody knows (or wrote down) who."""

from crm.imports.formats import normal
from deals.states import Competition

NOBODY = frozenset(
    {
        "none",
        "no",
        "nobody",
        "nobody else",
        "no one",
        "no competitor",
        "no competitors",
        "false",
        "0",
    }
)
NO_NAME = frozenset(
    {
        "unknown",
        "not known",
        "unclear",
        "known",
        "yes",
        "true",
        "1",
        "other",
        "n a",
        "na",
        "null",
        "nan",
    }
)


def competition(cell: str) -> Competition:
    """“Known” and “Yes” name nobody either: that there was somebody, and not who."""
    word = normal(cell)
    if word in NOBODY:
        return Competition.NONE
    return Competition.UNKNOWN if not word or word in NO_NAME else Competition.NAMED
