"""Keyset pages: the rows after (or before) given values of an ordering, stable when rows come and go in between."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models.expressions import OrderBy

    Field = models.Field[Any, Any]


class BadCursor(ValueError):
    """Not a cursor of ours, or one of another ordering."""


@dataclasses.dataclass(frozen=True)
class Key:
    """One column of the ordering. Where it may be empty, the empty ones stand last, whichever way it runs.

    `empty` is what has no value then: the column itself, or the relation that alone may be missing on the way to it.
    """

    path: str
    descending: bool
    field: Field
    nullable: bool
    empty: str = ""

    def order(self, *, backwards: bool) -> OrderBy:
        expression = F(self.path)
        last = {"nulls_first": True} if backwards else {"nulls_last": True}
        nulls = last if self.nullable else {}
        down = self.descending != backwards
        return expression.desc(**nulls) if down else expression.asc(**nulls)

    def beyond(self, value: Any, *, backwards: bool) -> Q:
        """Rows that stand strictly after `value` in the direction of travel."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else Q(pk__in=[])
        lookup = "lt" if self.descending != backwards else "gt"
        further = Q(**{f"{self.path}__{lookup}": value})
        if self.nullable and not backwards:
            further |= Q(**{f"{self.path}__isnull": True})
        return further

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def value_of(self, row: models.Model) -> Any:
        found: Any = row
        for name in self.path.split("__"):
            found = getattr(found, name, None)
        return found


@dataclasses.dataclass(frozen=True)
class Cursor:
    """A place between two rows: the ordering it belongs to, the direction of travel, and the values of the last row."""

    ordering: str
    backwards: bool
    values: tuple[Any, ...]

    def encoded(self) -> str:
        plain = json.dumps(
            [self.ordering, self.backwards, [_plain(value) for value in self.values]]
        )
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str, *, keys: Sequence[Key]) -> Self:
        """Raises BadCursor; what is not a value of its column never reaches a query."""
        try:
            padded = text + "=" * (-len(text) % 4)
            ordering, backwards, values = json.loads(
                base64.b64decode(padded, altchars=b"-_", validate=True)
            )
            if ordering != named(keys) or len(values) != len(keys):
                raise BadCursor
            found = tuple(_value(value, key) for value, key in zip(values, keys, strict=True))
        except (
            binascii.Error,
            ValueError,
            TypeError,
            ValidationError,
            ArithmeticError,
            RecursionError,
        ):
            raise BadCursor from None
        return cls(ordering, bool(backwards), found)


def keys_of(queryset: models.QuerySet[Any]) -> list[Key]:
    """The ordering of `queryset` as keys, made unique by the primary key, which runs as the first key does."""
    names = [
        str(name) for name in queryset.query.order_by or queryset.model._meta.ordering or ["pk"]
    ]
    found = [_key(queryset.model, name) for name in names]
    if found[-1].path not in {"pk", "id"}:
        found.append(_key(queryset.model, "-pk" if found[0].descending else "pk"))
    return found


def named(keys: Sequence[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.path}" for key in keys)


def after(keys: Sequence[Key], cursor: Cursor) -> Q:
    """Everything beyond the cursor: first key beyond, or same first key and second beyond, and so on."""
    condition = Q(pk__in=[])
    same = Q()
    for key, value in zip(keys, cursor.values, strict=True):
        condition |= same & key.beyond(value, backwards=cursor.backwards)
        same &= key.same(value)
    return condition & _bound(keys[0], cursor)


def _bound(first: Key, cursor: Cursor) -> Q:
    """Says again, as one range, what follows from the rest: so that an index on the first key can be used."""
    value = cursor.values[0]
    if value is None or (first.nullable and not cursor.backwards):
        return Q()
    lookup = "lte" if first.descending != cursor.backwards else "gte"
    return Q(**{f"{first.path}__{lookup}": value})


def _key(model: type[models.Model], name: str) -> Key:
    path = name.removeprefix("-")
    field, owner, way, missing = model._meta.pk, model, "", []
    for step in path.split("__"):
        way = f"{way}__{step}".removeprefix("__")
        field = owner._meta.pk if step == "pk" else _field(owner, step)
        missing += [way] if field.null else []
        owner = field.related_model if isinstance(field.related_model, type) else owner
    return Key(
        path=path,
        descending=name.startswith("-"),
        field=field,
        nullable=bool(missing),
        empty=missing[0] if len(missing) == 1 else path,
    )


def _field(model: type[models.Model], name: str) -> Field:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist(f"{model.__name__}.{name} is no column to order by.")
    return field


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _value(value: Any, key: Key) -> Any:
    if value is None:
        if key.nullable:
            return None
        raise BadCursor
    if isinstance(value, bool | list | dict) or (isinstance(value, str) and "\x00" in value):
        raise BadCursor
    found = key.field.to_python(value)
    if isinstance(found, int) and abs(found) >= 2**63:
        raise BadCursor
    if isinstance(found, dt.datetime) and found.tzinfo is None:
        raise BadCursor
    return found
