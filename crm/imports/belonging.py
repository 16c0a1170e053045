"""To which deal a touch of a file belongs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from crm.imports.cells import Rejected
from crm.imports.known import Known, by_ids
from crm.shared.own_ids import pk_of
from deals.models import Deal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from crm.imports.cells import Cells
    from crm.shared.models import User

MOST_KEPT, MOST_DEALS = 20_000, 50
BY_ID, BY_TITLE = ("deal_id", "lead_id"), ("deal",)  # the fields that name the deal itself
OF_PARTIES = ("contact", "contact_id", "account", "account_id", "account_domain")


class Deals:
    """The deals that cells lead to, as `by` sees them: those of a batch are read at once, and kept."""

    def __init__(self, by: User | None) -> None:
        self._seen = Deal.objects.all() if by is None else Deal.objects.visible_to(by)
        self._of_id = Known(mark=str, read=self._by_id)
        self._of_title = Known(mark=str, read=partial(self._by, "title"))
        self._of_contact = Known(mark=str, read=partial(self._by, "contact"))
        self._of_account = Known(mark=str, read=partial(self._by, "account"))

    def look_up(
        self,
        cells: Mapping[str, Collection[str]],
        *,
        contacts: Iterable[int],
        accounts: Iterable[int],
    ) -> None:
        """Read those that the cells of a batch name, or that these people and companies have."""
        for known, named in (
            (self._of_id, (cell for field in BY_ID for cell in cells.get(field, ()))),
            (self._of_title, (cell for field in BY_TITLE for cell in cells.get(field, ()))),
            (self._of_contact, map(str, contacts)),
            (self._of_account, map(str, accounts)),
        ):
            if len(known) > MOST_KEPT:
                known.forget()
            known.look_up(named)

    def of(
        self, cells: Cells, *, contact: int | None, account: int | None
    ) -> tuple[str, Sequence[Deal]]:
        """Those of the surest field that leads to any: the deal itself, the lead it came from, the person, the company."""
        for field, known, cell in (
            ("deal_id", self._of_id, cells.text("deal_id")),
            ("deal", self._of_title, cells.text("deal")),
            ("lead_id", self._of_id, cells.text("lead_id")),
            ("contact", self._of_contact, str(contact or "")),
            ("account", self._of_account, str(account or "")),
        ):
            if found := known.get(cell) if cell else None:
                return field, found
        return "", ()

    def _by_id(self, cells: Mapping[str, str]) -> dict[str, list[Deal]]:
        """By the id from elsewhere, or by ours as an export wrote it."""
        own = {cell: pk for cell in cells if (pk := pk_of("deal", cell)) is not None}
        theirs = Q(external_id__in=cells.keys() - own.keys())
        found = self._seen.filter(theirs | Q(pk__in=own.values()) if own else theirs)
        rows = found.only("pk", "external_id", "opened_at", "closed_at")
        return {cell: [one] for cell, one in by_ids(rows, own=own).items()}

    def _by(self, column: str, cells: Mapping[str, str]) -> dict[str, list[Deal]]:
        nth = Window(RowNumber(), partition_by=[F(column)], order_by=F("pk").desc())
        field: Any = Deal._meta.get_field(column)
        name: str = field.attname
        rows = (
            self._seen.filter(**{f"{column}__in": cells.values()})
            .annotate(nth=nth)
            .filter(nth__lte=MOST_DEALS)
            .only("pk", name, "opened_at", "closed_at")
        )
        found: dict[str, list[Deal]] = {}
        for one in rows:
            found.setdefault(str(getattr(one, name)), []).append(one)
        return found


def deal_of(
    deals: Deals, cells: Cells, at: dt.datetime, *, contact: Any, account: Any
) -> tuple[Deal, dt.datetime]:
    """The one that ran on that day, else the next that was opened; and when in its life. Raises Rejected if it is not one."""
    field, found = deals.of(
        cells, contact=contact.pk if contact else None, account=account.pk if account else None
    )
    if not found:
        raise Rejected("", "", _why_none(cells))
    day = at.date()
    alive = [deal for deal in found if deal.closed_at is None or day <= deal.closed_at.date()]
    if not alive:
        raise Rejected(
            cells.column(field),
            cells.text(field),
            _("Every deal of theirs was closed before that day."),
        )
    running = [deal for deal in alive if deal.opened_at.date() <= day]
    if len(running) > 1:
        raise Rejected(
            cells.column(field),
            cells.text(field),
            _("Several deals of theirs ran on that day: give the id of the deal."),
        )
    deal = running[0] if running else min(alive, key=lambda deal: deal.opened_at)
    return deal, min(at, deal.closed_at) if deal.closed_at else at


def _why_none(cells: Cells) -> str:
    """Other systems write 0 for nobody."""
    if any(cells.text(field).strip("0") for field in (*BY_ID, *BY_TITLE, *OF_PARTIES)):
        return _("No deal is known for this touch: import the deals first.")
    return _("It names no deal, no person and no company.")
