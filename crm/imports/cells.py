"""The cells of one record by the fields that they mean."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.imports import countries
from crm.imports.columns import OF_REJECTED
from crm.imports.formats import Match
from crm.imports.reading import Record
from crm.imports.values import Unreadable

LONGEST = {
    "title": 300,
    "name": 200,
    "external_id": 200,
    "source": 200,
    "email": 254,
    "phone": 60,
    "do_not_contact_why": 300,
    "consent": 100,
    "consent_source": 200,
    "resource": 300,
    "commitment": 300,
}


class Rejected(Exception):
    """The row cannot come in: at which column, with which value, and why."""

    def __init__(self, column: str, value: str, why: str) -> None:
        super().__init__(why)
        self.column, self.value, self.why = column, value, why


class Columns:
    """Which column of a file holds which field; the same for all of its records."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self.names = [match.column for match in matches]
        self.places = {match.field: place for place, match in enumerate(matches) if match.field}
        self.kept_beside = [
            (place, match.column, match.field)
            for place, match in enumerate(matches)
            if match.column not in OF_REJECTED
        ]


class Cells:
    """The cells of one record by field."""

    def __init__(self, record: Record, columns: Columns) -> None:
        self.record = record
        self._columns = columns
        self._taken: set[str] = set()
        width = len(columns.names)
        if len(record.cells) > width and any(cell.strip() for cell in record.cells[width:]):
            raise Rejected("", record.cells[width], _("This line has more cells than the header."))

    def column(self, field: str) -> str:
        """What the file calls the field."""
        place = self._columns.places.get(field)
        return field if place is None else self._columns.names[place]

    def has(self, field: str) -> bool:
        """Whether the file has such a column."""
        return field in self._columns.places

    def text(self, field: str) -> str:
        """The trimmed cell, "" when the file has no such column. Raises Rejected for what cannot be stored."""
        self._taken.add(field)
        place = self._columns.places.get(field)
        if place is None or place >= len(self.record.cells):
            return ""
        cell = self.record.cells[place].strip()
        if "\0" in cell:
            raise Rejected(
                self.column(field),
                cell.replace("\0", "␀"),
                _("This cell holds a control character."),
            )
        longest = LONGEST.get(field, 10_000)
        if len(cell) > longest:
            raise Rejected(
                self.column(field), cell, _("Longer than %(n)d characters.") % {"n": longest}
            )
        return cell

    def read(self, field: str, parse: Callable[[str], Any]) -> Any:
        """The parsed cell. Raises Rejected with column and value."""
        cell = self.text(field)
        try:
            return parse(cell)
        except Unreadable as error:
            raise Rejected(self.column(field), cell, str(error)) from error

    def leave(self, field: str) -> None:
        """What the cell says has no place in its field: it is kept beside the record."""
        self._taken.discard(field)

    def unmapped(self) -> dict[str, str]:
        """What no field took, kept beside the record by its column: a note on an open deal, a country nobody knows."""
        cells = self.record.cells
        return {
            name: cell.replace("\0", "␀")
            for place, name, field in self._columns.kept_beside
            if field not in self._taken or field == "country"
            if place < len(cells) and (cell := cells[place].strip())
            if field not in self._taken or not countries.code_of(cell)
        }
