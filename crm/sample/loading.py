"""Writing very many rows: COPY on PostgreSQL, executemany elsewhere; indexes away and back around a big load."""

from __future__ import annotations

import contextlib
import csv
import io
import operator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, connections, models, transaction
from django.utils import timezone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType


class Table:
    """Rows of one model, given as dicts of the same columns each; the other columns hold the model's defaults."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.name = model._meta.db_table
        fields = model._meta.concrete_fields
        now = stamp_of(connection.vendor)(timezone.now())
        self.defaults = {str(field.column): _default(field, now=now) for field in fields}
        self.texts = [str(field.column) for field in fields if not field.null and _is_text(field)]
        self.given: tuple[str, ...] = ()  # what the first row names
        self.rows: list[tuple[Any, ...]] = []
        self.last_id: int = model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0

    def add(self, values: Mapping[str, Any]) -> int:
        """One more row; returns its id. Times must have gone through `stamp`. Raises KeyError for other columns."""
        if len(values) != len(self.given):
            self._name_columns(values)
        self.last_id += 1
        self.rows.append((self.last_id, *self.pick(values)))
        return self.last_id

    def _name_columns(self, values: Mapping[str, Any]) -> None:
        if self.given or values.keys() - self.defaults.keys():
            raise KeyError(*(values.keys() ^ (self.given or self.defaults.keys())))
        self.given = tuple(values)
        self.pick = operator.itemgetter(*self.given)
        rest = {
            name: value for name, value in self.defaults.items() if name not in {"id", *self.given}
        }
        self.columns = ["id", *self.given, *rest]
        self.constants = tuple(rest.values())

    def take(self) -> list[tuple[Any, ...]]:
        """The rows that have gathered; the table begins anew."""
        rows, self.rows = self.rows, []
        return rows

    def write(self, rows: list[tuple[Any, ...]]) -> None:
        """Write rows in one statement. Needs a transaction."""
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
        """The constants are formatted once, as the end of every line."""
        end = io.StringIO()
        csv.writer(end).writerow(self.constants)
        lines = io.StringIO()
        comma = "," if self.constants else ""
        csv.writer(lines, lineterminator=f"{comma}{end.getvalue()}").writerows(rows)
        lines.seek(0)
        kept = f", FORCE_NOT_NULL ({', '.join(self.texts)})" if self.texts else ""
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY {self.name} ({self._names}) FROM STDIN WITH (FORMAT csv{kept})", lines
            )


def stamp_of(vendor: str) -> Callable[[dt.datetime], str]:
    """How a moment is written for the database; asked once, since it is called for every column of time."""
    if vendor == "postgresql":
        return str
    return lambda moment: str(connection.ops.adapt_datetimefield_value(moment))


def _is_text(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, (models.CharField, models.TextField))


def _default(field: models.Field[Any, Any], *, now: str) -> Any:
    if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
        return now
    if isinstance(field, models.JSONField):
        return "[]" if field.get_default() == [] else "{}"
    return field.get_default()


class Writer:
    """Writes batches of all tables, each in a short transaction; on PostgreSQL in a thread, while the next is made."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self.pool = (
            ThreadPoolExecutor(1)
            if connection.vendor == "postgresql" and not connection.in_atomic_block
            else None
        )
        self.under_way: Future[None] | None = None

    def hand_over(self) -> None:
        """Take what has gathered and write it; waits for the batch before. Raises what that one raised."""
        batch = [(table, table.take()) for table in self.tables]
        self.wait()
        if self.pool is None:
            _write(batch)
        else:
            self.under_way = self.pool.submit(_write, batch)

    def wait(self) -> None:
        if self.under_way is not None:
            self.under_way.result()
            self.under_way = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the thread go with its connection, after the last batch; raises what that one raised."""
        if self.pool is not None:
            self.pool.submit(connections.close_all).result()
            self.pool.shutdown()
        if error is None:
            self.wait()


@transaction.atomic
def _write(batch: Sequence[tuple[Table, list[tuple[Any, ...]]]]) -> None:
    """Foreign keys are checked at the end of the transaction."""
    for table, rows in batch:
        if rows:
            table.write(rows)


def settle(tables: Sequence[Table]) -> None:
    """After a load: sequences past the ids that were given, and fresh statistics."""
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), GREATEST(%s, 1))",
                    [table.last_id],
                )
        cursor.execute("ANALYZE")


@contextlib.contextmanager
def without_indexes(tables: Sequence[Table]) -> Iterator[None]:
    """Take secondary indexes and foreign keys off empty tables for a big load, and put them back whatever happens.

    Only on PostgreSQL, where building them once is several times quicker than keeping them through the load.
    """
    if connection.vendor != "postgresql":
        yield
        return
    names = [table.name for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [names],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = current_schema()"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [names],
        )
        indexes = cursor.fetchall()
        with transaction.atomic():
            for table, name, _definition in keys:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            for name, _definition in indexes:
                cursor.execute(f'DROP INDEX "{name}"')
        try:
            yield
        finally:
            with transaction.atomic():
                for _name, definition in indexes:
                    cursor.execute(definition)
                for table, name, definition in keys:
                    cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
