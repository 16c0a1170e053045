"""Losing: one deal with all its effects, and 500 at once."""

import statistics
import time
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.clock import Queries, query_time, raw_cursor
from benchmarks.results import Measured
from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal, LossReason

BATCH = 500
ONES = 15


def measure(size: int) -> Iterator[Measured]:
    """One loss against the two statements at its heart, each side with its own commit."""
    by = User.objects.get(email="manager@example.com")
    reason = LossReason.objects.get(slug="price-or-value")
    deals = iter(Deal.objects.open().order_by("pk")[: BATCH + ONES + 1])
    ours, queries = query_time(
        lambda: closing.lose(next(deals), by=by, reason=reason), repeats=ONES
    )
    yield Measured(
        job="lose one",
        size=size,
        ours=ours,
        reference=_plain_loss(),
        unit="ms",
        budget=None,
        most_queries=25,
        queries=queries,
        note="all effects planned; plain: one INSERT, one UPDATE, one commit",
    )
    entries = [closing.Loss(deal=deal, reason=reason) for deal in deals]
    counted = Queries()
    began = time.perf_counter()
    with connection.execute_wrapper(counted):
        closing.lose_many(entries, by=by)
    took = (time.perf_counter() - began) * 1000
    yield Measured(
        job="lose 500",
        size=size,
        ours=took,
        reference=ours * len(entries),
        unit="ms",
        budget=None,
        most_queries=40,
        queries=counted.count,
        note=f"{len(entries)} deals in one call; beside it: as many single ones",
    )


def _plain_loss() -> float:
    """Median ms of closing one deal by hand."""
    runs = []
    pks = list(Deal.objects.open().order_by("-pk").values_list("pk", flat=True)[:ONES])
    for pk in pks:
        began = time.perf_counter()
        with transaction.atomic(), raw_cursor() as cursor:
            cursor.execute(
                "INSERT INTO deals_outcome (created_at, updated_at, deal_id, kind, at, automatic, historical, stage_id,"
                " owner_id, currency, touches, reason_id, control, disqualified_as, won_because, buyer_words, note, reflection)"
                " SELECT now(), now(), d.id, 'lost', now(), false, false, d.stage_id, d.owner_id, d.currency, 0,"
                " (SELECT id FROM deals_lossreason LIMIT 1), 'ours', '', '[]', '', '', '{}'"
                " FROM deals_deal d WHERE d.id = %s RETURNING id",
                [pk],
            )
            outcome = cursor.fetchone()[0]
            cursor.execute(
                "UPDATE deals_deal SET status = 'lost', outcome_id = %s, closed_at = now(), closes_on = NULL WHERE id = %s",
                [outcome, pk],
            )
        runs.append((time.perf_counter() - began) * 1000)
    return statistics.median(runs)
