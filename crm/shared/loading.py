"""Writing many new rows: COPY on PostgreSQL, INSERT elsewhere; with ids beforehand, so that rows can name each other."""

from __future__ import annotations

import csv
import functools
import gc
import io
import itertools
import json
import operator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.utils import timezone

from crm.shared.models.searchable import Searchable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from _typeshed import SupportsRead

M = TypeVar("M", bound=models.Model)

# COPY asks for ids first, one statement more: for a load of a thousand rows, not for what people do at once.
MANY = 501
GARBAGE = 20_000  # objects more than there were, after which Python looks which of them are garbage


@contextmanager
def unhindered() -> Iterator[None]:
    """Look for garbage now and then, and only among what a load makes: looking among all there is takes a seventh of its time."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def give_ids(rows: Sequence[models.Model]) -> None:
    """Give each of these new rows of one model the id that it will be written with. Needs a transaction."""
    if rows:
        for row, row_id in zip(rows, _next_ids(type(rows[0]), len(rows)), strict=True):
            row.pk = row_id


def new(model: type[M], **values: Any) -> M:
    """A row that is not written yet, as `model(**values)` makes it at ten times the cost: for loads, one call a row.

    Related rows are given as objects. No signals, as when Django unpickles a row. Raises TypeError for what is no field.
    """
    shape = _shape_of(model)
    row = model.__new__(model)
    state = row._state = ModelState()  # noqa: SLF001  (as Django's own __init__)
    columns = vars(row)
    columns.update(shape.defaults)
    for column, default in shape.own_defaults:
        columns[column] = default()
    for name, value in values.items():
        if name in shape.relations:
            state.fields_cache[name] = value
            columns[shape.relations[name]] = None if value is None else value.pk
        elif name in shape.defaults:
            columns[name] = value
        else:
            raise TypeError(f"{model.__name__} has no field {name}.")
    return row


class _Shape(NamedTuple):
    defaults: dict[str, Any]  # by column
    own_defaults: list[tuple[str, Callable[[], Any]]]  # those that are made anew for each row
    relations: dict[str, str]  # the column of each


@functools.cache
def _shape_of(model: type[models.Model]) -> _Shape:
    fields = model._meta.concrete_fields
    return _Shape(
        defaults={field.attname: field.get_default() for field in fields},
        own_defaults=[
            (field.attname, field.default)
            for field in fields
            if field.has_default() and callable(field.default)
        ],
        relations={field.name: field.attname for field in fields if field.is_relation},
    )


def write_new(rows: Sequence[M]) -> list[M]:
    """Write new rows of one model as bulk_create does, each with its id from then on; many of them several times as fast.

    What they point to is written already, or was given its id.
    """
    if not rows:
        return []
    model = type(rows[0])
    if _are_few(rows):
        return model._default_manager.bulk_create(rows)
    if rows[0].pk is None:
        give_ids(rows)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    now, alias = timezone.now(), connection.alias
    stamps = [
        field.attname
        for field in fields
        if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add)
    ]
    if issubclass(model, Searchable):
        searched: Any = model._default_manager.all()
        searched.fold(rows)
    for row in rows:
        for name in stamps:
            setattr(row, name, now)
        row._state.adding, row._state.db = False, alias  # noqa: SLF001  (as bulk_create does)
    pick = operator.attrgetter(*(field.attname for field in fields))
    _copy(model, fields, map(pick, rows))
    return list(rows)


def write_values(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write new rows that nobody needs as objects, given as the values of `names`.

    The names are those of columns (`deal_id`, not `deal`); the other columns take NULL.
    """
    if _are_few(rows):
        model._default_manager.bulk_create(_as_objects(model, names, rows))
    else:
        _copy(model, _fields(model, names), rows)


def write_values_with_ids(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[int]:
    """As `write_values`; returns the ids, which cost one statement more where there are many."""
    if _are_few(rows):
        made = model._default_manager.bulk_create(_as_objects(model, names, rows))
        return [one.pk for one in made]
    ids = _next_ids(model, len(rows))
    numbered = ((row_id, *row) for row_id, row in zip(ids, rows, strict=True))
    _copy(model, _fields(model, ("id", *names)), numbered)
    return ids


def _as_objects(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[models.Model]:
    return [model(**dict(zip(names, row, strict=True))) for row in rows]


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field[Any, Any]]:
    of_name = {field.attname: field for field in model._meta.concrete_fields}
    return [of_name[name] for name in names]


def _are_few(rows: Sequence[Any]) -> bool:
    return len(rows) < MANY or connection.vendor != "postgresql"


def _next_ids(model: type[models.Model], count: int) -> list[int]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Its sequence is looked up once, which costs as much as ten ids.
            cursor.execute(
                "WITH its AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence)"
                " SELECT nextval(sequence) FROM its, generate_series(1, %s)",
                [table, count],
            )
            return [row_id for (row_id,) in cursor.fetchall()]
        # A transaction of SQLite is its only writer.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
    return list(range(last + 1, last + 1 + count))


def _copy(
    model: type[models.Model],
    fields: Sequence[models.Field[Any, Any]],
    rows: Iterable[Sequence[Any]],
) -> None:
    """`rows` are the values of `fields`. An empty text is stored as NULL where a column takes NULL."""
    writers = [
        (place, writer)
        for place, field in enumerate(fields)
        if (writer := _writer_of(field)) is not None
    ]
    if writers:
        rows = (_written(list(row), writers) for row in rows)
    copy(model, [str(field.column) for field in fields], _Lines(rows))


class _Lines:
    """Rows as a file of CSV, whose lines are made while the database works on those before them."""

    AT_ONCE = 100

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows = iter(rows)

    def read(self, _size: int = -1) -> str:
        lines = io.StringIO()
        some = itertools.islice(self._rows, self.AT_ONCE)
        csv.writer(lines, lineterminator="\n").writerows(some)
        return lines.getvalue()


_stamp = functools.lru_cache(maxsize=4096)(
    str
)  # rows of a load share their days; the text of one costs 2 µs


def _writer_of(field: models.Field[Any, Any]) -> Callable[[Any], str] | None:
    """What makes text of the values of a field, where it is not what `str` makes, or takes long."""
    if isinstance(field, models.DateTimeField):
        return _stamp
    if isinstance(field, models.JSONField):
        encode = (field.encoder or json.JSONEncoder)().encode
        return lambda value: str(value) if value in ({}, []) else encode(value)
    return None


def _written(values: list[Any], writers: Sequence[tuple[int, Callable[[Any], str]]]) -> list[Any]:
    for place, write in writers:
        if values[place] is not None:
            values[place] = write(values[place])
    return values


def copy(model: type[models.Model], columns: Sequence[str], lines: SupportsRead[str]) -> None:
    """COPY lines of CSV into the table of `model` on PostgreSQL; nothing between two commas is NULL, or an empty text."""
    texts = [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.column in columns
        and not field.null
        and isinstance(field, (models.CharField, models.TextField))
    ]
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    kept = f", FORCE_NOT_NULL ({', '.join(map(quote, texts))})" if texts else ""
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN WITH (FORMAT csv{kept})",
            lines,
        )
