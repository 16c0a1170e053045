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
# Whose account one sees: one's own, and those one has a deal with; whose people: one's own, and those who work there.
# The few of somebody are found first, and of many each is looked at as it comes.
ACCOUNTS = "SELECT id FROM deals_account WHERE owner_id IN ({owners}) UNION SELECT account_id FROM deals_deal WHERE owner_id IN ({owners})"
DEAL_OF = "EXISTS (SELECT FROM deals_deal b WHERE b.owner_id IN ({owners}) AND b.account_id = "
ACCOUNT_OF = (
    "EXISTS (SELECT FROM deals_account b WHERE b.owner_id IN ({owners}) AND b.id = d.account_id)"
)
FEW = {
    "deals_account": f"AND d.id = ANY(ARRAY({ACCOUNTS}))",
    "deals_contact": f"AND (d.owner_id IN ({{owners}}) OR d.account_id = ANY(ARRAY({ACCOUNTS})))",
}
MANY = {
    "deals_account": f"AND (d.owner_id IN ({{owners}}) OR {DEAL_OF} d.id))",
    "deals_contact": f"AND (d.owner_id IN ({{owners}}) OR {ACCOUNT_OF} OR {DEAL_OF} d.account_id))",
}
DEALS = """
SELECT d.id, d.title, a.name, s.name FROM deals_deal d
LEFT JOIN deals_account a ON a.id = d.account_id JOIN deals_stage s ON s.id = d.stage_id
WHERE d.folded LIKE '%{typed}%' AND d.archived_at IS NULL {mine} ORDER BY d.id DESC LIMIT 8
"""


def measure(size: int) -> Iterator[Measured]:
    """The fragment that the box fetches, for a beginning, a word, one of many and what is not there."""
    for name in PEOPLE:
        user = User.objects.get(email=f"{name}@example.com")
        client = Client(HTTP_HOST="localhost", headers={"HX-Request": "true"})
        client.force_login(user)
        for typed in TYPED:
            ours, queries = query_time(partial(client.get, f"/search/?search={typed}"), repeats=5)
            yield Measured(
                job=f"search, {name}, {typed}",
                size=size,
                ours=ours,
                reference=best_plain_time(_ways(user, fold(typed).strip()), repeats=5),
                unit="ms",
                budget=2,
                enough=50,
                queries=queries,
                most_queries=12,
                note="ours with session, person and names that begin so first",
            )


def _ways(user: User, typed: str) -> list[list[str]]:
    owners = user.visible_owner_ids
    said = {"typed": typed, "owners": ", ".join(map(str, sorted(owners or ())))}
    everything = dict.fromkeys(FEW, "")
    deals = DEALS.format(
        mine="" if owners is None else f"AND d.owner_id IN ({said['owners']})", **said
    )
    return [
        [
            *(
                way.format(table=table, mine=mine.format(**said), **said)
                for table, mine in seen.items()
            ),
            deals,
        ]
        for way in (BY_NAME, FOUND_FIRST)
        for seen in ([everything] if owners is None else [FEW, MANY])
    ]
