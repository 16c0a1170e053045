"""What is asked of accounts: whether they are in a segment, and what has to be known before they are approached (C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from deals.models import Segment

# What a complete suspect has, in the order in which a page names what is missing.
COMPLETE = {
    "industry": _("industry"),
    "country": _("country"),
    "website": _("website"),
    "employees": _("employees"),
    "person": _("a person"),
    "reachable": _("an e-mail or a phone"),
}


def ids_in(segment: Segment) -> QuerySet[Any, Any]:
    """The accounts of a segment by their ids: one expression, each half of it served by an index."""
    pinned = segment.pins.order_by().values("account_id")
    if segment.condition is None:
        return pinned
    fitting: QuerySet[Any, Any] = _rows("Account").filter(segment.condition)
    return fitting.order_by().values("pk").union(pinned)


def belongs_to(segment: Segment) -> Q:
    """The same as a condition on an account that is at hand."""
    pinned = Q(Exists(segment.pins.filter(account=OuterRef("pk"))))
    return pinned if segment.condition is None else segment.condition | pinned


def completeness(account: str = "") -> dict[str, Q]:
    """The conditions by the names of COMPLETE, on an account or on what names one by its column `account`.

    `person`: somebody works there; `reachable`: one of them has an e-mail or a phone.
    """
    path, key = (f"{account}__", f"{account}_id") if account else ("", "pk")
    there = _rows("Contact").filter(account=OuterRef(key), archived_at=None)
    return {
        "industry": ~Q(**{f"{path}industry": ""}),
        "country": ~Q(**{f"{path}country": ""}),
        "website": ~Q(**{f"{path}website": ""}),
        "employees": Q(**{f"{path}employees__isnull": False}),
        "person": Q(Exists(there)),
        "reachable": Q(Exists(there.exclude(email="", phone=""))),
    }


def _rows(name: str) -> Any:
    return apps.get_model("deals", name)._default_manager
