"""Whom and what the cells name: people, accounts, products, stages, reasons. Read once, then kept for the whole file."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from crm.imports.formats import STAGE_WORDS, compact, normal
from crm.imports.values import Unreadable
from crm.shared import people
from crm.shared.models import User
from crm.shared.roles import Role
from deals.actions import directory, setup
from deals.models import Account, Competitor, Contact, LossReason, Product, Stage
from deals.models.loss_reason import NOT_STATED, OTHER
from deals.states import DealStatus

M = TypeVar("M", Account, Product, Competitor)

UNASSIGNED = ""  # a key that no name has


class Lookups:
    """Names to rows, as `by` sees them (None: the command line, which sees all). What is missing and may be is added."""

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.may_add_people = by is None or by.role == Role.ADMIN
        self.reload()

    def reload(self) -> None:
        """Read everything anew: at the start, and when a batch was rolled back with what it had added."""
        seen = User.objects.all() if self.by is None else User.objects.visible_to(self.by)
        people_seen = list(seen.order_by("-is_active", "pk"))
        self.people: dict[str, User] = {compact(user.name): user for user in reversed(people_seen)}
        self.people |= {compact(user.email): user for user in people_seen}
        accounts = (
            Account.objects.current()
            if self.by is None
            else Account.objects.current().visible_to(self.by)
        )
        self.accounts: dict[str, Account] = {
            compact(one.name): one for one in accounts.only("pk", "name", "version").order_by("-pk")
        }
        self.contacts: dict[str, Contact] | None = None
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
        self.stages_of_phase = {
            one.phase: one for one in Stage.objects.current().order_by("-position")
        }

    def owner(self, cell: str) -> User:
        """By e-mail or name. An empty cell is oneself; a rep brings in what is theirs. Raises Unreadable."""
        if not cell:
            return self.by or self._unassigned()
        found = self.people.get(compact(cell))
        if found is None and self.may_add_people:
            found = self.people[compact(cell)] = people.add_former(cell)
        if found is None:
            raise Unreadable(_("You can bring in what you answer for; this is somebody else’s."))
        return found

    def _unassigned(self) -> User:
        """Whose it is when the command line's file names nobody: an administrator's, else nobody's in particular."""
        administrators = User.objects.active().filter(role=Role.ADMIN).order_by("pk")
        if UNASSIGNED not in self.people:
            self.people[UNASSIGNED] = administrators.first() or people.add_former(_("Unassigned"))
        return self.people[UNASSIGNED]

    def account(self, cell: str, *, owner: User) -> Account | None:
        """By name; a new one is written by `add_accounts`, once the whole batch was read."""
        return self._named(
            self.accounts, cell[:300], add=lambda name: Account(name=name, owner=owner)
        )

    def add_accounts(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write the new accounts that these rows name, all at once; from then on the rows name what was written."""
        waiting = [row for row in rows if row.get("account") and row["account"].pk is None]
        new: dict[str, Account] = {compact(row["account"].name): row["account"] for row in waiting}
        written = directory.add_accounts(
            [{"name": one.name, "owner": one.owner} for one in new.values()], by=self.by
        )
        self.accounts |= dict(zip(new, written, strict=True))
        for row in waiting:
            row["account"] = self.accounts[compact(row["account"].name)]

    def product(self, cell: str) -> Product | None:
        return self._named(
            self.products, cell, add=lambda name: setup.add_product(name=name, by=self.by)
        )

    def competitor(self, cell: str) -> Competitor | None:
        return self._named(
            self.competitors, cell, add=lambda name: setup.add_competitor(name=name, by=self.by)
        )

    def contact(self, cell: str) -> Contact | None:
        """By e-mail or name, among the known; a deal's file adds no people. Raises Unreadable for an unknown one."""
        if not cell:
            return None
        if self.contacts is None:
            seen = (
                Contact.objects.current()
                if self.by is None
                else Contact.objects.current().visible_to(self.by)
            )
            rows = list(seen.only("pk", "name", "email").order_by("-pk"))
            self.contacts = {compact(one.name): one for one in rows}
            self.contacts |= {compact(one.email): one for one in rows if one.email}
        return self.contacts.get(compact(cell))

    def stage(self, cell: str) -> Stage | DealStatus:
        """One of our stages by name, else what other systems call it; or how the deal ended. Raises Unreadable."""
        word = normal(cell)
        if word in self.stages:
            return self.stages[word]
        meant = STAGE_WORDS.get(word)
        if meant is None:
            raise Unreadable(_("There is no such stage."))
        if meant in DealStatus.values:
            return DealStatus(meant)
        return self.stages_of_phase[meant]

    def reason(self, cell: str) -> tuple[LossReason, str]:
        """The reason, and what else the cell said: nothing = not stated, unknown = other with its words as the note."""
        if not cell:
            return self.reasons[compact(NOT_STATED)], ""
        found = self.reasons.get(compact(cell))
        return (found, "") if found else (self.reasons[compact(OTHER)], cell)

    @staticmethod
    def _named(known: dict[str, M], cell: str, *, add: Callable[[str], M]) -> M | None:
        if not cell:
            return None
        key = compact(cell)
        if key not in known:
            known[key] = add(cell)
        return known[key]
