"""The cells of one record by the fields that they mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from crm.imports import countries, values
from crm.imports.columns import OF_REJECTED
from crm.imports.formats import Match
from crm.imports.reading import Record
from crm.imports.values import Unreadable

LONGEST = 10_000  # characters of any cell


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
        self._check_length(field, cell, LONGEST)
        return cell

    def check_lengths(self, fields: Mapping[str, Any], longest: Mapping[str, int]) -> None:
        """Raises Rejected for a text among `fields` that its column in the database does not hold."""
        for field, most in longest.items():
            if isinstance(text := fields.get(field), str):
                self._check_length(field, text, most)

    def _check_length(self, field: str, text: str, longest: int) -> None:
        try:
            values.check_length(text, longest)
        except Unreadable as error:
            raise Rejected(self.column(field), text, str(error)) from error

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


def longest_of(model: type[models.Model]) -> Mapping[str, int]:
    """How many characters a row of `model` holds, by field."""
    return {
        field.name: field.max_length
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField) and field.max_length
    }
