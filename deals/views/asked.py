"""What the address of the pipeline asks for: its filters, its view, its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Value
from django.utils.translation import ngettext

from crm.shared import display
from crm.shared.models import User
from deals.filters import DealFilters
from deals.models import Deal, Product, Segment, TargetList
from deals.states import DealStatus

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict

BOARD, TABLE = "board", "table"
OF_THE_PAGE = frozenset({"view", "columns", "cursor"})


def view_of(asked: QueryDict) -> str:
    """Board or table, as the address says; without a word the board, but a list of filtered deals is a table."""
    named = asked.get("view", "")
    if named in (BOARD, TABLE):
        return named
    return TABLE if asked.keys() - OF_THE_PAGE else BOARD


def asked_filters(request: HttpRequest, user: User) -> DealFilters:
    """The filters of the address over what `user` sees; without any, and on the board, what is open."""
    asked = request.GET.copy()
    asked["view"] = view_of(request.GET)
    if "columns" in asked:  # without a script each ticked box comes by itself
        asked["columns"] = ",".join(asked.getlist("columns"))
    if not asked.keys() - OF_THE_PAGE - {"ordering"} or asked["view"] == BOARD:
        asked["status"] = DealStatus.OPEN
    return filters_of(asked, user, request=request)


def in_words(count: int) -> str:
    """How many deals were found, as the list says it."""
    words = ngettext("%(count)s deal", "%(count)s deals", count)
    return words % {"count": display.number(count)}


def filters_of(asked: QueryDict, user: User, *, request: Any) -> DealFilters:
    seen = Deal.objects.listed_for(user)
    return DealFilters(asked, queryset=seen, request=request, other_params=OF_THE_PAGE)


def offer_groups(filters: DealFilters, user: User) -> None:
    """Fill the choices of owner, product, segment and target list, in one statement.

    Any person and product, for deals keep one that is gone; of the others those in use, and the one chosen.
    """
    offered: dict[str, QuerySet[Any]] = {
        "owner": User.objects.visible_to(user),
        "product": Product.objects.visible_to(user),
        "segment": Segment.objects.visible_to(user).current(),
        "target_list": TargetList.objects.visible_to(user).current(),
    }
    found: dict[str, dict[int, str]] = {name: {} for name in offered}
    rows: list[Any] = [
        seen.order_by().values_list(Value(name, CharField()), "pk", "name")
        for name, seen in offered.items()
    ]
    for name, pk, label in rows[0].union(*rows[1:], all=True):
        found[name][pk] = label
    for name, labels in found.items():
        if chosen := getattr(filters.form, "cleaned_data", {}).get(name):
            labels[chosen.pk] = chosen.name
        field: Any = filters.form.fields[name]
        field.widget.choices = [
            ("", "–"),
            *sorted(labels.items(), key=lambda item: item[1].casefold()),
        ]
