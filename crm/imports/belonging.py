"""To which deal a touch of a file belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from crm.imports.cells import Rejected
from crm.shared.own_ids import pk_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from crm.imports.cells import Cells
    from deals.models import Deal


def named_by(cell: str) -> dict[str, Any]:
    """How a deal is looked up by its id elsewhere, or by that which an export of ours gave it."""
    own = pk_of("deal", cell)
    return {} if not cell else {"external_id": cell} if own is None else {"pk": own}


def deal_of(
    found: Sequence[Deal], at: dt.datetime, cells: Cells, field: str
) -> tuple[Deal, dt.datetime]:
    """The one that ran on that day; else the next that was opened. Raises Rejected where that is not one."""
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
