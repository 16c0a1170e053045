"""Faults seen in more than one other system: what closings, by hand and by the sweep, leave behind."""

import datetime as dt

import pytest
from django.utils import timezone

from crm.reports.losses_by_reason import losses_by_reason
from crm.shared.due import due_for
from crm.shared.models import EventRecord
from deals.actions import closing, pipeline, reopening
from deals.models import Deal
from followups.actions import letting_go
from followups.models import FollowUp
from tests.factories import deals, followups, shared
from tests.factories import reports as make


def lost_at_once(deal):
    """Without the call again and the tracks of its playbook, which are steps of their own."""
    closing.lose(deal, reason=deals.reason("not-stated"), by=deal.owner)


def let_go_by_the_sweep(deal):
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: dt.date(2026, 4, 20)})
    letting_go.sweep(now=timezone.now())


CLOSINGS = {
    "win": lambda deal: closing.win(deal, by=deal.owner),
    "lose": lost_at_once,
    "disqualify": lambda deal: closing.disqualify(deal, disqualified_as="duplicate", by=deal.owner),
    "let go": lambda deal: letting_go.let_go(deal, by=deal.owner),
    "sweep": let_go_by_the_sweep,
}


@pytest.mark.parametrize("close", CLOSINGS.values(), ids=CLOSINGS.keys())
def test_open_steps_of_a_closed_deal_neither_haunt_nor_vanish(close, rep, manager, now):
    deal = followups.dead_deal(owner=rep)
    step = followups.next_step(deal)
    later = now + dt.timedelta(days=20)

    close(deal)
    closed = Deal.objects.get(pk=deal.pk)
    to_do = [item.context.get("pk") for item in due_for([rep], now=now, until=later)]
    to_close = FollowUp.objects.open().filter(deal=deal, purpose="close").count()
    cancelled = FollowUp.objects.get(pk=step.pk).state
    reopening.undo_close(closed, by=manager, now=now)

    assert closed.status != "open"
    assert step.pk not in to_do
    assert (to_close, closed.next_follow_up_at, cancelled) == (0, None, "cancelled")
    assert followups.next_step(deal).pk == step.pk
    assert Deal.objects.get(pk=deal.pk).next_follow_up_at == step.due_at


@pytest.mark.practice("B7")
def test_the_sweep_goes_through_the_door_that_everybody_takes(rep, manager, now):
    """Date, log, notice, review and report are as after closing by hand with the same reason."""
    other = shared.user(name="Robin", role="rep", team=rep.memberships.get().team)
    by_hand, by_sweep = followups.dead_deal(owner=rep), followups.dead_deal(owner=other)
    pipeline.mark_at_risk([by_sweep.pk], closes_on={by_sweep.pk: now.date()})

    letting_go.let_go(by_hand, by=rep)
    letting_go.sweep(now=now)

    assert traces(by_sweep) == traces(by_hand)
    report = losses_by_reason(make.filters("2026-04-01", "2026-04-30"), manager)
    assert report.figures["losses"].n == 2
    assert traces(by_sweep)[2] == (["review.planned"], [manager.pk])


def traces(deal) -> tuple[object, ...]:
    deal.refresh_from_db()
    outcome = deal.outcome
    event = EventRecord.objects.get(deal_id=deal.pk, name="deal.lost")
    assert outcome.owner == deal.owner
    return (
        (deal.status, deal.closed_at, deal.closes_on, deal.next_follow_up_at),
        (outcome.at, outcome.reason.slug, outcome.stage, outcome.touches),
        (
            sorted(event.consequences.values_list("name", flat=True)),
            list(event.notices.values_list("user_id", flat=True)),
        ),
    )


@pytest.mark.practice("E1")
def test_the_sweep_touches_no_deal_that_is_closed_parked_or_waiting_for_its_day(rep, now):
    won, lost = followups.dead_deal(owner=rep), followups.dead_deal(owner=rep)
    closing.win(won, by=rep)
    closing.lose(lost, reason=deals.reason("timing"), by=rep)
    untouched = deals.deal(owner=rep, opened_at=now - dt.timedelta(days=400))  # nobody ever called
    parked = followups.dead_deal(owner=rep)
    pipeline.note_agreed(parked, until=now + dt.timedelta(days=90), at=now - dt.timedelta(days=50))
    archived = followups.dead_deal(owner=rep)
    Deal.objects.filter(pk=archived.pk).update(archived_at=now)
    before = list(Deal.objects.order_by("pk").values())

    swept = [letting_go.sweep(now=now + dt.timedelta(days=days)) for days in (0, 8, 30)]

    assert [(one.marked, one.closed) for one in swept] == [(0, 0)] * 3
    assert untouched.pk in {row["id"] for row in before}
    assert list(Deal.objects.order_by("pk").values()) == before
