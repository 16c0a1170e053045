"""The search box as one types: accounts, people and deals against plain SQL with the same indexes."""

from collections.abc import Iterator
from functools import partial

from django.test import Client

from benchmarks.clock import best_plain_time, query_time
from benchmarks.results import Measured
from crm.shared.folding import fold
from crm.shared.models import User

TYPED = ("bri", "brightwater", "buyer4711", "zzqq")
PEOPLE = ("admin", "manager", "rep")
# In the order of names and as the trigrams find them: the better of the two counts.
BY_NAME = """
SELECT d.id, d.name FROM {table} d WHERE d.folded LIKE '%{typed}%' AND d.archived_at IS NULL {mine}
ORDER BY d.name, d.id LIMIT 8
"""
FOUND_FIRST = """
WITH found AS MATERIALIZED (
    SELECT d.id, d.name FROM {table} d WHERE d.folded LIKE '%{typed}%' AND d.archived_at IS NULL {mine}
)
SELECT * FROM found ORDER BY name, id LIMIT 8
"""
DEALS = """
SELECT d.id, d.title, a.name, s.name FROM deals_deal d
LEFT JOIN deals_account a ON a.id = d.account_id JOIN deals_stage s ON s.id = d.stage_id
WHERE d.folded LIKE '%{typed}%' AND d.archived_at IS NULL {mine} ORDER BY d.id DESC LIMIT 8
"""


def measure(size: int) -> Iterator[Measured]:
    """The fragment that the box fetches, for a beginning, a word, one of many and what is not there."""
    for name in PEOPLE:
        user = User.objects.get(email=f"{name}@example.com")
        owners = user.visible_owner_ids
        mine = (
            "" if owners is None else f"AND d.owner_id IN ({', '.join(map(str, sorted(owners)))})"
        )
        client = Client(HTTP_HOST="localhost", headers={"HX-Request": "true"})
        client.force_login(user)
        for typed in TYPED:
            said = {"typed": fold(typed).strip(), "mine": mine}
            ways = [
                [
                    *(
                        way.format(table=table, **said)
                        for table in ("deals_account", "deals_contact")
                    ),
                    DEALS.format(**said),
                ]
                for way in (BY_NAME, FOUND_FIRST)
            ]
            ours, queries = query_time(partial(client.get, f"/search/?search={typed}"), repeats=5)
            yield Measured(
                job=f"search, {name}, {typed}",
                size=size,
                ours=ours,
                reference=best_plain_time(ways, repeats=5),
                unit="ms",
                budget=2,
                enough=50,
                queries=queries,
                most_queries=12,
                note="ours with session, person and names that begin so first",
            )
