"""From which slices of which index a page of the table is read, so that no list of deals is ever read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from crm.shared.views.keyset import Reading
from deals.models import Stage
from deals.models.deal import ORDERED_BY
from deals.states import CLOSED, DealStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User
    from deals.filters import DealFilters
    from deals.querysets import DealQuerySet

# Filters that leave so few that no order is needed to find the first of them.
FEW = frozenset(
    {
        *("id__in", "external_id", "external_id__in", "account", "account__in", "contact"),
        *("second_chance_of", "is_second_chance", "repeat_of"),
    }
)
# Filters of the closing: with an index of their own in the order of closing, and without.
IN_ORDER_OF_CLOSING = frozenset({"reason", "competitor", "closed_in"})
OF_LOST = frozenset({"reason", "reason__in", "control"})
OF_OUTCOME = (
    IN_ORDER_OF_CLOSING
    | OF_LOST
    | {
        "closed_in__isnull",
        "competitor__in",
        "competitor__isnull",
        "competition",
        "automatic",
        "disqualified_as",
    }
)
COLUMN_OF = {"closed_from": "closed_at", "closed_to": "closed_at", "at_risk": "closes_on"}
OF_CLOSED = OF_OUTCOME | {"closed_from", "closed_to", "closed_at__gte", "closed_at__lte"}


def statuses_of(filters: DealFilters) -> list[str]:
    """The statuses that can be among what is found; the filters are valid."""
    said, asked = filters.form.cleaned_data, filters.asked
    found = [said["status"]] if said["status"] else said["status__in"] or DealStatus.values
    if asked & OF_LOST or said["automatic"] is True:
        return [status for status in found if status == DealStatus.LOST]
    if "disqualified_as" in asked:
        return [status for status in found if status == DealStatus.DISQUALIFIED]
    if asked & OF_CLOSED:
        return [status for status in found if status in CLOSED]
    return list(found)


def order_of(filters: DealFilters) -> str:
    """The usual order: what is closed by its closing, what was searched for as the search box shows it, the rest by its next step."""
    if set(statuses_of(filters)) <= set(CLOSED):
        return "-closed_at"
    return "-pk" if "search" in filters.asked else "next_follow_up_at"


def slices_of(
    filters: DealFilters, deals: DealQuerySet, orders: Sequence[str]
) -> tuple[DealQuerySet, Reading]:
    """`deals` in these orders, and how to read them: status by status where the index of the first begins with it.

    In the order of stages or statuses, each of them by itself. What is filtered by its closing, in the order of closing, is read from the closings.
    """
    column, statuses = orders[0].removeprefix("-"), statuses_of(filters)
    if not statuses:
        return deals.none(), Reading()
    if column == "closed_at" and filters.asked & OF_OUTCOME:
        closings = deals.order_by(orders[0].replace("closed_at", "outcome__at"), *orders[1:])
        if filters.asked & IN_ORDER_OF_CLOSING:
            return closings, Reading([Q(status__in=statuses)], is_filled=True)
        kinds = [Q(status=kind, outcome__kind=kind, outcome__undone_at=None) for kind in statuses]
        return closings, Reading(kinds, is_filled=True)
    ordered = deals.order_by(*orders)
    if column == "account__name" and _of_one(filters):
        return ordered, Reading(is_sorted=True)
    if column in ("status", "stage__position") and not filters.asked & FEW and not _of_one(filters):
        user = filters.request.user
        return ordered, _by_status(statuses) if column == "status" else _by_stage(user)
    if column in ORDERED_BY and not filters.asked & FEW:
        return ordered, Reading([Q(status=status) for status in statuses])
    return ordered, Reading()


def _of_one(filters: DealFilters) -> bool:
    """Whether all are one person's: few enough to be sorted at once."""
    owners = filters.request.user.visible_owner_ids
    return "owner" in filters.asked or (owners is not None and len(owners) == 1)


def _by_status(statuses: Sequence[str]) -> Reading:
    return Reading([Q(status=status) for status in statuses], firsts=statuses)


def _by_stage(user: User) -> Reading:
    stages = list(Stage.objects.visible_to(user).values_list("pk", "position"))
    parts = [Q(stage=pk) for pk, _position in stages]
    return Reading(parts, firsts=[position for _pk, position in stages])


def to_count(
    filters: DealFilters, deals: DealQuerySet, read: Reading
) -> tuple[DealQuerySet, Reading]:
    """The same deals along the index of the column that is filtered, where there is one: it leads straight to them."""
    columns = {COLUMN_OF.get(name, name.partition("__")[0]) for name in filters.asked}
    ranges = [column for column in ORDERED_BY if column in columns]
    return slices_of(filters, deals, ranges[:1]) if ranges else (deals, read)
