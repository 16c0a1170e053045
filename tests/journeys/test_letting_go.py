"""A lead that nobody answers: tried, measured, warned of, kept open once, let go, and found again by an undo."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from crm.shared.due import Rank, due_for
from crm.shared.models import EventRecord, Notice, OutgoingMail, User
from deals.models import Deal, Outcome
from followups.tasks import sweep_stop_rules
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def today_of(user: User, now: dt.datetime) -> list[Rank]:
    return [item.rank for item in due_for([user], now=now, until=now + dt.timedelta(days=1))]


@pytest.mark.practice("A12", "B1", "B6", "B8", "E1", "E5")
def test_a_dead_lead_is_let_go_with_manners(client, rep: User, manager: User, now: dt.datetime):
    contact = make.contact(owner=rep, name="Ada Vale", preferred_channel="call")
    deal = make.deal(owner=rep, contact=contact, title="Ward fridges", need="yes", fit="yes")
    log_url = reverse("followups:log-touch", args=[deal.pk])
    clock = time_machine.travel(now, tick=False)
    moment = now
    with clock as traveller:

        def go_to(days: float) -> dt.datetime:
            traveller.move_to(now + dt.timedelta(days=days))
            client.force_login(rep)
            return now + dt.timedelta(days=days)

        # four calls in vain, each when the plan says so
        for days in (1, 8, 15, 22):
            moment = go_to(days)
            assert today_of(rep, moment) == [Rank.DUE]
            client.post(log_url, {"channel": "call", "result": "no_answer"})
        page = client.get(reverse("deals:deal", args=[deal.pk])).content.decode()
        assert "4 of 4</span> unanswered" in page

        # the sweep warns, once
        moment = go_to(22.5)
        sweep_stop_rules()
        sweep_stop_rules()
        deal.refresh_from_db()
        assert deal.closes_on == dt.date(2026, 5, 19)
        assert Notice.objects.filter(user=rep).count() == 1
        assert OutgoingMail.objects.filter(user=rep, deal_id=deal.pk).count() == 1
        assert today_of(rep, moment) == [Rank.AT_RISK]

        # the owner keeps it open, once
        keep_url = reverse("followups:keep-open", args=[deal.pk])
        step = {"what": "Ask her deputy", "due_at": "2026-05-21", "channel": "email"}
        assert client.post(keep_url, step).status_code == 302
        assert client.post(keep_url, step).status_code == 409
        go_to(30)
        sweep_stop_rules()
        deal.refresh_from_db()
        assert (deal.status, deal.closes_on) == ("open", dt.date(2026, 5, 22))

        # nobody answers: it is lost with "no answer", and stays in touch
        go_to(32.5)
        sweep_stop_rules()
        outcome = Outcome.objects.get(deal=deal)
        assert (outcome.reason.slug, outcome.automatic, outcome.by) == ("no-answer", True, None)
        lost = EventRecord.objects.get(name="deal.lost")
        planned = lost.consequences.filter(name="follow_up.planned")
        assert [record.data["purpose"] for record in planned] == ["nurture"]

        # she calls a week later: the touch is refused, the closing undone, the touch logged
        go_to(39)
        refused = client.post(log_url, {"channel": "call", "result": "answered"})
        assert refused.status_code == 409
        client.post(reverse("deals:undo-close", args=[deal.pk]))
        assert client.post(log_url, {"channel": "call", "result": "answered"}).status_code == 302
        sweep_stop_rules()
        again = Deal.objects.get()
        assert (again.status, again.closes_on, again.unanswered_touches) == ("open", None, 0)
