"""Taking times: of a call, of the queries inside it, and of a plain statement; and what memory it took."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg2.errors import QueryCanceled

REPEATS = 15
MOST_MS = 3000


class OnTable:
    """The statements that name a table: of those alone the time is taken, and their plans are looked at."""

    def __init__(self, table: str) -> None:
        self.name = f'"{table}"'
        self.statements: list[tuple[str, Any]] = []

    def takes(self, sql: str, params: Any) -> bool:
        is_on_it = self.name in sql
        if is_on_it and (sql, params) not in self.statements:
            self.statements.append((sql, params))
        return is_on_it

    @property
    def has_count(self) -> bool:
        return any(sql.startswith("SELECT COUNT(*)") for sql, _params in self.statements)


class Queries:
    """How many statements ran, and how long they took in ms, fetching included; the time `only` of some."""

    def __init__(self, only: OnTable | None = None) -> None:
        self.only = only
        self.count = 0
        self.ms = 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            if self.only is None or self.only.takes(sql, params):
                self.ms += (time.perf_counter() - began) * 1000


def query_time(
    call: Callable[[], object], *, repeats: int = REPEATS, only: OnTable | None = None
) -> tuple[float, int]:
    """Median ms that the statements of `call` take, and their number; the first run warms up."""
    call()
    runs = []
    for _ in range(repeats):
        queries = Queries(only)
        with connection.execute_wrapper(queries):
            call()
        runs.append((queries.ms, queries.count))
    return statistics.median(ms for ms, _count in runs), runs[-1][1]


def plain_time(*statements: tuple[str, list[Any] | None], repeats: int = REPEATS) -> float:
    """Median ms of plain statements one after the other, rows fetched, by psycopg2."""
    runs = []
    with raw_cursor() as cursor:
        for _ in range(repeats + 1):
            began = time.perf_counter()
            for sql, params in statements:
                cursor.execute(sql, params)
                cursor.fetchall()
            runs.append((time.perf_counter() - began) * 1000)
    return statistics.median(runs[1:])


def best_plain_time(ways: Sequence[Sequence[str]], *, repeats: int = REPEATS) -> float:
    """Median ms of the quickest way to ask; one that takes longer than `MOST_MS` is given up."""
    times = []
    for way in ways:
        with raw_cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {MOST_MS}")
        try:
            times.append(plain_time(*((sql, None) for sql in way), repeats=repeats))
        except QueryCanceled:
            times.append(float(MOST_MS))
        finally:
            with raw_cursor() as cursor:
                cursor.execute("RESET statement_timeout")
    return min(times)


@contextmanager
def raw_cursor() -> Any:
    """psycopg2's own cursor on the same connection."""
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def megabytes() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
