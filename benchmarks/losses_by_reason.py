"""Losses by reason over twelve months."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from benchmarks.clock import plain_time, query_time
from benchmarks.results import Measured
from crm.reports.base import Filters
from crm.reports.losses_by_reason import losses_by_reason
from crm.shared.models import User

PLAIN = """
SELECT date_trunc('month', o.at), o.reason_id, o.control, count(*), sum(o.base_amount)
FROM deals_outcome o WHERE o.kind = 'lost' AND o.undone_at IS NULL AND o.at >= %s AND o.at < %s GROUP BY 1, 2, 3
"""
BEFORE = """
SELECT o.reason_id, o.control, count(*) FROM deals_outcome o
WHERE o.kind = 'lost' AND o.undone_at IS NULL AND o.at >= %s AND o.at < %s GROUP BY 1, 2
"""


def measure(size: int) -> Iterator[Measured]:
    """The report's statements against plain SQL for the same figures, the period before included."""
    viewer = User.objects.get(email="admin@example.com")
    today = timezone.now().date()
    start = today - dt.timedelta(days=180)
    filters = Filters(start=start, end=today, today=today)
    ours, queries = query_time(lambda: losses_by_reason(filters, viewer))
    before = start - dt.timedelta(days=181)
    reference = plain_time(
        (PLAIN, [start, today + dt.timedelta(days=1)]), (BEFORE, [before, start])
    )
    yield Measured(
        job="losses by reason",
        size=size,
        ours=ours,
        reference=reference,
        unit="ms",
        budget=1.5,
        enough=50,
        queries=queries,
    )
