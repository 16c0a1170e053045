"""A record of the file as the row that an action takes, or why it cannot be."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm.imports import belonging, columns, competing, countries, touching, values, wishes
from crm.imports.borrowed import BorrowedIds
from crm.imports.cells import Cells, Columns, Rejected, longest_of
from crm.imports.formats import Match, currency_in
from crm.imports.lookups import Lookups, domain_of
from crm.imports.reading import Record
from crm.imports.states import Kind
from crm.imports.values import is_nothing
from crm.shared import working_days
from crm.shared.models import User
from crm.shared.own_ids import pk_of
from deals.models import Account, Contact, Deal, LossReason, Stage
from deals.states import Competition, DealStatus
from followups.models import Touch
from followups.states import Channel

MODELS: dict[Kind, type[Any]] = {
    Kind.ACCOUNTS: Account,
    Kind.CONTACTS: Contact,
    Kind.DEALS: Deal,
    Kind.TOUCHES: Touch,
}
NAMING = frozenset(
    {*belonging.BY_ID, *belonging.BY_TITLE, *belonging.OF_PARTIES, "name", "website"}
)
PLAIN = ("title", "phone", "language", "time_zone")  # of a person, as they are written
NOON = dt.time(12)  # a day without a time: the same day in most zones


@dataclasses.dataclass(kw_only=True)
class Row:
    """What one record says: `fields` for the action, and for a deal how it ended.

    `company` is the name by which its account was found; "" where an id or a web address led to it, or nothing. `is_named`
    says whether the file gives the deal a title of its own.
    """

    record: Record
    fields: dict[str, Any]
    ended: DealStatus | None = None
    closed_at: dt.datetime | None = None
    reason: LossReason | None = None
    note: str = ""
    competitor: Any = None
    no_competitor: bool = False
    company: str = ""
    is_named: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the records of one file."""

    kind: str
    matches: list[Match]
    lookups: Lookups
    now: dt.datetime

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self.matches)

    @cached_property
    def borrowed(self) -> BorrowedIds:
        """Has to be told of every record of the file, those left out among them."""
        return BorrowedIds(self.matches)

    @cached_property
    def _dates(self) -> dict[str, str]:
        return {match.field: match.dates for match in self.matches}

    @cached_property
    def _marks(self) -> dict[str, str]:
        return {match.field: match.mark for match in self.matches}

    @cached_property
    def _named_for(self) -> str:
        """What the header calls the time of a touch, for a file of calls alone that has no column for the kind."""
        return next((match.column for match in self.matches if match.field == "at"), "")

    def look_up(self, batch: Sequence[Record]) -> None:
        """Read at once whom the records of a batch name."""
        cells = {
            field: {record.cells[place].strip() for record in batch if place < len(record.cells)}
            for field, place in self._columns.places.items()
            if field in NAMING
        }
        if self.kind == Kind.ACCOUNTS:
            named_so = map(domain_of, cells.get("website", set()))
            cells = {"account": cells.get("name", set()).union(named_so)}
        self.lookups.look_up(cells)
        if self.kind == Kind.TOUCHES:
            self.lookups.look_up_deals(cells)

    def read(self, record: Record) -> Row:
        """The row of `record`. Raises Rejected."""
        self.borrowed.check(record)
        cells = Cells(record, self._columns)
        build: Callable[[Cells], Row] = {
            Kind.ACCOUNTS: self._account,
            Kind.CONTACTS: self._contact,
            Kind.DEALS: self._deal,
            Kind.TOUCHES: self._touch,
        }[Kind(self.kind)]
        try:
            row = build(cells)
        except Rejected as refusal:
            if record.is_note:
                raise Rejected("", record.cells[0], _("This looks like a note.")) from refusal
            raise
        named = cells.text("external_id")
        for field in self._untold & row.fields.keys():
            del row.fields[field]
        model = MODELS[Kind(self.kind)]
        own = pk_of(str(model._meta.model_name), named)
        row.fields |= {"external_id": named or None} if own is None else {"same_as": model(pk=own)}
        if beside := cells.unmapped():
            row.fields["extra"] = beside
        cells.check_lengths(row.fields, self._longest)
        return row

    @cached_property
    def _longest(self) -> Mapping[str, int]:
        return longest_of(MODELS[Kind(self.kind)])

    @cached_property
    def _untold(self) -> frozenset[str]:
        """What the file has no column for: of a known row that stays as it is, of a new one it is the usual."""
        named = {match.field for match in self.matches}
        untold = {field for field, told_by in columns.TOLD_BY.items() if named.isdisjoint(told_by)}
        # Nobody sits at the command line, whose the rows would be.
        return frozenset(untold - ({"owner"} if self.lookups.by is None else set()))

    def _account(self, cells: Cells) -> Row:
        name = cells.text("name") or domain_of(cells.text("website"))
        if not name:
            raise Rejected(cells.column("name"), "", _("A company needs a name."))
        fields = {
            "name": name,
            "owner": cells.read("owner", self.lookups.owner),
            "industry": cells.text("industry"),
            "website": cells.text("website"),
            "employees": self._number(cells, "employees"),
        }
        return Row(record=cells.record, fields=fields | _country(cells))

    def _contact(self, cells: Cells) -> Row:
        parts = (cells.text("first_name"), cells.text("last_name"))
        name = cells.text("name") or " ".join(filter(None, parts)) or cells.text("email")
        if not name:
            raise Rejected(
                cells.column("name"), "", _("A person needs a name or an e-mail address.")
            )
        owner = cells.read("owner", self.lookups.owner)
        account, company = self._its_account(cells, owner)
        fields = {
            "name": name,
            "owner": owner,
            "account": account,
            "email": cells.read("email", values.email),
        }
        plain = {field: cells.text(field) for field in PLAIN if cells.has(field)}
        said = _country(cells) | wishes.of(cells, day=partial(self._day, cells))
        return Row(record=cells.record, fields=fields | plain | said, company=company)

    def _deal(self, cells: Cells) -> Row:
        stage = self._stage(cells)
        owner = cells.read("owner", self.lookups.owner)
        product = cells.read("product", self.lookups.product)
        account, company = self._its_account(cells, owner)
        told = (cells.text("title"), product, account, cells.text("external_id"))
        title = next((str(one) for one in told if one), "")
        if not title:
            raise Rejected(cells.column("title"), "", _("A deal needs a title or an id."))
        fields = {
            "title": title,
            "owner": owner,
            "account": account,
            "contact": self._its_contact(cells),
            "amount": cells.read("amount", self._amount),
            "currency": self._currency(cells),
            "product": product,
            "source": cells.text("source"),
        }
        opened_at = self._moment(cells, "opened_at")
        closed_at = self._closed_at(cells, stage)
        if opened_at:
            fields["opened_at"] = opened_at
        if isinstance(stage, DealStatus):
            row = self._ended(cells, fields, ended=stage, opened_at=opened_at, closed_at=closed_at)
        else:
            closing = closed_at.date() if closed_at else None
            fields["expected_close_on"] = self._day(cells, "expected_close_on") or closing
            if stage:
                fields["stage"] = stage
            row = Row(record=cells.record, fields=fields)
        row.company, row.is_named = company, bool(told[0])
        return row

    def _ended(
        self,
        cells: Cells,
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
        if closed_at > self.now and closed_at.date() == self.now.date():
            if opened_at == closed_at:  # both of today, and it is not noon yet
                opened_at = fields["opened_at"] = self.now
            closed_at = self.now
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
        if ended != DealStatus.DISQUALIFIED:
            self._say_competitor(row, cells)
        return row

    def _say_competitor(self, row: Row, cells: Cells) -> None:
        """Somebody named, nobody, or not known; a word that is no name is kept beside as well."""
        told = competing.competition(cells.text("competitor"))
        row.no_competitor = told == Competition.NONE
        if told == Competition.NAMED:
            row.competitor = cells.read("competitor", self.lookups.competitor)
        else:
            cells.leave("competitor")

    def _stage(self, cells: Cells) -> Stage | DealStatus | None:
        """How it ended, where a column of its own says so; else the stage that it is in. None = the file knows no stages."""
        if not cells.has("status") and not cells.has("stage"):
            return None
        status = cells.text("status")
        ended = self.lookups.meaning(status)
        if isinstance(ended, DealStatus) or not cells.has("stage"):
            return ended or cells.read("status", self.lookups.stage)
        stage: Stage | DealStatus = cells.read("stage", self.lookups.stage)
        return stage

    def _closed_at(self, cells: Cells, stage: Stage | DealStatus | None) -> dt.datetime | None:
        """When it ended. A file without any such column says nothing of it: then it is today."""
        if not isinstance(stage, DealStatus):
            return self._moment(cells, "closed_at")
        own = {DealStatus.WON: "won_at", DealStatus.LOST: "lost_at"}.get(stage, "closed_at")
        found = self._moment(cells, own) or self._moment(cells, "closed_at")
        if found is None and not any(map(cells.has, ("closed_at", "won_at", "lost_at"))):
            return self.now
        return found

    def _its_account(self, cells: Cells, owner: User) -> tuple[Account | None, str]:
        """By its id, its domain, or its name, and by which of the latter; one that is named and not known is added."""
        by_id = cells.read("account_id", self.lookups.account_by_id)
        domain, name = cells.text("account_domain"), cells.text("account")
        if by_id is not None:
            return by_id, ""
        by_domain = cells.read("account_domain", self.lookups.account_by_domain)
        if by_domain is not None:
            return by_domain, domain
        return self.lookups.account(name or domain, owner=owner), name or domain

    def _its_contact(self, cells: Cells) -> Contact | None:
        known: Contact | None = cells.read("contact_id", self.lookups.contact_by_id)
        named: Contact | None = cells.read("contact", self.lookups.contact)
        return known or named

    def _amount(self, cell: str) -> Decimal | None:
        return None if is_nothing(cell) else values.amount(cell, self._marks.get("amount", ""))

    def _number(self, cells: Cells, field: str) -> int | None:
        mark = self._marks.get(field, "")
        found: int | None = cells.read(
            field, lambda cell: None if is_nothing(cell) else values.whole(cell, mark)
        )
        return found

    def _currency(self, cells: Cells) -> str:
        """As a column says, else the sign beside the amount, else the header of the amount, else our own."""
        own = str(settings.ORGANISATION_CURRENCY)
        if cells.text("currency"):
            return str(cells.read("currency", values.currency))
        return (
            values.currency_of(cells.text("amount"), own)
            or currency_in(cells.column("amount"))
            or own
        )

    def _touch(self, cells: Cells) -> Row:
        if pk_of("touch", cells.text("external_id")):  # it stays as it is
            return Row(record=cells.record, fields={})
        at = self._moment(cells, "at")
        if at is None:
            raise Rejected(cells.column("at"), "", _("A touch needs its day."))
        if at > self.now and at.date() == self.now.date():
            at = self.now
        channel = cells.read("channel", lambda cell: touching.channel(cell, self._named_for))
        direction = touching.direction(cells.text("direction"))
        minutes = self._number(cells, "minutes")
        outcome = (
            "meeting_result"
            if channel == Channel.MEETING and cells.has("meeting_result")
            else "result"
        )
        words = (cells.text("subject"), cells.text("note"))
        deal, at, contact = self._its_deal(cells, at)
        fields = {
            "deal": deal,
            "contact": contact,
            "made_by": cells.read("owner", self.lookups.owner) if cells.text("owner") else None,
            "at": at,
            "channel": channel,
            "direction": direction,
            "result": cells.read(
                outcome, lambda cell: touching.result(cell, channel, direction, minutes=minutes)
            ),
            "minutes": minutes,
            "note": "\n".join(filter(None, words)),
            "resource": cells.text("resource"),
            "signal": cells.read("signal", touching.signal),
            "commitment": cells.text("commitment"),
        }
        if touching.says_more(cells.text("channel")):
            cells.leave("channel")
        if not touching.is_result(cells.text(outcome)):
            cells.leave(outcome)
        return Row(record=cells.record, fields=fields)

    def _its_deal(self, cells: Cells, at: dt.datetime) -> tuple[Deal, dt.datetime, Contact | None]:
        """The deal, named or that of the person or company which ran on that day; when in its life; and the person."""
        contact = self._its_contact(cells)
        account = cells.read("account_id", self.lookups.account_by_id) or cells.read(
            "account_domain", self.lookups.account_by_domain
        )
        account = account or self.lookups.known_account(cells.text("account"))
        deal, at = belonging.deal_of(
            self.lookups.deals, cells, at, contact=contact, account=account
        )
        return deal, at, contact

    def _day(self, cells: Cells, field: str) -> dt.date | None:
        style = self._dates.get(field, "")
        found: dt.date | None = cells.read(
            field, lambda cell: None if is_nothing(cell) else values.day(cell, style)
        )
        return found

    def _moment(self, cells: Cells, field: str) -> dt.datetime | None:
        day = self._day(cells, field)
        return _noon(day, settings.ORGANISATION_TIME_ZONE) if day else None


@lru_cache(maxsize=4096)
def _noon(day: dt.date, zone: str) -> dt.datetime:
    return working_days.at_local(day, NOON, zone)


def _country(cells: Cells) -> dict[str, str]:
    """The code of the country that the cell names; nothing for one that is not known."""
    code = countries.code_of(cells.text("country"))
    return {"country": code} if code else {}
