"""Writing very many rows: COPY on PostgreSQL, executemany elsewhere."""

from __future__ import annotations

import io
import operator
from typing import TYPE_CHECKING, Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Table:
    """Rows of one model, given as dicts of the same columns each; the other columns hold the model's defaults, or nothing.

    `part` of `parts` that write at once: each takes every parts-th id after the highest so far.
    """

    def __init__(self, model: type[models.Model], *, part: int = 0, parts: int = 1) -> None:
        self.model = model
        self.name = model._meta.db_table
        fields = model._meta.concrete_fields
        now = stamp_of(connection.vendor)(timezone.now())
        self.defaults = {str(field.column): _default(field, now=now) for field in fields}
        self.given: tuple[str, ...] = ()  # what the first row names
        self.rows: list[tuple[Any, ...]] = []
        highest = model._default_manager.aggregate(highest=models.Max("pk"))["highest"] or 0
        self.next_id: int = highest + 1 + part
        self.step = parts

    def add(self, values: Mapping[str, Any]) -> int:
        """One more row; returns its id. Times must have gone through `stamp`. Raises KeyError for other columns."""
        if len(values) != len(self.given):
            self._name_columns(values)
        row_id = self.next_id
        self.rows.append((row_id, *self.pick(values)))
        self.next_id += self.step
        return row_id

    def _name_columns(self, values: Mapping[str, Any]) -> None:
        if self.given or values.keys() - self.defaults.keys():
            raise KeyError(*(values.keys() ^ (self.given or self.defaults.keys())))
        self.given = tuple(values)
        self.pick = operator.itemgetter(*self.given)
        rest = {
            name: value
            for name, value in self.defaults.items()
            if name not in {"id", *self.given} and value is not None  # empty by itself
        }
        self.columns = ["id", *self.given, *rest]
        self.constants = tuple(rest.values())

    def write(self) -> None:
        """Write what has gathered in one statement; the table begins anew. Needs a transaction."""
        rows, self.rows = self.rows, []
        if not rows:
            return
        if connection.vendor == "postgresql":
            self._copy(rows)
            return
        marks = ", ".join(["%s"] * len(self.columns))
        statement = f"INSERT INTO {self.name} ({self._names}) VALUES ({marks})"  # noqa: S608  (names of our own models)
        with connection.cursor() as cursor:
            cursor.executemany(statement, [row + self.constants for row in rows])

    @property
    def _names(self) -> str:
        return ", ".join(connection.ops.quote_name(column) for column in self.columns)

    def _copy(self, rows: list[tuple[Any, ...]]) -> None:
        """In COPY's own format, a quarter of the time of CSV; made-up words hold no tab, line end or backslash."""
        line = "\t".join(["%s"] * (1 + len(self.given)) + [*map(str, self.constants)]) + "\n"
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY {self.name} ({self._names}) FROM STDIN WITH (NULL 'None')",
                io.StringIO("".join(map(line.__mod__, rows))),
            )


def stamp_of(vendor: str) -> Callable[[dt.datetime], str]:
    """How a moment is written for the database; asked once, since it is called for every column of time."""
    if vendor == "postgresql":
        return str
    return lambda moment: str(connection.ops.adapt_datetimefield_value(moment))


def _default(field: models.Field[Any, Any], *, now: str) -> Any:
    if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
        return now
    if isinstance(field, models.JSONField):
        return "[]" if field.get_default() == [] else "{}"
    return field.get_default()


@transaction.atomic
def write_all(tables: Iterable[Table]) -> None:
    """Write what has gathered in all of them. Foreign keys are checked at the end of the transaction."""
    for table in tables:
        table.write()


def settle(written: Sequence[type[models.Model]]) -> None:
    """After a load: sequences past the ids that were given, and fresh statistics."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)
        for model in written:
            cursor.execute(f"ANALYZE {model._meta.db_table}")
