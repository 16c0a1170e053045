"""Taking times: of a call, of the queries inside it, and of a plain statement."""

import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from django.db import connection

REPEATS = 15


class Queries:
    """How many statements ran, and how long they took in ms, fetching included."""

    def __init__(self) -> None:
        self.count = 0
        self.ms = 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.ms += (time.perf_counter() - began) * 1000


def query_time(call: Callable[[], object], *, repeats: int = REPEATS) -> tuple[float, int]:
    """Median ms that the statements of `call` take, and their number; the first run warms up."""
    call()
    runs = []
    for _ in range(repeats):
        queries = Queries()
        with connection.execute_wrapper(queries):
            call()
        runs.append((queries.ms, queries.count))
    return statistics.median(ms for ms, _count in runs), runs[-1][1]


def plain_time(*statements: tuple[str, list[Any]], repeats: int = REPEATS) -> float:
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


@contextmanager
def raw_cursor() -> Any:
    """psycopg2's own cursor on the same connection."""
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
