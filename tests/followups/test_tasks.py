"""The sweep as the worker runs it."""

import datetime as dt

import pytest
import time_machine

from crm.shared.models import EventRecord, User
from followups.tasks import sweep_stop_rules
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


@pytest.mark.practice("B6")
def test_the_worker_may_sweep_as_often_as_it_likes(rep: User, now: dt.datetime) -> None:
    deal = made.dead_deal(owner=rep)

    for days in (0, 0, 7, 7):
        with time_machine.travel(now + dt.timedelta(days=days), tick=False):
            sweep_stop_rules()

    deal.refresh_from_db()
    names = ["deal.at_risk", "deal.lost"]
    counts = [EventRecord.objects.filter(deal_id=deal.pk, name=name).count() for name in names]
    assert (deal.status, counts) == ("lost", [1, 1])
