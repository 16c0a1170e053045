"""Ids of leads that serve as those of deals: the head of a file says that each lead became one deal, the rest may not.

One that stands there again is another deal of the same lead, and would change the earlier one.
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from crm.imports.cells import Rejected
from crm.imports.formats import Match, is_borrowed
from crm.imports.reading import Record


class BorrowedIds:
    """Which records of one file have a borrowed id that stood earlier in it."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self._columns = [
            (place, match.column)
            for place, match in enumerate(matches)
            if is_borrowed(match.column, match.field)
        ]
        self._seen: set[int] = set()  # hashes: less to keep than the ids of a long file
        self._again: dict[int, Rejected] = {}

    def note(self, records: Iterable[Record]) -> None:
        """The next records of the file, all of them in order; from then on `check` knows these."""
        self._again.clear()
        for record in records:
            for place, column in self._columns:
                cell = record.cells[place].strip() if place < len(record.cells) else ""
                if cell and hash(cell) in self._seen:
                    why = _("The id of this lead stands in the file twice.")
                    self._again[record.line] = Rejected(column, cell, why)
                self._seen.add(hash(cell))

    def check(self, record: Record) -> None:
        """Raises Rejected for one of the records noted last whose id stood earlier."""
        if record.line in self._again:
            raise self._again[record.line]
