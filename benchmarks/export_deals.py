"""All losses for one reason as a file, a tenth of the deals: against COPY of the same columns of the same rows."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks.clock import megabytes, raw_cursor
from benchmarks.results import Measured
from crm.exports import running
from crm.exports.models import Export
from crm.exports.states import FileFormat
from crm.shared.models import User

QUERY = "status=lost&reason=price-or-value"
COPY = """
COPY (
    SELECT d.id, d.external_id, d.title, d.status, d.amount, d.currency, d.opened_at, d.closed_at, d.expected_close_on, d.source,
           a.id, a.external_id, a.name, c.id, c.external_id, c.name, c.email, u.email, s.name, p.name, r.name, k.name, o.note
    FROM deals_deal d JOIN deals_outcome o ON o.id = d.outcome_id JOIN deals_lossreason r ON r.id = o.reason_id
    JOIN shared_user u ON u.id = d.owner_id JOIN deals_stage s ON s.id = d.stage_id
    LEFT JOIN deals_account a ON a.id = d.account_id LEFT JOIN deals_contact c ON c.id = d.contact_id
    LEFT JOIN deals_product p ON p.id = d.product_id LEFT JOIN deals_competitor k ON k.id = o.competitor_id
    WHERE d.status = 'lost' AND d.archived_at IS NULL AND r.slug = 'price-or-value' ORDER BY d.id
) TO STDOUT WITH (FORMAT csv)
"""


def measure(size: int) -> Iterator[Measured]:
    """Rows a second of both kinds of file, and what the process has grown to."""
    admin = User.objects.get(email="admin@example.com")
    for file_format in (FileFormat.CSV, FileFormat.XLSX):
        job = Export.objects.create(
            kind="deals",
            file_format=file_format,
            query=QUERY,
            by=admin,
            lease_until=timezone.now(),
        )
        before, began = megabytes(), time.perf_counter()
        done = running.run(job.pk)
        took, after = time.perf_counter() - began, megabytes()
        assert done is not None and done.stored_as, done  # noqa: PT018
        path = Path(settings.MEDIA_ROOT) / done.stored_as
        yield Measured(
            job=f"export deals, {file_format}",
            size=size,
            ours=done.position / took,
            reference=_copy(),
            unit="rows/s",
            budget=None,
            note=f"{done.position:,} rows, {path.stat().st_size / 1e6:.0f} MB; the process grew from {before:.0f} to {after:.0f} MB; plain: COPY",
        )
        path.unlink()
        job.delete()


def _copy() -> float:
    with raw_cursor() as cursor, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        began = time.perf_counter()
        cursor.copy_expert(COPY, nowhere)
        return float(cursor.rowcount / (time.perf_counter() - began))
