"""The pipeline as a table: what moves, what stands still, and what a stop rule will end."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from crm.shared import display, money
from crm.shared.roles import Permission
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import require
from deals import policies
from deals.filters import DealFilters
from deals.models import Deal, Stage
from deals.states import CLOSED, DealStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse, QueryDict

    from crm.shared.models import User

ROWS = 50
COUNTED_UP_TO = 1000
BAD_REQUEST = 400
BAR, GAP = 556, 2
SORTS = {
    "title": gettext_lazy("Deal"),
    "amount": gettext_lazy("Amount"),
    "next_follow_up_at": gettext_lazy("Next step"),
    "expected_close_on": gettext_lazy("Expected"),
    "closed_at": gettext_lazy("Closed"),
}
LARGEST_FIRST = frozenset({"amount", "closed_at"})
MORE = ("amount__gte", "amount__lte", "closed_from", "closed_to", "search")


@dataclasses.dataclass(frozen=True)
class Row:
    """A deal as the table shows it; `mark` is the one thing to know about it."""

    deal: Deal
    days_in_stage: int
    silent_days: int | None
    mark: str
    icon: str = ""
    kind: str = ""


@dataclasses.dataclass(frozen=True)
class Chip:
    """A filter of the address that has no field on the page; `rest` is the address without it."""

    name: str
    raw: str
    label: str
    value: str
    rest: QueryDict


@dataclasses.dataclass(frozen=True)
class Sort:
    """A column to order by: `asks` is the order that its link asks for, `state` what it is now (ARIA)."""

    label: str
    asks: str
    state: str


@require_GET
def pipeline(request: HttpRequest) -> HttpResponse:
    """A page of deals by the filters of the address; an address without any means what is open."""
    user = require(request, Permission.SEE_DEALS)
    filters = _filters(request, user)
    is_valid = filters.is_valid()
    deals = filters.qs.current().with_names() if is_valid else Deal.objects.none()
    status = filters.data.get("status", "")
    if not deals.query.order_by:
        deals = deals.order_by("-closed_at" if status in CLOSED else "next_follow_up_at")
    page = keyset_page(deals, cursor=request.GET.get("cursor", ""), size=ROWS)
    now = timezone.now()
    shows_owner = user.visible_owner_ids is None or len(user.visible_owner_ids) > 1
    context = {
        "form": filters.form,
        "chips": list(_chips(filters, status, shows_owner=shows_owner)) if is_valid else [],
        "more_count": sum(bool(filters.data.get(name)) for name in MORE),
        "status": status,
        "statuses": [*DealStatus.choices, ("", _("All"))],
        "is_closed": status in CLOSED,
        "rows": [row_of(deal, now=now) for deal in page.rows],
        "page": page,
        "found": _found(filters, deals) if is_valid else "",
        "sorts": _sorts(str(deals.query.order_by[0]) if deals.query.order_by else ""),
        "ordering": request.GET.get("ordering", ""),
        "shows_owner": shows_owner,
        "may_work": policies.may_work(user),
        "selects": policies.may_work(user) and status not in CLOSED,
    }
    return render(request, "deals/pipeline.html", context, status=200 if is_valid else BAD_REQUEST)


def _filters(request: HttpRequest, user: User) -> DealFilters:
    asked = request.GET.copy()
    if not asked.keys() - {"ordering", "cursor"}:
        asked["status"] = DealStatus.OPEN
    seen = Deal.objects.visible_to(user)
    return DealFilters(asked, queryset=seen, request=request)


def _sorts(ordering: str) -> dict[str, Sort]:
    """What each column's link asks for: its own way first, the other way when it is chosen already."""
    sorts = {}
    for name, label in SORTS.items():
        first, second = (f"-{name}", name) if name in LARGEST_FIRST else (name, f"-{name}")
        state = {name: "ascending", f"-{name}": "descending"}.get(ordering, "")
        sorts[name] = Sort(str(label), second if ordering == first else first, state)
    return sorts


def _chips(filters: DealFilters, status: str, *, shows_owner: bool) -> Iterable[Chip]:
    """Filters that have no field on the page, so that none works unseen."""
    fields = {"status", "ordering", "product", *MORE[:2], "search"}
    fields |= {"owner"} if shows_owner else set()
    fields |= {"stage"} if status not in CLOSED else set()
    fields |= {"reason"} if status in ("", DealStatus.LOST) else set()
    fields |= {"closed_from", "closed_to"} if status != DealStatus.OPEN else set()
    for name, value in filters.form.cleaned_data.items():
        if name in fields or value in (None, "", [], ()):
            continue
        rest = filters.data.copy()
        rest.pop(name, None)
        label = str(filters.filters[name].label or name)
        yield Chip(name, filters.data.get(name, ""), label, _shown(filters, name, value), rest)


def _shown(filters: DealFilters, name: str, value: Any) -> str:
    """The value of a filter as a person reads it."""
    if isinstance(value, dt.date):
        return display.day(value)
    names = {
        str(key): str(label) for key, label in getattr(filters.form.fields[name], "choices", ())
    }
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(names.get(str(one), str(one)) for one in values)


def _found(filters: DealFilters, deals: Any) -> str:
    """How many there are: exactly where the closing is filtered, as links of reports do; else up to a thousand."""
    asked = {name for name, value in filters.form.cleaned_data.items() if value}
    if not asked - {"status", "ordering"}:
        return ""
    deals = deals.order_by().values("pk")
    from_report = any(
        name.startswith(("closed", "reason", "competitor", "control")) for name in asked
    )
    count = deals.count() if from_report else deals[: COUNTED_UP_TO + 1].count()
    if count > COUNTED_UP_TO and not from_report:
        return _("More than %(count)s deals") % {"count": display.number(COUNTED_UP_TO)}
    words = ngettext("%(count)s deal", "%(count)s deals", count)
    return words % {"count": display.number(count)}


def row_of(deal: Deal, *, now: dt.datetime) -> Row:
    """What the table says about `deal` at `now`."""
    days = (now - deal.entered_stage_at).days
    silent = (now - deal.silent_since).days if deal.silent_since else None
    mark, icon, kind = _mark(deal, days, now=now)
    return Row(deal, days, silent, mark, icon, kind)


def _mark(deal: Deal, days_in_stage: int, *, now: dt.datetime) -> tuple[str, str, str]:
    """The words, the icon and the kind of the one mark: closing soon, late, stuck, else the next step."""
    if deal.closes_on:
        return _("Closes %(day)s") % {"day": display.day(deal.closes_on)}, "leaf", "loss"
    due_at = deal.next_follow_up_at
    if due_at and due_at < now:
        late = (timezone.localdate(now) - timezone.localdate(due_at)).days
        words = ngettext("Late %(days)s day", "Late %(days)s days", late) if late else _("Due now")
        return words % {"days": late}, "clock", "needs"
    if deal.is_open and days_in_stage > deal.stage.stuck_after_days:
        words = ngettext("Stuck %(days)s day", "Stuck %(days)s days", days_in_stage)
        return words % {"days": days_in_stage}, "hourglass", "needs"
    if due_at is None:
        return _("Nothing planned"), "", "faint"
    is_today = timezone.localdate(due_at) == timezone.localdate(now)
    return display.when(due_at) if is_today else display.day(due_at), "", "dim"


# ---- totals ----------------------------------------------------------------------------------------


@dataclasses.dataclass
class Share:
    """A part of the open pipeline, in the organisation's currency; amounts without a rate are left out."""

    name: str
    label: str
    count: int = 0
    amount: Decimal = Decimal(0)
    x: str = "0"  # place and width in the bar, as SVG wants them whatever the reader's language
    width: str = ""


@require_GET
def totals(request: HttpRequest) -> HttpResponse:
    """The open deals of the filters as moving, stuck and dead (E3). Asked for apart: it reads all of them."""
    user = require(request, Permission.SEE_DEALS)
    filters = _filters(request, user)
    deals = filters.qs.current().open() if filters.is_valid() else Deal.objects.none()
    shares, unknown = _shares(deals, user=user, now=timezone.now())
    context = {
        "shares": shares,
        "counted": shares[0].amount + shares[1].amount,
        "dead": shares[2],
        "unknown": unknown,
        "currency": settings.ORGANISATION_CURRENCY,
        "words": ", ".join(f"{display.short_number(one.amount)} {one.label}" for one in shares),
    }
    name = "_totals" if getattr(request, "htmx", False) else "totals"
    return render(request, f"deals/{name}.html", context)


def _shares(deals: Any, *, user: User, now: dt.datetime) -> tuple[list[Share], int]:
    """Moving, stuck, dead (B7, E2), and how many have no amount or none with a known rate."""
    stuck = Q(pk__in=[])
    for stage in Stage.objects.visible_to(user):
        since = now - dt.timedelta(days=stage.stuck_after_days + 1)
        stuck |= Q(stage=stage, entered_stage_at__lte=since)
    dead = Q(closes_on__isnull=False)
    parts = {"moving": ~dead & ~stuck, "stuck": ~dead & stuck, "dead": dead}
    sums = {f"{name}_sum": Sum("amount", filter=part) for name, part in parts.items()}
    counts = {f"{name}_count": Count("pk", filter=part) for name, part in parts.items()}
    empty = Count("pk", filter=Q(amount=None))
    rows = list(
        deals.order_by().values("currency").annotate(**sums, **counts, without_amount=empty)
    )
    labels = {"moving": _("Moving"), "stuck": _("Stuck"), "dead": _("Dead")}
    shares = [Share(name, labels[name]) for name in parts]
    unknown = sum(row["without_amount"] for row in rows)
    today = timezone.localdate(now)
    asked = [
        (row[f"{s.name}_sum"] or Decimal(0), row["currency"], today) for row in rows for s in shares
    ]
    worth = iter(money.in_organisation_currency_many(asked))
    for row in rows:
        for share in shares:
            share.count += row[f"{share.name}_count"]
            amount = next(worth)
            share.amount += amount or Decimal(0)
            unknown += row[f"{share.name}_count"] if amount is None else 0
    _lay_out(shares)
    return shares, unknown


def _lay_out(shares: list[Share]) -> None:
    """Where each part stands in a bar of 560 units, with a gap of two between them."""
    total, x = sum(share.amount for share in shares), 0.0
    for share in shares:
        if not share.amount:
            continue
        width = float(share.amount / total) * BAR
        share.x, share.width = f"{x:.1f}", f"{width:.1f}"
        x += width + GAP
