"""The pipeline as a board: the first fifty cards of every column, for who sees all, a team's, their own."""

from collections.abc import Iterator
from functools import partial

from django.test import Client

from benchmarks.clock import plain_time, query_time
from benchmarks.results import Measured
from crm.shared.models import User
from deals.models import Stage
from deals.states import Phase

COLUMN = """
(SELECT d.id, d.title, d.amount, d.currency, d.next_follow_up_at, d.entered_stage_at, d.unanswered_touches,
        d.silent_since, d.closes_on, d.version, a.name, u.name
 FROM deals_deal d
 LEFT JOIN deals_account a ON a.id = d.account_id
 JOIN shared_user u ON u.id = d.owner_id
 WHERE d.status = 'open' AND d.archived_at IS NULL AND d.stage_id = {stage} {mine}
 ORDER BY d.next_follow_up_at NULLS LAST, d.id LIMIT 51)
"""
PEOPLE = ("admin", "manager", "rep")


def measure(size: int) -> Iterator[Measured]:
    """The whole page through the view stack: the time of its statements against the best one for its cards."""
    stages = Stage.objects.current().exclude(phase=Phase.ORDER).values_list("pk", flat=True)
    for name in PEOPLE:
        user = User.objects.get(email=f"{name}@example.com")
        owners = user.visible_owner_ids
        mine = (
            "" if owners is None else f"AND d.owner_id IN ({', '.join(map(str, sorted(owners)))})"
        )
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        path = "/deals/?view=board"
        assert client.get(path).status_code == 200, path
        ours, queries = query_time(partial(client.get, path))
        columns = [COLUMN.format(stage=stage, mine=mine) for stage in stages]
        yield Measured(
            job=f"board, {name}",
            size=size,
            ours=ours,
            reference=plain_time((" UNION ALL ".join(columns), [])),
            unit="ms",
            budget=2,
            enough=30,
            queries=queries,
            most_queries=12,
            note="ours with session, person, bell, views, stages, stop rules and choices",
        )
