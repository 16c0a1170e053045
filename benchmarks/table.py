"""The pipeline as a table: any one filter, any sort."""

from collections.abc import Iterator
from functools import partial

from django.test import Client

from benchmarks.clock import plain_time, query_time
from benchmarks.results import Measured
from crm.shared.models import User

ROWS = """
SELECT d.id, d.title, d.amount, d.currency, d.next_follow_up_at, d.expected_close_on, d.entered_stage_at,
       d.unanswered_touches, d.silent_since, d.closes_on, d.status, d.closed_at, a.name, u.name, s.name, p.name, r.name
FROM deals_deal d
LEFT JOIN deals_account a ON a.id = d.account_id
JOIN shared_user u ON u.id = d.owner_id
JOIN deals_stage s ON s.id = d.stage_id
LEFT JOIN deals_product p ON p.id = d.product_id
LEFT JOIN deals_outcome o ON o.id = d.outcome_id
LEFT JOIN deals_lossreason r ON r.id = o.reason_id
WHERE {where} AND d.archived_at IS NULL ORDER BY {order} LIMIT 51
"""
PAGES = {
    "table, by amount": (
        "status=open&ordering=-amount",
        "d.status = 'open'",
        "d.amount DESC NULLS LAST, d.id DESC",
    ),
    "table, one owner": (
        "status=open&ordering=-amount&owner={owner}",
        "d.status = 'open' AND d.owner_id = {owner}",
        "d.amount DESC NULLS LAST, d.id DESC",
    ),
    "table, lost lately": (
        "status=lost&ordering=-closed_at",
        "d.status = 'lost'",
        "d.closed_at DESC NULLS LAST, d.id DESC",
    ),
}


def measure(size: int) -> Iterator[Measured]:
    """The whole page through the view stack: the time of its statements against the best one for its rows."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="admin@example.com"))
    owner = User.objects.get(email="rep@example.com").pk
    for job, (query, where, order) in PAGES.items():
        path = f"/deals/?{query.format(owner=owner)}"
        assert client.get(path).status_code == 200, path
        ours, queries = query_time(partial(client.get, path))
        reference = plain_time((ROWS.format(where=where.format(owner=owner), order=order), []))
        yield Measured(
            job=job,
            size=size,
            ours=ours,
            reference=reference,
            unit="ms",
            budget=2,
            queries=queries,
            most_queries=12,
            note="ours with session, person, bell, totals and choices",
        )
