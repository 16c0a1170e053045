"""Importing deals from a file, against COPY into a table of the same shape."""

import csv
import datetime as dt
import io
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from benchmarks.clock import raw_cursor
from benchmarks.results import Measured
from crm.imports import running
from crm.imports.states import Kind

HEADER = [
    "id",
    "title",
    "owner",
    "account",
    "product",
    "stage",
    "amount",
    "created",
    "closed",
    "loss reason",
]
DAY = dt.date(2025, 1, 1)


def measure(size: int) -> Iterator[Measured]:
    """Rows a second of the whole import, and what the process has grown to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.csv"
        _write(path, size)
        job = running.bring_in(kind=Kind.DEALS, stored_as=str(path), name=path.name, by=None)
        before = _megabytes()
        began = time.perf_counter()
        done = running.run(job.pk)
        ours = size / (time.perf_counter() - began)
    assert done is not None and done.counts["created"] == size, done and done.counts  # noqa: PT018
    yield Measured(
        job="import deals",
        size=size,
        ours=ours,
        reference=_copy(size),
        unit="rows/s",
        budget=0.1,
        note=f"55 % closed; the process grew from {before:.0f} to {_megabytes():.0f} MB; plain: COPY with the same indexes",
    )


def _write(path: Path, size: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(size):
            opened = DAY + dt.timedelta(days=number % 300)
            kind = number % 20
            stage, closed, reason = "Negotiation", "", ""
            if kind < 11:
                stage = "Won" if kind < 4 else "Lost"
                closed, reason = (
                    (opened + dt.timedelta(days=40)).isoformat(),
                    "Timing" if kind >= 4 else "",
                )
            writer.writerow(
                [
                    f"B{number}",
                    f"Deal {number}",
                    f"Seller {number % 40}",
                    f"Customer {number % 3000}",
                    f"Product {number % 7}",
                    stage,
                    number % 9000,
                    opened,
                    closed,
                    reason,
                ]
            )


def _copy(size: int) -> float:
    """Rows a second of COPY into a table of the same shape, its indexes included; rolled back."""
    with transaction.atomic(), raw_cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE same_shape (LIKE deals_deal INCLUDING ALL)")
        cursor.execute(
            "INSERT INTO same_shape SELECT * FROM deals_deal WHERE external_id LIKE 'B%%' ORDER BY id LIMIT %s",
            [size],
        )
        lines = io.StringIO()
        cursor.copy_expert("COPY same_shape TO STDOUT", lines)
        cursor.execute("TRUNCATE same_shape")
        lines.seek(0)
        began = time.perf_counter()
        cursor.copy_expert("COPY same_shape FROM STDIN", lines)
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return size / took


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
