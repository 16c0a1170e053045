"""Long lists in pages without counting them: each page begins after the last row of the one before."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import models

from crm.shared.api.cursors import BadCursor, Cursor, Key, after, keys_of, named

if TYPE_CHECKING:
    from collections.abc import Sequence

M = TypeVar("M", bound=models.Model)


@dataclasses.dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """`next` is the cursor of the page after this one, empty on the last."""

    rows: list[M]
    next: str
    is_first: bool


def keyset_page(queryset: models.QuerySet[M], *, cursor: str = "", size: int) -> KeysetPage[M]:
    """`size` rows of `queryset` in its order, from `cursor` on; a cursor that is none of ours starts at the first.

    Rows without a value in the first column of the order stand last. They are asked for apart, so that the others come
    straight from an index, on each database.
    """
    keys = keys_of(queryset)
    place = _place(cursor, keys)
    rows = _rows(queryset, keys, place, most=size + 1)
    following = ""
    if len(rows) > size:
        last = rows[size - 1]
        following = Cursor(
            named(keys), backwards=False, values=tuple(key.value_of(last) for key in keys)
        ).encoded()
    return KeysetPage(rows=rows[:size], next=following, is_first=place is None)


def _place(cursor: str, keys: Sequence[Key]) -> Cursor | None:
    try:
        return Cursor.decoded(cursor, keys=keys) if cursor else None
    except BadCursor:
        return None


def _rows(
    queryset: models.QuerySet[M], keys: list[Key], place: Cursor | None, *, most: int
) -> list[M]:
    first = keys[0]
    if not first.nullable:
        return _slice(queryset, keys, place, most=most)
    rows: list[M] = []
    if place is None or place.values[0] is not None:
        filled = queryset.filter(**{f"{first.path}__isnull": False})
        sure = [dataclasses.replace(first, nullable=False), *keys[1:]]
        rows, place = _slice(filled, sure, place, most=most), None
    else:
        place = dataclasses.replace(place, values=place.values[1:])
    if len(rows) < most:
        empty = queryset.filter(**{f"{first.path}__isnull": True})
        rows += _slice(empty, keys[1:], place, most=most - len(rows))
    return rows


def _slice(
    queryset: models.QuerySet[M], keys: Sequence[Key], place: Cursor | None, *, most: int
) -> list[M]:
    ordered: Any = queryset.order_by(*(key.order(backwards=False) for key in keys))
    if place is not None:
        ordered = ordered.filter(after(keys, place))
    return list(ordered[:most])
