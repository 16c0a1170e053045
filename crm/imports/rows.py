"""A record of the file as the row that an action takes, or why it cannot be."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm.imports import values
from crm.imports.formats import Match
from crm.imports.lookups import Lookups
from crm.imports.reading import Record
from crm.imports.states import Kind
from crm.imports.values import Unreadable, is_nothing
from crm.shared import working_days
from deals.models import LossReason, Stage
from deals.states import DealStatus

DATES = frozenset({"opened_at", "closed_at", "expected_close_on"})
NOON = dt.time(12)  # a day without a time: the same day in most zones
LONGEST = {"title": 300, "name": 200, "external_id": 200, "source": 200, "email": 254, "phone": 60}


class Rejected(Exception):
    """The row cannot come in: at which column, with which value, and why."""

    def __init__(self, column: str, value: str, why: str) -> None:
        super().__init__(why)
        self.column, self.value, self.why = column, value, why


@dataclasses.dataclass(kw_only=True)
class Row:
    """What one record says: `fields` for the action, and for a deal how it ended."""

    record: Record
    fields: dict[str, Any]
    ended: DealStatus | None = None
    closed_at: dt.datetime | None = None
    reason: LossReason | None = None
    note: str = ""
    competitor: Any = None


class _Cells:
    """The cells of one record by field."""

    def __init__(self, record: Record, matches: list[Match]) -> None:
        self.record = record
        self._matches = matches
        self._index = {match.field: index for index, match in enumerate(matches) if match.field}
        if len(record.cells) > len(matches) and any(
            cell.strip() for cell in record.cells[len(matches) :]
        ):
            raise Rejected(
                "", record.cells[len(matches)], _("This line has more cells than the header.")
            )

    def column(self, field: str) -> str:
        """What the file calls the field."""
        index = self._index.get(field)
        return field if index is None else self._matches[index].column

    def text(self, field: str) -> str:
        """The trimmed cell, "" when the file has no such column. Raises Rejected for what cannot be stored."""
        index = self._index.get(field)
        cell = (
            self.record.cells[index].strip()
            if index is not None and index < len(self.record.cells)
            else ""
        )
        if "\0" in cell:
            raise Rejected(
                self.column(field),
                cell.replace("\0", "␀"),
                _("This cell holds a control character."),
            )
        if len(cell) > LONGEST.get(field, 10_000):
            raise Rejected(
                self.column(field),
                cell,
                _("Longer than %(n)d characters.") % {"n": LONGEST.get(field, 10_000)},
            )
        return cell

    def read(self, field: str, parse: Callable[[str], Any]) -> Any:
        """The parsed cell. Raises Rejected with column and value."""
        cell = self.text(field)
        try:
            return parse(cell)
        except Unreadable as error:
            raise Rejected(self.column(field), cell, str(error)) from error

    def unmapped(self) -> dict[str, str]:
        """What has no field here, kept beside the record by its column."""
        return {
            match.column: cell.strip().replace("\0", "␀")
            for match, cell in zip(self._matches, self.record.cells, strict=False)
            if not match.field and cell.strip()
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the records of one file. `styles` is the date style of each date field."""

    kind: str
    matches: list[Match]
    styles: Mapping[str, str]
    lookups: Lookups
    now: dt.datetime

    def read(self, record: Record) -> Row:
        """The row of `record`. Raises Rejected."""
        cells = _Cells(record, self.matches)
        build: Callable[[_Cells], Row] = {
            Kind.ACCOUNTS: self._account,
            Kind.CONTACTS: self._contact,
            Kind.DEALS: self._deal,
        }[Kind(self.kind)]
        row = build(cells)
        row.fields["external_id"] = cells.text("external_id") or None
        row.fields["extra"] = cells.unmapped()
        return row

    def _account(self, cells: _Cells) -> Row:
        name = cells.text("name")
        if not name:
            raise Rejected(cells.column("name"), "", _("A company needs a name."))
        fields = {
            "name": name,
            "owner": cells.read("owner", self.lookups.owner),
            "industry": cells.text("industry"),
            "website": cells.text("website"),
            "employees": cells.read("employees", lambda cell: values.whole(cell) if cell else None),
        }
        country = cells.text("country")
        if len(country) == 2:
            fields["country"] = country.upper()
        return Row(record=cells.record, fields=fields)

    def _contact(self, cells: _Cells) -> Row:
        parts = (cells.text("first_name"), cells.text("last_name"))
        name = cells.text("name") or " ".join(filter(None, parts)) or cells.text("email")
        if not name:
            raise Rejected(
                cells.column("name"), "", _("A person needs a name or an e-mail address.")
            )
        owner = cells.read("owner", self.lookups.owner)
        fields = {
            "name": name,
            "owner": owner,
            "account": cells.read("account", lambda cell: self.lookups.account(cell, owner=owner)),
            "email": cells.read("email", _email),
        }
        plain = ("title", "phone", "language", "time_zone")
        return Row(
            record=cells.record, fields=fields | {field: cells.text(field) for field in plain}
        )

    def _deal(self, cells: _Cells) -> Row:
        stage = cells.read("stage", self.lookups.stage)
        owner = cells.read("owner", self.lookups.owner)
        product = cells.read("product", self.lookups.product)
        title = (
            cells.text("title") or (product.name if product else "") or cells.text("external_id")
        )
        if not title:
            raise Rejected(cells.column("title"), "", _("A deal needs a title or an id."))
        fields = {
            "title": title,
            "owner": owner,
            "account": cells.read("account", lambda cell: self.lookups.account(cell, owner=owner)),
            "contact": cells.read("contact", self.lookups.contact),
            "amount": cells.read(
                "amount", lambda cell: None if is_nothing(cell) else values.amount(cell)
            ),
            "currency": cells.read("currency", _currency),
            "product": product,
            "source": cells.text("source"),
        }
        opened_at, closed_at = self._moment(cells, "opened_at"), self._moment(cells, "closed_at")
        if opened_at:
            fields["opened_at"] = opened_at
        if isinstance(stage, Stage):
            closing = closed_at.date() if closed_at else None
            fields |= {
                "stage": stage,
                "expected_close_on": self._day(cells, "expected_close_on") or closing,
            }
            return Row(record=cells.record, fields=fields)
        return self._ended(cells, fields, ended=stage, opened_at=opened_at, closed_at=closed_at)

    def _ended(
        self,
        cells: _Cells,
        fields: dict[str, Any],
        *,
        ended: DealStatus,
        opened_at: dt.datetime | None,
        closed_at: dt.datetime | None,
    ) -> Row:
        if closed_at is None:
            raise Rejected(
                cells.column("closed_at"), "", _("A closed deal needs the day of its closing.")
            )
        if closed_at > self.now:
            closed_at = self.now if closed_at.date() == self.now.date() else closed_at
        if closed_at > self.now:
            raise Rejected(
                cells.column("closed_at"),
                cells.text("closed_at"),
                _("A closing cannot lie in the future."),
            )
        if opened_at and opened_at > closed_at:
            raise Rejected(
                cells.column("closed_at"),
                cells.text("closed_at"),
                _("It was closed before it was opened."),
            )
        fields.setdefault("opened_at", closed_at)
        row = Row(
            record=cells.record,
            fields=fields,
            ended=ended,
            closed_at=closed_at,
            note=cells.text("note"),
        )
        if ended == DealStatus.LOST:
            row.reason, words = self.lookups.reason(cells.text("reason"))
            row.note = "\n".join(filter(None, (words, row.note)))
            row.competitor = cells.read("competitor", self.lookups.competitor)
        return row

    def _day(self, cells: _Cells, field: str) -> dt.date | None:
        found: dt.date | None = cells.read(
            field,
            lambda cell: None if is_nothing(cell) else values.day(cell, self.styles.get(field, "")),
        )
        return found

    def _moment(self, cells: _Cells, field: str) -> dt.datetime | None:
        day = self._day(cells, field)
        return working_days.at_local(day, NOON, settings.ORGANISATION_TIME_ZONE) if day else None


def _email(cell: str) -> str:
    if cell:
        try:
            validate_email(cell)
        except ValidationError:
            raise Unreadable(_("This is not an e-mail address.")) from None
    return cell.lower()


def _currency(cell: str) -> str:
    if not cell:
        return str(settings.ORGANISATION_CURRENCY)
    if len(cell) != 3 or not cell.isalpha():
        raise Unreadable(_("A currency has three letters, as EUR."))
    return cell.upper()
