"""Each list as a table: its filters, its columns under the names that an import recognises, its rows.

A row that came from elsewhere is named by its id there, every other by an id that this installation knows again. What an
import kept beside a record goes out beside it. So a file that was not changed changes nothing when it comes in again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from crm.exports.states import Kind
from crm.shared.own_ids import own_id
from deals.filters import AccountFilters, ContactFilters, DealFilters
from deals.models import Account, Contact, Deal
from deals.states import DealStatus
from followups.filters import TouchFilters
from followups.models import Touch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.db.models import QuerySet

    from crm.shared.api.filters import StrictFilterSet
    from crm.shared.models import User

Cell = str | int | Decimal | dt.date | None

CHUNK = 1000


@dataclasses.dataclass(frozen=True)
class Column:
    """`lookups` are read from the row, `shape` makes one cell of them."""

    name: str
    lookups: tuple[str, ...]
    shape: Callable[..., Cell] = lambda value: value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Listed:
    """A list as it goes out."""

    model: type[Account | Contact | Deal | Touch]
    filters: type[StrictFilterSet]
    columns: tuple[Column, ...]


def _named(kind: str) -> Column:
    return Column("External id", ("external_id", "pk"), lambda known, pk: known or own_id(kind, pk))


def _reference(name: str, kind: str, *, through: str = "") -> Column:
    """Which row of another list is meant: two may have one name."""
    path = f"{through}{kind}"
    return Column(name, (f"{path}__external_id", f"{path}_id"), partial(_known_as, kind))


def _known_as(kind: str, known: str | None, pk: int | None) -> str:
    return "" if pk is None else known or own_id(kind, pk)


def _if_unwilling(value: Any, is_unwilling: bool) -> Any:  # noqa: FBT001  (a column's value)
    return value if is_unwilling else ""


def _day(moment: dt.datetime | None) -> dt.date | None:
    """The day in the organisation's time zone, in which an import reads it."""
    zone = ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    return timezone.localdate(moment, zone) if moment else None


def _minute(moment: dt.datetime) -> str:
    """As people write it, in the organisation's time zone."""
    zone = ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    return timezone.localtime(moment, zone).strftime("%Y-%m-%d %H:%M")


def _stage(status: str, stage: str) -> str:
    """How far a deal is, or how it ended."""
    return stage if status == DealStatus.OPEN else status.capitalize()


LISTS: Mapping[str, Listed] = {
    Kind.ACCOUNTS: Listed(
        model=Account,
        filters=AccountFilters,
        columns=(
            _named("account"),
            Column("Name", ("name",)),
            Column("Owner", ("owner__email",)),
            Column("Industry", ("industry",)),
            Column("Country", ("country",)),
            Column("Website", ("website",)),
            Column("Employees", ("employees",)),
        ),
    ),
    Kind.CONTACTS: Listed(
        model=Contact,
        filters=ContactFilters,
        columns=(
            _named("contact"),
            Column("Name", ("name",)),
            Column("Account", ("account__name",)),
            _reference("Account id", "account"),
            Column("Owner", ("owner__email",)),
            Column("Title", ("title",)),
            Column("Email", ("email",)),
            Column("Phone", ("phone",)),
            Column("Language", ("language",)),
            Column("Time zone", ("time_zone",)),
            Column("Country", ("country",)),
            Column("Preferred channel", ("preferred_channel",)),
            Column("Do not contact", ("do_not_contact",), lambda wished: "yes" if wished else ""),
            Column(
                "Do not contact scope", ("do_not_contact_scope", "do_not_contact"), _if_unwilling
            ),
            Column("Do not contact why", ("do_not_contact_why",)),
            Column("Do not contact since", ("do_not_contact_since",)),
            Column("Consent", ("consent",)),
            Column("Consent on", ("consent_on",)),
            Column("Consent source", ("consent_source",)),
        ),
    ),
    Kind.DEALS: Listed(
        model=Deal,
        filters=DealFilters,
        columns=(
            _named("deal"),
            Column("Title", ("title",)),
            Column("Account", ("account__name",)),
            _reference("Account id", "account"),
            Column(
                "Contact", ("contact__email", "contact__name"), lambda email, name: email or name
            ),
            _reference("Contact id", "contact"),
            Column("Owner", ("owner__email",)),
            Column("Stage", ("status", "stage__name"), _stage),
            Column("Amount", ("amount",)),
            Column("Currency", ("currency",)),
            Column("Product", ("product__name",)),
            Column("Opened at", ("opened_at",), _day),
            Column("Closed at", ("closed_at",), _day),
            Column("Expected close on", ("expected_close_on",)),
            Column("Reason", ("outcome__reason__name",)),
            Column("Competitor", ("outcome__competitor__name",)),
            Column("Source", ("source",)),
            Column("Note", ("outcome__note",)),
        ),
    ),
    Kind.TOUCHES: Listed(
        model=Touch,
        filters=TouchFilters,
        columns=(
            _named("touch"),
            Column("At", ("at",), _minute),
            Column("Deal", ("deal__title",)),
            _reference("Deal id", "deal"),
            Column("Account", ("deal__account__name",)),
            _reference("Account id", "account", through="deal__"),
            Column(
                "Contact", ("contact__email", "contact__name"), lambda email, name: email or name
            ),
            _reference("Contact id", "contact"),
            Column("Owner", ("by__email",)),
            Column("Channel", ("channel",)),
            Column("Direction", ("direction",)),
            Column("Result", ("result",)),
            Column("Minutes", ("minutes",)),
            Column("Note", ("note",)),
            Column("Resource", ("resource",)),
            Column("Signal", ("signal",)),
            Column("Commitment", ("commitment",)),
        ),
    ),
}


def filtered(kind: str, query: str, *, by: User) -> StrictFilterSet:
    """The FilterSet of the list's page, over what `by` sees."""
    listed = LISTS[kind]
    request = HttpRequest()
    request.user = by
    seen = listed.model._default_manager.visible_to(by)
    return listed.filters(QueryDict(query), queryset=seen, request=request)


def table(kind: str, found: QuerySet[Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """The header, and the rows as a stream: no more than a chunk of them is held at a time."""
    columns = LISTS[kind].columns
    beside = _kept_beside(found)
    return [*(column.name for column in columns), *beside], _rows(found, columns, beside)


def _kept_beside(found: QuerySet[Any]) -> list[str]:
    """The columns of former imports that have no field here, in the order in which they were first met."""
    kept = found.order_by("pk").exclude(extra={}).values_list("extra", flat=True)
    names: dict[str, None] = {}
    for extra in kept.iterator(chunk_size=CHUNK):
        names.update(dict.fromkeys(extra))
    return list(names)


def _rows(
    found: QuerySet[Any], columns: tuple[Column, ...], beside: list[str]
) -> Iterator[list[Cell]]:
    places: list[tuple[int, int, Callable[..., Cell]]] = []
    lookups: list[str] = []
    for column in columns:
        places.append((len(lookups), len(lookups) + len(column.lookups), column.shape))
        lookups += column.lookups
    if beside:
        lookups.append("extra")
    for values in found.values_list(*lookups).iterator(chunk_size=CHUNK):
        row = [shape(*values[start:end]) for start, end, shape in places]
        yield [*row, *(str(values[-1].get(name, "")) for name in beside)] if beside else row
