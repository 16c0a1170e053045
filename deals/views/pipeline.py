"""The pipeline, as a board or as a table over the same filters: what moves, what stands still, what a stop rule will end."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.shared import display
from crm.shared.roles import Permission
from crm.shared.views.keyset import Reading, count_up_to, keyset_page
from crm.shared.views.mixins import require
from deals import policies
from deals.models import Deal, SavedView
from deals.states import CLOSED, BulkVerb, DealStatus
from deals.views.asked import BOARD, TABLE, asked_filters, in_words, offer_groups, view_of
from deals.views.board import lanes_of
from deals.views.rows import COLUMNS, TITLE, chosen_columns, row_of, usual_columns
from deals.views.slices import order_of, slices_of, to_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse, QueryDict

    from deals.filters import DealFilters
    from deals.querysets import DealQuerySet
    from deals.views.rows import Column

ROWS = 50
COUNTED_UP_TO = 1000
BAD_REQUEST = 400
BULK_WHATS = (
    (BulkVerb.LOSE, gettext_lazy("Lost, with one reason")),
    (BulkVerb.DISQUALIFY, gettext_lazy("Not a fit")),
    (BulkVerb.OWNER, gettext_lazy("Change the owner")),
    (BulkVerb.STAGE, gettext_lazy("Change the stage")),
    (BulkVerb.PRODUCT, gettext_lazy("Change the product")),
    (BulkVerb.SEGMENT, gettext_lazy("Change the segment")),
    (BulkVerb.TARGET_LIST, gettext_lazy("Change the target list")),
)
WITH_FIELDS = frozenset(
    {"segment", "target_list", "amount__gte", "amount__lte", "closed_from", "closed_to", "search"}
)


@dataclasses.dataclass(frozen=True)
class Chip:
    """A filter of the address; `rest` is the address without it. `raw` is sent along where no field on the page does."""

    name: str
    raw: str
    label: str
    value: str
    rest: QueryDict


@dataclasses.dataclass(frozen=True)
class Head:
    """The head of a column: `asks` is the order that its link asks for, `state` what it is now (ARIA)."""

    column: Column
    asks: str
    state: str


@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """Deals by the filters of the address; an address without any means what is open, on the board."""
    user = require(request, Permission.SEE_DEALS)
    saved = list(SavedView.objects.visible_to(user))
    usual = next((one for one in saved if one.is_default and one.is_of(user)), None)
    if usual and not request.GET:
        return redirect(usual.address)
    view = view_of(request.GET)
    filters = asked_filters(request, user)
    is_valid = filters.is_valid()
    status = filters.data.get("status", "")
    shows_owner = user.visible_owner_ids is None or len(user.visible_owner_ids) > 1
    fields = fields_of(view, status, shows_owner=shows_owner)
    deals = filters.qs.current() if is_valid else Deal.objects.none()
    chips = list(_chips(filters)) if is_valid else []
    address = filters.address()
    offer_groups(filters, user)
    context = {
        "view": view,
        "saved": saved,
        "address": address,
        "saved_as": next((one for one in saved if one.query == address), None),
        "form": filters.form,
        "fields": fields,
        "chips": chips,
        "unseen": [chip for chip in chips if chip.name not in fields],
        "more_count": sum(chip.name in WITH_FIELDS for chip in chips),
        "status": status,
        "statuses": [*DealStatus.choices, ("", _("All"))],
        "is_closed": status in CLOSED,
        "ordering": request.GET.get("ordering", ""),
        "shows_owner": shows_owner,
        "may_work": policies.may_work(user),
    }
    if view == BOARD:
        context |= {"lanes": lanes_of(deals, viewer=user, now=timezone.now())} if is_valid else {}
    else:
        context |= _table(request, filters, deals, shows_owner=shows_owner)
    return render(request, "deals/pipeline.html", context, status=200 if is_valid else BAD_REQUEST)


def fields_of(view: str, status: str, *, shows_owner: bool) -> set[str]:
    """The filters that have a field on the page: which make sense depends on the view and on the status."""
    fields = {"product", *WITH_FIELDS}
    fields |= {"status"} if view == TABLE else set()
    fields |= {"stage"} if view == TABLE and status not in CLOSED else set()
    fields |= {"owner"} if shows_owner else set()
    fields |= {"reason"} if status in ("", DealStatus.LOST) else set()
    return fields - ({"closed_from", "closed_to"} if status == DealStatus.OPEN else set())


def _table(
    request: HttpRequest, filters: DealFilters, deals: DealQuerySet, *, shows_owner: bool
) -> dict[str, Any]:
    """A page of rows in the order asked for, and the columns to show of them."""
    status = filters.data.get("status", "")
    orders, read = ["pk"], Reading()
    if filters.is_valid():
        orders = [str(one) for one in deals.query.order_by] or [order_of(filters)]
        deals, read = slices_of(filters, deals, orders)
    cursor = request.GET.get("cursor", "")
    page = keyset_page(deals, cursor=cursor, size=ROWS, named_by=deals.IN_ROWS, read=read)
    now = timezone.now()
    chosen = filters.data.get("columns", "").split(",")
    columns = chosen_columns(chosen, usual_columns(status, shows_owner=shows_owner))
    return {
        "rows": [row_of(deal, now=now) for deal in page.rows],
        "page": page,
        **_found(filters, deals, page, read),
        "title": head(TITLE, orders[0]),
        "heads": [head(column, orders[0]) for column in columns],
        "columns": columns,
        "all_columns": list(COLUMNS.values()),
        "whats": BULK_WHATS,
        "selects": policies.may_work(require(request, Permission.SEE_DEALS)),
    }


def head(column: Column, order: str) -> Head:
    """What the column's link asks for: its own way first, the other way when it is chosen already."""
    up, down = column.sort, f"-{column.sort}"
    first, second = (down, up) if column.largest_first else (up, down)
    state = {up: "ascending", down: "descending"}.get(order, "") if column.sort else ""
    return Head(column, second if order == first else first, state)


def _chips(filters: DealFilters) -> Iterable[Chip]:
    """Every filter at work, so that each is seen and can be taken away."""
    for name, value in filters.form.cleaned_data.items():
        if name in {"status", "ordering"} or value in (None, "", [], ()):
            continue
        rest = filters.data.copy()
        for gone in (name, "cursor"):
            rest.pop(gone, None)
        label = str(filters.filters[name].label or name)
        yield Chip(name, filters.data.get(name, ""), label, _shown(filters, name, value), rest)


def _shown(filters: DealFilters, name: str, value: Any) -> str:
    """The value of a filter as a person reads it."""
    if isinstance(value, dt.date):
        return display.day(value)
    if hasattr(value, "pk"):
        return str(value)
    names = {
        str(key): str(label) for key, label in getattr(filters.form.fields[name], "choices", ())
    }
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(names.get(str(one), str(one)) for one in values)


def _found(filters: DealFilters, deals: DealQuerySet, page: Any, read: Reading) -> dict[str, Any]:
    """How many there are, up to a thousand: to count more would cost more than all the rest of the page, and is asked for apart."""
    if not filters.is_valid() or not filters.asked - {"status", "ordering"}:
        return {"found": ""}
    if page.is_first and not page.next:
        count = len(page.rows)
    else:
        deals, read = to_count(filters, deals, read)
        count = count_up_to(COUNTED_UP_TO + 1, deals, read=read)
    if count <= COUNTED_UP_TO:
        return {"found": in_words(count)}
    more = _("More than %(count)s deals") % {"count": display.number(COUNTED_UP_TO)}
    return {"found": more, "is_more": True}
