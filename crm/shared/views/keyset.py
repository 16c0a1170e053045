"""Long lists in pages without counting them: each page begins after the last row of the one before."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Q

from crm.shared.api.cursors import BadCursor, Cursor, Key, after, keys_of, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

M = TypeVar("M", bound=models.Model)


@dataclasses.dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """`next` is the cursor of the page after this one, empty on the last."""

    rows: list[M]
    next: str
    is_first: bool


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a list is read. `parts` are conditions of which every row meets just one, such as its status: where the
    indexes begin with that column, each part is a slice of one. `is_filled`: no row is without a value in the order.
    `is_sorted`: there are few, and no index of the order is to be walked through until they have come.
    `firsts`: the one value that all rows of a part have in the first column of the order, for each part.
    """

    parts: Sequence[Q] = (Q(),)
    is_filled: bool = False
    is_sorted: bool = False
    firsts: Sequence[Any] = ()


WHOLE = Reading()


def keyset_page(
    queryset: models.QuerySet[M],
    *,
    cursor: str = "",
    size: int,
    named_by: Sequence[str] = (),
    read: Reading = WHOLE,
) -> KeysetPage[M]:
    """`size` rows of `queryset` in its order, from `cursor` on; a cursor that is none of ours starts at the first.

    Rows without a value in the first column of the order stand last. `named_by` are the relations whose names are shown.
    Two statements: which rows, and the rows.
    """
    keys = keys_of(queryset)
    place = _place(cursor, keys)
    slices = _slices(queryset, keys, place, read, most=size + 1)
    rows = first_of(slices, order=_order(keys), most=size + 1, named_by=named_by)
    following = cursor_after(queryset, rows[size - 1]) if len(rows) > size else ""
    return KeysetPage(rows=rows[:size], next=following, is_first=place is None)


def count_up_to(most: int, queryset: models.QuerySet[M], *, read: Reading = WHOLE) -> int:
    """How many rows there are, without looking for more than `most`: along the order, so that an index is read and no table."""
    slices = _slices(queryset, keys_of(queryset), None, read, most=most)
    return min(most, int(_together(slices).count()))


def cursor_after(queryset: models.QuerySet[M], row: M) -> str:
    """Where the page begins that follows `row` in the order of `queryset`."""
    keys = keys_of(queryset)
    values = tuple(key.value_of(row) for key in keys)
    return Cursor(named(keys), backwards=False, values=values).encoded()


def first_of(
    slices: Sequence[models.QuerySet[M]],
    *,
    order: Sequence[Any] = (),
    most: int | None = None,
    named_by: Sequence[str] = (),
) -> list[M]:
    """The rows of all `slices` of one table in `order`, the first `most` of them.

    Each slice says its own order and its end, and comes straight from an index where one serves it. The rows are
    fetched by the ids that were found: with all the tables of names in one statement, a database plans by guesswork.
    """
    rows = slices[0].model._default_manager
    ids = _together(slices)
    if len(slices) > 1 and most is not None:
        ids = rows.filter(pk__in=ids).order_by(*order)[:most].values("pk")
    place = {pk: place for place, pk in enumerate(ids.values_list("pk", flat=True))}
    found = rows.filter(pk__in=list(place)).select_related(*named_by).order_by() if place else ()
    return sorted(found, key=lambda row: place[row.pk])


def _together(slices: Sequence[models.QuerySet[M]]) -> Any:
    """The ids of all slices. SQLite takes no slice as a part of a union, but one that stands inside a condition."""
    parts: list[Any] = [one.values("pk") for one in slices]
    if len(parts) > 1 and not connection.features.supports_slicing_ordering_in_compound:
        rows = slices[0].model._default_manager
        parts = [rows.filter(pk__in=part).order_by().values("pk") for part in parts]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _place(cursor: str, keys: Sequence[Key]) -> Cursor | None:
    try:
        return Cursor.decoded(cursor, keys=keys) if cursor else None
    except BadCursor:
        return None


def _slices(
    queryset: models.QuerySet[M],
    keys: list[Key],
    place: Cursor | None,
    read: Reading,
    *,
    most: int,
) -> list[models.QuerySet[M]]:
    if read.is_filled:
        keys = [dataclasses.replace(keys[0], nullable=False), *keys[1:]]
    parts = [queryset.filter(part) for part in read.parts]
    if read.firsts:
        return [
            _slice_of_one_value(part, first, keys, place, most=most)
            for part, first in zip(parts, read.firsts, strict=True)
        ]
    if read.is_sorted:
        return [_slice(part, keys, keys, place, most=most) for part in parts]
    return [one for part in parts for one in _slices_of_part(part, keys, place, most=most)]


def _slice_of_one_value(
    queryset: models.QuerySet[M], first: Any, keys: list[Key], place: Cursor | None, *, most: int
) -> models.QuerySet[M]:
    """In the order of the columns behind the first, which is the same in all rows; nothing where that stands before `place`."""
    rest = keys[1:]
    if place is None or first == place.values[0]:
        place = place and dataclasses.replace(place, values=place.values[1:])
        return _slice(queryset, rest, rest, place, most=most)
    is_past = first > place.values[0] if keys[0].descending else first < place.values[0]
    return queryset.none() if is_past else _slice(queryset, rest, rest, None, most=most)


def _slices_of_part(
    queryset: models.QuerySet[M], keys: list[Key], place: Cursor | None, *, most: int
) -> Iterable[models.QuerySet[M]]:
    """What has a value in the first column of the order, and apart from it what has none: each is in the order of an index."""
    first = keys[0]
    if not first.nullable:
        yield _slice(queryset, keys, keys, place, most=most)
        return
    sure = [dataclasses.replace(first, nullable=False), *keys[1:]]
    if place is None or place.values[0] is not None:
        filled = queryset.filter(**{f"{first.empty}__isnull": False})
        yield _slice(filled, sure, sure, place, most=most)
        place = None
    else:
        place = dataclasses.replace(place, values=place.values[1:])
    empty = queryset.filter(**{f"{first.empty}__isnull": True})
    yield _slice(empty, sure, keys[1:], place, most=most)


def _slice(
    queryset: models.QuerySet[M],
    keys: Sequence[Key],
    told_apart_by: Sequence[Key],
    place: Cursor | None,
    *,
    most: int,
) -> models.QuerySet[M]:
    ordered = queryset.order_by(*_order(keys))
    if place is not None:
        ordered = ordered.filter(after(told_apart_by, place))
    return ordered[:most]


def _order(keys: Sequence[Key]) -> list[Any]:
    return [key.order(backwards=False) for key in keys]
