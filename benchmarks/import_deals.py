"""Importing deals from a file, against COPY into a table of the same shape.

Of the same shape: an ordinary table with the columns, the indexes (trigrams among them) and the checks of a deal, filled with
the very rows that the import wrote, in one statement. It is the harder reading of the budget: the reference checks no foreign
keys and gets the row of the deal alone, where an import commits every thousand deals, checks all keys, and writes four rows
beside each: its way through the stages, its outcome, what happened to it, and what an undo needs.
"""

import csv
import datetime as dt
import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from benchmarks.clock import megabytes, raw_cursor
from benchmarks.results import Measured
from crm.imports import preparing, running, undoing
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared.models import User
from crm.shared.roles import Role

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
COPIES = 3


def measure(size: int) -> Iterator[Measured]:
    """Rows a second of the whole import, and what the process has grown to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.csv"
        _write(path, size)
        job = preparing.bring_in(kind=Kind.DEALS, stored_as=str(path), name=path.name, by=None)
        before = megabytes()
        began = time.perf_counter()
        done = running.run(job.pk)
        took = time.perf_counter() - began
        after = megabytes()
    assert done is not None and done.counts["created"] == size, done and done.counts  # noqa: PT018
    yield Measured(
        job="import deals",
        size=size,
        ours=size / took,
        reference=_copy(size),
        unit="rows/s",
        budget=0.1,
        note=f"55 % closed; the process grew from {before:.0f} to {after:.0f} MB; plain: COPY of the deals alone, same indexes, no foreign keys",
    )
    yield _undo(done, size=size, took=took)


def _undo(job: Import, *, size: int, took: float) -> Measured:
    """Taking all of it back, beside how long it took to come in."""
    admin = User.objects.filter(role=Role.ADMIN).first()
    assert admin is not None
    undoing.ask(job, by=admin, now=timezone.now())
    began = time.perf_counter()
    done = running.run(job.pk)
    assert done is not None and done.undone["kept"] == 0, done and done.undone  # noqa: PT018
    return Measured(
        job="undo an import",
        size=size,
        ours=(time.perf_counter() - began) * 1000,
        reference=took * 1000,
        unit="ms",
        budget=1,
        note="beside: the import itself",
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
    """Rows a second of COPY into a table of the same shape; the median of a few, rolled back."""
    with transaction.atomic(), raw_cursor() as cursor:
        cursor.execute("CREATE TABLE same_shape (LIKE deals_deal INCLUDING ALL)")
        cursor.execute(
            "INSERT INTO same_shape SELECT * FROM deals_deal WHERE external_id LIKE 'B%%' ORDER BY id LIMIT %s",
            [size],
        )
        lines = io.StringIO()
        cursor.copy_expert("COPY same_shape TO STDOUT", lines)
        took = []
        for _ in range(COPIES):
            cursor.execute("TRUNCATE same_shape")
            lines.seek(0)
            began = time.perf_counter()
            cursor.copy_expert("COPY same_shape FROM STDIN", lines)
            took.append(time.perf_counter() - began)
        transaction.set_rollback(True)
    return size / statistics.median(took)
