"""The pipeline as a table: every filter alone and every order, for who sees all, a team's, their own, against plain SQL for the same rows."""

from collections.abc import Iterator
from functools import partial

from django.test import Client

from benchmarks.clock import OnTable, best_plain_time, query_time
from benchmarks.pipeline_cases import Case, cases_for
from benchmarks.plans import reads_whole
from benchmarks.results import Measured
from crm.shared.models import User

NAMES = """
LEFT JOIN deals_account a ON a.id = d.account_id
LEFT JOIN deals_contact c ON c.id = d.contact_id
JOIN shared_user u ON u.id = d.owner_id
JOIN deals_stage s ON s.id = d.stage_id
LEFT JOIN deals_product p ON p.id = d.product_id
LEFT JOIN deals_outcome o ON o.id = d.outcome_id
LEFT JOIN deals_lossreason r ON r.id = o.reason_id
"""
COLUMNS = """d.*, a.name, c.name, u.name, s.name, p.name, r.name"""
LIST = "WHERE {where} {mine} AND d.archived_at IS NULL ORDER BY {order} LIMIT 51"
# All at once, and the names only to the rows that are shown: the better of the two counts.
WIDE = f"SELECT {COLUMNS} FROM deals_deal d {NAMES} {LIST}"
NARROW = f"SELECT {COLUMNS} FROM deals_deal d {NAMES} WHERE d.id IN (SELECT d.id FROM deals_deal d {NAMES} {LIST})"
COUNT = f"SELECT count(*) FROM (SELECT d.id FROM deals_deal d {NAMES} WHERE {{where}} {{mine}} AND d.archived_at IS NULL LIMIT 1001) d"
PEOPLE = ("admin", "manager", "rep")
REPEATS = 3
ENOUGH = 20.0


def measure(size: int) -> Iterator[Measured]:
    """For each person the case that stands worst, and every other one that does not hold or reads all deals."""
    for name in PEOPLE:
        user = User.objects.get(email=f"{name}@example.com")
        found = [_measured(case, user, name, size) for case in cases_for(user)]
        for kind, is_kind in (("filter", False), ("order", True)):
            of_kind = [one for one in found if ("ordering=" in one.job) is is_kind]
            broken = [one for one in of_kind if not one.holds]
            yield max(of_kind, key=lambda one: one.ratio if one.ours > ENOUGH else 0).summary(
                job=f"table, {name}, every {kind}",
                queries=max(one.queries or 0 for one in of_kind),
                note=f"the worst of {len(of_kind)}; {len(broken)} of them do not hold",
            )
            yield from broken


def _measured(case: Case, user: User, name: str, size: int) -> Measured:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    path = f"/deals/?view=table&{case.address}"
    page = client.get(path)
    assert page.status_code == 200, path
    on_deals = OnTable("deals_deal")
    ours, queries = query_time(partial(client.get, path), repeats=REPEATS, only=on_deals)
    owners = user.visible_owner_ids
    mine = "" if owners is None else f"AND d.owner_id IN ({', '.join(map(str, sorted(owners)))})"
    said = {"where": case.where, "mine": mine, "order": case.order}
    lists = [text.format(**said) for text in (WIDE, NARROW)]
    counted = [COUNT.format(**said)] if on_deals.has_count else []
    return Measured(
        job=f"table, {name}, {case.address}",
        size=size,
        ours=ours,
        reference=best_plain_time([[one, *counted] for one in lists], repeats=REPEATS),
        unit="ms",
        budget=2,
        enough=ENOUGH,
        queries=queries,
        most_queries=12,
        is_read_whole=reads_whole("deals_deal", on_deals.statements),
        note="the statements on deals",
    )
