"""Tables without keys and indexes during a big load, on PostgreSQL: building them once is several times quicker than
keeping them row by row. What was taken off stands in a table of its own until it is back, so that a load that was
killed can be mended.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db import models

TAKEN = "sample_taken_off"
AT_ONCE = 2
MEMORY = "256MB"  # for each of those
INDEXES, KEYS, FOREIGN_KEYS, VALIDATIONS = range(4)  # what comes back first
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype = ANY(%s) AND %s && ARRAY[conrelid::regclass::text, confrelid::regclass::text]"
)


@contextlib.contextmanager
def bare(loaded: Sequence[type[models.Model]]) -> Iterator[None]:
    """Take keys and indexes off empty tables, to which nobody else writes meanwhile, and put them back whatever happens."""
    _take_off([model._meta.db_table for model in loaded])
    try:
        yield
    finally:
        restore()


def restore() -> None:
    """Put back what was taken off, by this load or by one that was killed. Raises what the database raised."""
    if connection.vendor != "postgresql" or TAKEN not in connection.introspection.table_names():
        return
    _build(INDEXES)
    _build(KEYS)
    _build(FOREIGN_KEYS, at_once=1)  # each locks two tables, for a moment
    _build(VALIDATIONS)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TAKEN}")


@transaction.atomic
def _take_off(names: list[str]) -> None:
    """Foreign keys of other tables that lead to these go as well, since they rest on the keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = current_schema()"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [names],
        )
        indexes = cursor.fetchall()
        cursor.execute(CONSTRAINTS, [["f"], names])
        foreign_keys = cursor.fetchall()
        cursor.execute(CONSTRAINTS, [["p", "u"], names])
        keys = cursor.fetchall()
        for table, name, _text in (*foreign_keys, *keys):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _text in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(f"CREATE TABLE {TAKEN} (id bigserial, turn smallint, statement text)")
        cursor.executemany(
            f"INSERT INTO {TAKEN} (turn, statement) VALUES (%s, %s)",  # noqa: S608  (a name of our own)
            [
                *((INDEXES, text) for _name, text in indexes),
                *((KEYS, _adding(*key)) for key in keys),
                *((FOREIGN_KEYS, f"{_adding(*key)} NOT VALID") for key in foreign_keys),
                *(
                    (VALIDATIONS, f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"')
                    for table, name, _text in foreign_keys
                ),
            ],
        )


def _adding(table: str, name: str, text: str) -> str:
    return f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}'


def _build(turn: int, *, at_once: int = AT_ONCE) -> None:
    """The statements of one turn do not rest on each other; the longest begin."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, statement FROM {TAKEN} WHERE turn = %s"  # noqa: S608
            " ORDER BY statement LIKE '%% USING gin %%' DESC, id",
            [turn],
        )
        waiting = iter(cursor.fetchall())  # of all threads: each takes the next
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(_run, [waiting] * at_once))


def _run(waiting: Iterator[tuple[int, str]]) -> None:
    """One by one, on a connection of this thread's own; each is forgotten when it is done."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET maintenance_work_mem = '{MEMORY}'")
            cursor.execute("SET max_parallel_maintenance_workers = 0")
            for row, statement in waiting:
                with transaction.atomic():
                    cursor.execute(statement)
                    cursor.execute(f"DELETE FROM {TAKEN} WHERE id = %s", [row])  # noqa: S608
    finally:
        connection.close()
