"""The page of one deal, open and lost: its statements against one that reads all that hangs on it."""

from collections.abc import Iterator
from functools import partial

from django.test import Client

from benchmarks.clock import plain_time, query_time
from benchmarks.results import Measured
from crm.shared.models import User
from deals.models import Deal
from deals.states import DealStatus

HEAD = """
SELECT d.*, a.*, c.*, u.*, s.*, p.*, o.*, r.* FROM deals_deal d
LEFT JOIN deals_account a ON a.id = d.account_id LEFT JOIN deals_contact c ON c.id = d.contact_id
JOIN shared_user u ON u.id = d.owner_id JOIN deals_stage s ON s.id = d.stage_id LEFT JOIN deals_product p ON p.id = d.product_id
LEFT JOIN deals_outcome o ON o.id = d.outcome_id LEFT JOIN deals_lossreason r ON r.id = o.reason_id WHERE d.id = %s
"""
HANGS_ON_IT = (
    "SELECT e.* FROM shared_eventrecord e WHERE e.deal_id = %s ORDER BY e.at DESC, e.id DESC LIMIT 50",
    "SELECT t.* FROM followups_touch t WHERE t.deal_id = %s ORDER BY t.at DESC LIMIT 50",
    "SELECT f.* FROM followups_followup f WHERE f.deal_id = %s ORDER BY f.due_at",
    "SELECT g.*, s.* FROM deals_stage s LEFT JOIN deals_stagechange g ON g.to_stage_id = s.id AND g.deal_id = %s ORDER BY s.position",
    "SELECT k.*, c.* FROM deals_stakeholder k JOIN deals_contact c ON c.id = k.contact_id WHERE k.deal_id = %s",
)
PEOPLE = ("admin", "manager", "rep")


def measure(size: int) -> Iterator[Measured]:
    """The deal with the most touches of the rep of the sample company, of each kind, as everybody sees it who may."""
    rep = User.objects.get(email="rep@example.com")
    for status in (DealStatus.OPEN, DealStatus.LOST):
        deal = Deal.objects.filter(owner=rep, status=status).order_by("-touch_count", "pk")[0]
        reference = plain_time(*((sql, [deal.pk]) for sql in (HEAD, *HANGS_ON_IT)))
        for name in PEOPLE:
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=f"{name}@example.com"))
            path = f"/deals/{deal.pk}/"
            assert client.get(path).status_code == 200, path
            ours, queries = query_time(partial(client.get, path))
            yield Measured(
                job=f"deal page, {name}, {status}",
                size=size,
                ours=ours,
                reference=reference,
                unit="ms",
                budget=2,
                enough=30,
                queries=queries,
                most_queries=12,
                note="ours with session, person, reviews and referrals",
            )
