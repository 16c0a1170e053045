"""Whom and what the cells name. Products, stages and reasons are read once; companies and people as batches name them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.imports.belonging import Deals
from crm.imports.cells import longest_of
from crm.imports.formats import compact, meaning_of_stage, normal
from crm.imports.known import Known, by_ids
from crm.imports.values import Unreadable, check_length
from crm.shared import people
from crm.shared.folding import key
from crm.shared.models import User
from crm.shared.own_ids import pk_of
from crm.shared.roles import Role
from deals.actions import directory, setup
from deals.models import Account, Competitor, Contact, LossReason, Product, Stage
from deals.models.loss_reason import NOT_STATED, OTHER
from deals.states import DealStatus

M = TypeVar("M", Product, Competitor)
D = TypeVar("D", Account, Contact)

MOST_KEPT = 20_000
UNASSIGNED = ""  # a key that no name has


def domain_of(website: str) -> str:
    """“https://www.vale.example/about” and “vale.example” are one."""
    host = re.sub(r"^\w+://", "", website.strip().casefold()).partition("/")[0]
    return host.removeprefix("www.").partition(":")[0]


def _mark(name: str) -> str:
    return compact(name) or name


def _ids_of(
    known: Sequence[tuple[Known[Any], str]], cells: Mapping[str, Collection[str]]
) -> set[int]:
    """Of the rows that these cells name, as far as they are known."""
    rows = (those.get(cell) for those, field in known for cell in cells.get(field, ()))
    return {row.pk for row in rows if row}


class Lookups:
    """Names to rows, as `by` sees them (None: the command line, which sees all). What is missing and may be is added."""

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.added: list[Account | Product | Competitor] = []
        self.may_add_people = by is None or by.role == Role.ADMIN
        self.reload()

    def reload(self) -> None:
        """Read everything anew: at the start, and when a batch was rolled back with what it had added."""
        seen = User.objects.all() if self.by is None else User.objects.visible_to(self.by)
        people_seen = list(seen.order_by("-is_active", "pk"))
        self.people: dict[str, User] = {compact(user.name): user for user in reversed(people_seen)}
        self.people |= {compact(user.email): user for user in people_seen}
        self.accounts = Known(mark=_mark, read=self._accounts_by_name)
        self._accounts_of_id = Known(mark=str, read=partial(self._by_id, Account))
        self._accounts_of_domain = Known(mark=domain_of, read=self._accounts_by_domain)
        self._domains: dict[str, int] | None = None
        self._contacts = Known(mark=_mark, read=self._contacts_by_name)
        self._contacts_of_id = Known(mark=str, read=partial(self._by_id, Contact))
        self.deals = Deals(self.by)
        self.products: dict[str, Product] = {
            compact(one.name): one for one in Product.objects.all()
        }
        self.competitors: dict[str, Competitor] = {
            compact(one.name): one for one in Competitor.objects.all()
        }
        self.reasons = {compact(one.slug): one for one in LossReason.objects.all()}
        self.reasons |= {compact(one.name): one for one in self.reasons.values()}
        self.stages = {
            normal(one.name): one for one in Stage.objects.current().order_by("-position")
        }
        self._meanings: dict[str, Stage | DealStatus | None] = {}
        self.stages_of_phase = {
            one.phase: one for one in Stage.objects.current().order_by("-position")
        }

    def look_up(self, cells: Mapping[str, Collection[str]]) -> None:
        """Read what a batch names, by the field of its cells, in a few statements however many they are."""
        for known, fields in (
            (self.accounts, ("account", "account_domain")),
            (self._accounts_of_domain, ("account_domain",)),
            (self._accounts_of_id, ("account_id",)),
            (self._contacts, ("contact",)),
            (self._contacts_of_id, ("contact_id",)),
        ):
            if len(known) > MOST_KEPT:
                known.forget()
            known.look_up(cell for field in fields for cell in cells.get(field, ()))

    def look_up_deals(self, cells: Mapping[str, Collection[str]]) -> None:
        """Read the deals that a batch of touches names, or those of whom it names; after `look_up`."""
        people = (self._contacts, "contact"), (self._contacts_of_id, "contact_id")
        companies = (
            (self.accounts, "account"),
            (self._accounts_of_domain, "account_domain"),
            (self._accounts_of_id, "account_id"),
        )
        self.deals.look_up(
            cells, contacts=_ids_of(people, cells), accounts=_ids_of(companies, cells)
        )

    def owner(self, cell: str) -> User:
        """By e-mail or name. An empty cell is oneself; a rep brings in what is theirs. Raises Unreadable."""
        if not cell:
            return self.by or self._unassigned()
        found = self.people.get(compact(cell))
        if found is None and self.may_add_people:
            check_length(cell, longest_of(User)["name"])
            found = self.people[compact(cell)] = people.add_former(cell)
        if found is None:
            raise Unreadable(_("You can bring in what you answer for; this is somebody else’s."))
        return found

    def _unassigned(self) -> User:
        """Whose it is when the command line's file names nobody: an administrator's, else nobody's in particular."""
        if UNASSIGNED not in self.people:
            administrators = User.objects.active().filter(role=Role.ADMIN).order_by("pk")
            self.people[UNASSIGNED] = administrators.first() or people.add_former(_("Unassigned"))
        return self.people[UNASSIGNED]

    def account(self, cell: str, *, owner: User) -> Account | None:
        """By name; a new one is written by `add_accounts`, once the whole batch was read."""
        if not cell:
            return None
        found = self.accounts.get(cell[:300])
        if found is None:
            found = Account(name=cell[:300], owner=owner)
            self.accounts.keep(found.name, found)
        return found

    def known_account(self, cell: str) -> Account | None:
        """By name, among the known."""
        return self.accounts.get(cell) if cell else None

    def account_by_domain(self, cell: str) -> Account | None:
        """By the domain of its website, among the known."""
        return self._accounts_of_domain.get(cell) if cell else None

    def account_by_id(self, cell: str) -> Account | None:
        """By the id that the other system gave it, or that an export of ours did, among the known."""
        return self._accounts_of_id.get(cell) if cell else None

    def contact_by_id(self, cell: str) -> Contact | None:
        """By the id that the other system gave them, or that an export of ours did, among the known."""
        return self._contacts_of_id.get(cell) if cell else None

    def contact(self, cell: str) -> Contact | None:
        """By e-mail or name, among the known; a deal's file adds no people. None for an unknown one."""
        return self._contacts.get(cell) if cell else None

    def add_accounts(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write the new accounts that these rows name, all at once; from then on the rows name what was written."""
        waiting = [row for row in rows if row.get("account") and row["account"].pk is None]
        new: dict[str, Account] = {_mark(row["account"].name): row["account"] for row in waiting}
        written = directory.add_accounts(
            [{"name": one.name, "owner": one.owner} for one in new.values()], by=self.by
        )
        for one in written:
            self.accounts.keep(one.name, one)
        self.added += written
        for row in waiting:
            row["account"] = self.accounts.get(row["account"].name)

    def product(self, cell: str) -> Product | None:
        return self._named(
            Product,
            self.products,
            cell,
            add=lambda name: self._note(setup.add_product(name=name, by=self.by)),
        )

    def competitor(self, cell: str) -> Competitor | None:
        return self._named(
            Competitor,
            self.competitors,
            cell,
            add=lambda name: self._note(setup.add_competitor(name=name, by=self.by)),
        )

    # ---- reading what a batch names -------------------------------------------------------------------

    def _accounts_by_name(self, cells: Mapping[str, str]) -> dict[str, Account]:
        named = {"name_key__in": {key(cell) for cell in cells.values()}}
        rows = self._seen(Account).filter(**named).only("pk", "name", "version", "external_id")
        gone = self._gone(Account, "name", **named)
        return {_mark(name): one for name, one in gone.items()} | {
            _mark(one.name): one for one in rows.order_by("-pk")
        }

    def _accounts_by_domain(self, cells: Mapping[str, str]) -> dict[str, Account]:
        """No index knows domains: the first file that names some reads all, and keeps whose each is."""
        if self._domains is None:
            websites = self._seen(Account).exclude(website="").order_by("-pk")
            rows = websites.values_list("website", "pk").iterator()
            self._domains = {domain_of(website): row_id for website, row_id in rows}
        ids = {domain: self._domains[domain] for domain in cells if domain in self._domains}
        found = Account.objects.only("pk", "name", "version").in_bulk(ids.values())
        return {domain: found[row_id] for domain, row_id in ids.items() if row_id in found}

    def _contacts_by_name(self, cells: Mapping[str, str]) -> dict[str, Contact]:
        named = Q(name_key__in={key(cell) for cell in cells.values()})
        mailed = Q(email__in={form for cell in cells.values() for form in (cell, cell.lower())})
        rows = list(
            self._seen(Contact).filter(named | mailed).only("pk", "name", "email").order_by("-pk")
        )
        return {_mark(one.name): one for one in rows} | {
            _mark(one.email): one for one in rows if one.email
        }

    def _by_id(self, model: type[D], cells: Mapping[str, str]) -> dict[str, D]:
        """By the id from elsewhere, or by ours as an export wrote it; what was archived keeps its id."""
        kind = str(model._meta.model_name)
        own = {cell: pk for cell in cells if (pk := pk_of(kind, cell)) is not None}
        theirs = {"external_id__in": [cell for cell in cells if cell not in own]}
        named = Q(**theirs) | Q(pk__in=own.values()) if own else Q(**theirs)
        rows = self._visible(model).filter(named)
        known = rows.filter(merged_into=None).only("pk", "name", "version", "external_id")
        gone = self._gone(model, "external_id", **theirs)
        return gone | by_ids(known, own=own)

    def _visible(self, model: type[D]) -> Any:
        rows: Any = model._default_manager.all()
        return rows if self.by is None else rows.visible_to(self.by)

    def _seen(self, model: type[D]) -> Any:
        return self._visible(model).filter(archived_at=None)

    def _gone(self, model: type[D], column: str, **named: Any) -> dict[str, D]:
        """What was merged into another one, by what it was called: the one that stayed."""
        merged: Any = model._default_manager.exclude(merged_into=None)
        into = dict(merged.filter(**named).values_list(column, "merged_into"))
        while again := dict(
            merged.filter(pk__in=set(into.values())).values_list("pk", "merged_into")
        ):
            into = {name: again.get(row_id, row_id) for name, row_id in into.items()}
        stayed = self._seen(model).in_bulk(set(into.values()))
        return {str(name): stayed[row_id] for name, row_id in into.items() if row_id in stayed}

    # ---- what the settings name -------------------------------------------------------------------------

    def stage(self, cell: str) -> Stage | DealStatus:
        """As `meaning` has it. Raises Unreadable where it tells neither."""
        meant = self.meaning(cell)
        if meant is None:
            raise Unreadable(_("There is no such stage."))
        return meant

    def meaning(self, cell: str) -> Stage | DealStatus | None:
        """One of our stages by name, else what other systems call it; or how the deal ended; None for neither."""
        if cell not in self._meanings:
            if len(self._meanings) >= MOST_KEPT:
                self._meanings.clear()
            self._meanings[cell] = self._meant(cell)
        return self._meanings[cell]

    def _meant(self, cell: str) -> Stage | DealStatus | None:
        word = normal(cell)
        if word in self.stages:
            return self.stages[word]
        meant = meaning_of_stage(cell)
        if meant in DealStatus.values:
            return DealStatus(meant)
        return self.stages_of_phase.get(meant or "")

    def reason(self, cell: str) -> tuple[LossReason, str]:
        """The reason, and what else the cell said: nothing = not stated, unknown = other with its words as the note."""
        if not cell:
            return self.reasons[compact(NOT_STATED)], ""
        found = self.reasons.get(compact(cell))
        return (found, "") if found else (self.reasons[compact(OTHER)], cell)

    def take_added(self) -> list[Account | Product | Competitor]:
        """What was added since the last time."""
        added, self.added = self.added, []
        return added

    def _note(self, made: M) -> M:
        self.added.append(made)
        return made

    @staticmethod
    def _named(
        model: type[M], known: dict[str, M], cell: str, *, add: Callable[[str], M]
    ) -> M | None:
        if not cell:
            return None
        key = compact(cell)
        if key not in known:
            check_length(cell, longest_of(model)["name"])
            known[key] = add(cell)
        return known[key]
