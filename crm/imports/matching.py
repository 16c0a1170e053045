"""Which rows of a file are here already: by the other system's id, else by name and account; what is unsure is asked.

Only what was here when the import began counts, so that a dry run, the import and a resumed one all ask the same. A batch
costs a fixed number of queries.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from crm.imports import marks
from crm.imports.formats import compact
from crm.imports.lookups import Lookups
from crm.imports.marks import MOST, Directory
from crm.imports.models import Import, Question
from crm.imports.rows import Row
from crm.imports.states import Answer, InDoubt, Kind
from crm.shared import display
from deals import duplicates
from deals.models import Account, Contact, Deal

LONGEST_KEY = 300
Found = Mapping[int, Sequence[int]]  # by the place of a row, the ids of what it may be


@dataclasses.dataclass(frozen=True, kw_only=True)
class Doubt:
    """A row that may be one of `candidates`; `key` says what of the file it is about."""

    thing: str
    key: str
    line: int
    said: str
    candidates: Sequence[Any]

    @property
    def why(self) -> str:
        """For the list of what did not come in."""
        if len(self.candidates) > 1:
            return _("“%(name)s” may be one of several that are here: decide.") % {
                "name": self.said
            }
        words = {"name": self.said, "known": str(self.candidates[0])}
        return _("“%(name)s” may be “%(known)s”, which is here: decide.") % words


class Matcher:
    """Finds what the rows of one import mean, batch by batch."""

    def __init__(self, job: Import, lookups: Lookups) -> None:
        self.job, self.lookups = job, lookups
        self.before = job.started_at or job.created_at
        self._claimed: set[int] = set()

    def settle(self, rows: Sequence[Row]) -> dict[int, Doubt]:
        """Let rows name what they are the same as; returns those to be set aside, by their place."""
        if self.job.kind == Kind.TOUCHES:
            return {}
        aside: dict[int, Doubt] = {}
        if self.job.kind != Kind.ACCOUNTS:
            self._settle_companies(rows, aside)
        self._settle_rows(rows, aside)
        return aside

    # ---- the company that a row names ------------------------------------------------------------

    @cached_property
    def _companies(self) -> Directory:
        return Directory(Account, by=self.lookups.by, before=self.before)

    def _settle_companies(self, rows: Sequence[Row], aside: dict[int, Doubt]) -> None:
        found = {place: ids for place, row in enumerate(rows) if (ids := self._may_mean(row))}
        doubts = {
            place: Doubt(
                thing="account",
                key=f"company {compact(row.company)[:LONGEST_KEY]}",
                line=row.record.line,
                said=row.company[:300],
                candidates=known,
            )
            for place, known in self._read(Account, found).items()
            if (row := rows[place])
        }
        for place, (doubt, verdict) in self._decided(doubts).items():
            if isinstance(verdict, Account):
                rows[place].fields["account"] = verdict
            elif verdict == Answer.NEW:
                rows[place].fields["account"] = self._new_company(rows[place], doubt)
            else:
                aside[place] = doubt

    def _may_mean(self, row: Row) -> Sequence[int]:
        """Several companies of that name, or with none of that name some that look like it; nothing where it is sure."""
        account = row.fields.get("account")
        if not row.company or account is None:
            return ()
        domain = duplicates.domain_of(row.company)
        same = self._companies.bearing(
            iter([marks.exact(row.company), *([("domain", domain)] if domain else [])])
        )
        if same or account.pk is not None:
            return same if len(same) > 1 else ()
        return self._companies.bearing(marks.account_marks(row.company))

    def _new_company(self, row: Row, doubt: Doubt) -> Account:
        """A new one beside those of the same name; the next row finds the one that was made."""
        known = self.lookups.known_account(row.company)
        if known is None or known.pk in {one.pk for one in doubt.candidates}:
            return Account(
                name=row.company[:300], owner=row.fields.get("owner") or self.lookups.owner("")
            )
        return known

    # ---- the row itself --------------------------------------------------------------------------

    def _settle_rows(self, rows: Sequence[Row], aside: dict[int, Doubt]) -> None:
        places = [
            place
            for place, row in enumerate(rows)
            if place not in aside and "same_as" not in row.fields
        ]
        ways: dict[Kind, tuple[Callable[..., Found], Any, Callable[..., bool]]] = {
            Kind.ACCOUNTS: (self._accounts_like, Account, _is_account),
            Kind.CONTACTS: (self._contacts_like, Contact, _is_contact),
            Kind.DEALS: (self._deals_like, Deal, _is_deal),
        }
        find, model, is_same = ways[Kind(self.job.kind)]
        doubts: dict[int, Doubt] = {}
        for place, known in self._read(model, find(rows, places)).items():
            row = rows[place]
            if len(known) == 1 and is_same(row, known[0]) and known[0].pk not in self._claimed:
                self._take(row, known[0])
            else:
                doubts[place] = Doubt(
                    thing=str(model._meta.model_name),
                    key=f"line {row.record.line}",
                    line=row.record.line,
                    said=str(row.fields.get("title") if model is Deal else row.fields["name"])[
                        :300
                    ],
                    candidates=known,
                )
        for place, (doubt, verdict) in self._decided(doubts).items():
            if verdict is None:
                aside[place] = doubt
            elif verdict != Answer.NEW:
                rows[place].fields.pop("title" if model is Deal else "name")  # it keeps its own
                self._take(rows[place], verdict)

    def _take(self, row: Row, known: Any) -> None:
        """What the file says of a known one; what it leaves out, and whose it is, stay."""
        self._claimed.add(known.pk)
        row.fields = filling_in(row.fields, same_as=known)

    def _accounts_like(self, rows: Sequence[Row], places: Sequence[int]) -> Found:
        return {
            place: ids
            for place in places
            if not self._companies.knows(rows[place].fields["external_id"])
            and (ids := self._accounts_of(rows[place].fields))
        }

    def _accounts_of(self, fields: Mapping[str, Any]) -> Sequence[int]:
        signs = marks.account_marks(fields["name"], fields.get("website", ""))
        return self._companies.bearing(signs, external_id=fields["external_id"])

    @cached_property
    def _people(self) -> Directory:
        return Directory(Contact, by=self.lookups.by, before=self.before)

    def _contacts_like(self, rows: Sequence[Row], places: Sequence[int]) -> Found:
        return {
            place: ids
            for place in places
            if not self._people.knows(rows[place].fields["external_id"])
            and (ids := self._contacts_of(rows[place].fields))
        }

    def _contacts_of(self, fields: Mapping[str, Any]) -> Sequence[int]:
        account = fields.get("account")
        # A company that is only now added has nobody yet.
        at = 0 if account is None else account.pk or -1
        signs = marks.contact_marks(
            fields["name"], fields.get("email", ""), fields.get("phone", ""), at
        )
        return self._people.bearing(signs, external_id=fields["external_id"])

    @cached_property
    def _has_deals(self) -> bool:
        return bool(Deal.objects.filter(created_at__lt=self.before).exists())

    def _deals_like(self, rows: Sequence[Row], places: Sequence[int]) -> Found:
        """Deals with the same title, at the same company or both at none."""
        if not self._has_deals:
            return {}
        by = self.lookups.by
        seen = Deal.objects.all() if by is None else Deal.objects.visible_to(by)
        nth = Window(
            RowNumber(),
            partition_by=[F("title"), F("account")],
            order_by=[F("external_id").asc(nulls_first=True), F("pk").asc()],
        )
        titled = (
            seen.current()
            .filter(title__in={rows[place].fields["title"] for place in places})
            .filter(created_at__lt=self.before)
            .annotate(nth=nth)
            .filter(nth__lte=MOST)
            .values_list("pk", "title", "account", "external_id")
        )
        there: dict[tuple[str, int | None], list[tuple[int, str | None]]] = {}
        for row_id, title, account_id, external_id in titled.order_by("pk"):
            there.setdefault((title, account_id), []).append((row_id, external_id))
        found: dict[int, Sequence[int]] = {}
        for place in places:
            fields = rows[place].fields
            account, own = fields.get("account"), fields["external_id"]
            if account is None or account.pk is not None:
                known = there.get((fields["title"], account.pk if account else None), ())
                found[place] = [pk for pk, theirs in known if own is None or theirs is None]
        return self._without_known_ids(rows, {at: ids for at, ids in found.items() if ids})

    def _without_known_ids(self, rows: Sequence[Row], found: Found) -> Found:
        asked = {rows[at].fields["external_id"] for at in found} - {None}
        if not asked:
            return found
        known = set(
            Deal.objects.filter(external_id__in=asked).values_list("external_id", flat=True)
        )
        return {at: ids for at, ids in found.items() if rows[at].fields["external_id"] not in known}

    # ---- what people decided ---------------------------------------------------------------------

    def _read(self, model: type[Any], found: Found) -> dict[int, list[Any]]:
        """The candidates as rows, in the order of their ids."""
        if not found:
            return {}
        related = {Account: ("owner",), Contact: ("account",), Deal: ("account",)}[model]
        things = model._default_manager.select_related(*related).in_bulk(
            {one for ids in found.values() for one in ids}
        )
        read = {
            at: [things[one] for one in sorted(ids) if one in things] for at, ids in found.items()
        }
        return {at: known for at, known in read.items() if known}

    def _decided(self, doubts: Mapping[int, Doubt]) -> dict[int, tuple[Doubt, Any]]:
        """By place: what it is the same as, `Answer.NEW`, or None where nobody decided."""
        if not doubts:
            return {}
        answers = {
            question.key: question
            for question in Question.objects.filter(
                belongs_to__in=[one for one in (self.job.pk, self.job.follows_id) if one],
                key__in={doubt.key for doubt in doubts.values()},
            ).exclude(answer="")
        }
        return {at: (doubt, self._verdict(doubt, answers)) for at, doubt in doubts.items()}

    def _verdict(self, doubt: Doubt, answers: Mapping[str, Question]) -> Any:
        told = answers.get(doubt.key)
        if told is not None and told.answer == Answer.EXISTING:
            return next((one for one in doubt.candidates if one.pk == told.same_as), None)
        if told is not None or self.job.in_doubt == InDoubt.NEW:
            return Answer.NEW
        is_one = self.job.in_doubt == InDoubt.EXISTING and len(doubt.candidates) == 1
        return doubt.candidates[0] if is_one else None


def filling_in(fields: Mapping[str, Any], *, same_as: Any) -> dict[str, Any]:
    """What the file says of a known one; what it leaves out, and whose it is, stay."""
    said = {name: value for name, value in fields.items() if value and name != "owner"}
    return said | {"same_as": same_as}


def about(thing: Any) -> str:
    """What tells one candidate from another."""
    if isinstance(thing, Account):
        told = [thing.website, thing.country, thing.owner.name]
    elif isinstance(thing, Contact):
        told = [thing.email, thing.phone, str(thing.account or "")]
    else:
        told = [str(thing.account or ""), str(thing.get_status_display()), _amount(thing)]
    return " · ".join(part for part in told if part)


def _amount(deal: Deal) -> str:
    return "" if deal.amount is None else display.exact_money(deal.amount, deal.currency)


def _is_account(row: Row, known: Account) -> bool:
    """The same name, and no other address on the web."""
    ours, theirs = (
        duplicates.domain_of(one) for one in (row.fields.get("website", ""), known.website)
    )
    return compact(row.fields["name"]) == compact(known.name) and (
        not ours or not theirs or ours == theirs
    )


def _is_contact(row: Row, known: Contact) -> bool:
    """The same name, and the same address; or at the same company, and no other address."""
    fields, account = row.fields, row.fields.get("account")
    ours, theirs = (
        duplicates.contact_key(*facts)
        for facts in (
            (fields["name"], fields.get("email", "")),
            (known.name, known.email),
        )
    )
    if ours.name != theirs.name:
        return False
    if ours.email and theirs.email:
        return ours.email == theirs.email
    return account is not None and account.pk is not None and account.pk == known.account_id


def _is_deal(row: Row, known: Deal) -> bool:
    """A title of its own at a company, and nothing that speaks against it: another day of opening, another end."""
    fields = row.fields
    if not row.is_named or fields.get("account") is None:
        return False
    if "opened_at" in fields and fields["opened_at"].date() != known.opened_at.date():
        return False
    if known.is_open:
        return True
    return (
        row.ended == known.status
        and row.closed_at is not None
        and (known.closed_at is not None and row.closed_at.date() == known.closed_at.date())
    )
