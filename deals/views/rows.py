"""A deal as lists show it: the one thing to know about it, and the columns to choose from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shared import display
from deals.states import CLOSED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    from crm.shared.panels import Persistence
    from deals.models import Deal


@dataclasses.dataclass(frozen=True)
class Row:
    """A deal as the table shows it; `mark` is the one thing to know about it."""

    deal: Deal
    days_in_stage: int
    silent_days: int | None
    mark: str
    icon: str = ""
    kind: str = ""
    meter: Persistence | None = None


def row_of(deal: Deal, *, now: dt.datetime, meter: Persistence | None = None) -> Row:
    """What a list says about `deal` at `now`."""
    days = (now - deal.entered_stage_at).days
    silent = (now - deal.silent_since).days if deal.silent_since else None
    mark, icon, kind = _mark(deal, days, now=now)
    return Row(deal, days, silent, mark, icon, kind, meter)


def _mark(deal: Deal, days_in_stage: int, *, now: dt.datetime) -> tuple[str, str, str]:
    """The words, the icon and the kind of the one mark: closing soon, late, stuck, else the next step."""
    if deal.closes_on:
        return _("Closes %(day)s") % {"day": display.day(deal.closes_on)}, "leaf", "loss"
    if deal.is_parked(now=now):
        day = display.day(deal.parked_until) if deal.parked_until else ""
        return _("Parked until %(day)s") % {"day": day}, "circle-parking", "dim"
    due_at = deal.next_follow_up_at
    if due_at and due_at < now:
        late = (timezone.localdate(now) - timezone.localdate(due_at)).days
        words = ngettext("Late %(days)s day", "Late %(days)s days", late) if late else _("Due now")
        return words % {"days": late}, "clock", "needs"
    if deal.is_open and days_in_stage > deal.stage.stuck_days:
        words = ngettext("Stuck %(days)s day", "Stuck %(days)s days", days_in_stage)
        return words % {"days": days_in_stage}, "hourglass", "needs"
    if due_at is None:
        return _("Nothing planned"), "", "faint"
    is_today = timezone.localdate(due_at) == timezone.localdate(now)
    return display.when(due_at) if is_today else display.day(due_at), "", "dim"


# ---- columns ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the table. `sort` is the name to order by, where an index serves it; `css` hides it on narrow screens."""

    name: str
    label: str | _StrPromise
    sort: str = ""
    css: str = ""
    largest_first: bool = False


COLUMNS = {
    column.name: column
    for column in (
        Column("stage", gettext_lazy("Stage"), css="hide-s"),
        Column("outcome", gettext_lazy("Outcome")),
        Column("amount", gettext_lazy("Amount"), sort="amount", css="num", largest_first=True),
        Column("closed", gettext_lazy("Closed"), sort="closed_at", largest_first=True),
        Column("next", gettext_lazy("Next step"), sort="next_follow_up_at"),
        Column("persistence", gettext_lazy("Persistence"), css="hide-m"),
        Column("expected", gettext_lazy("Expected"), sort="expected_close_on", css="hide-m"),
        Column("owner", gettext_lazy("Owner"), css="hide-m"),
        Column("product", gettext_lazy("Product"), css="hide-m"),
        Column("target_list", gettext_lazy("Target list"), css="hide-m"),
        Column("contact", gettext_lazy("Contact"), css="hide-m"),
        Column("source", gettext_lazy("Source"), css="hide-m"),
        Column("opened", gettext_lazy("Opened"), css="hide-m"),
        Column("touched", gettext_lazy("Last touch"), css="hide-m"),
        Column("heard", gettext_lazy("Last heard from"), css="hide-m"),
    )
}
TITLE = Column("title", gettext_lazy("Deal"), sort="title")
OF_OPEN = ("stage", "amount", "next", "persistence", "expected")
OF_CLOSED = ("outcome", "amount", "closed")


def usual_columns(status: str, *, shows_owner: bool) -> list[Column]:
    """The columns of a list when nobody has chosen: those of open deals, or of closed ones."""
    names = OF_CLOSED if status in CLOSED else OF_OPEN
    return [COLUMNS[name] for name in (*names, *(["owner"] if shows_owner else []))]


def chosen_columns(names: Sequence[str], usual: list[Column]) -> list[Column]:
    """Those of `names` that there are, in the order of the list; the usual ones where none is named."""
    return [column for name, column in COLUMNS.items() if name in names] or usual
