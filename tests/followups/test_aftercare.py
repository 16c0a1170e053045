"""What closings mean for follow-ups, and what an undo takes back."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from crm.shared.events import Aftercare
from crm.shared.models import EventRecord, User
from deals.actions import closing, pipeline, reopening
from deals.models import Deal
from followups.models import FollowUp
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db

NOTHING = Aftercare(review=False)


def states(deal: Deal) -> dict[str, str]:
    rows = FollowUp.objects.filter(deal=deal).order_by("pk")
    return {row.purpose: row.state for row in rows}


@pytest.mark.parametrize("close", ["lose", "win", "disqualify"])
def test_a_closing_cancels_what_was_still_to_do(rep: User, close: str) -> None:
    deal = make.deal(owner=rep)
    step = made.next_step(deal)
    extras: dict[str, dict[str, Any]] = {
        "lose": {"reason": make.reason(), "aftercare": NOTHING},
        "win": {},
        "disqualify": {"disqualified_as": "unqualified"},
    }

    outcome = getattr(closing, close)(deal, by=rep, **extras[close])

    step.refresh_from_db()
    assert (step.state, step.cancelled_by, step.version) == ("cancelled", outcome, 2)


@pytest.mark.practice("A10", "B8")
def test_a_loss_plans_the_call_again_and_staying_in_touch(rep: User, now: dt.datetime) -> None:
    contact = make.contact(owner=rep, preferred_channel="call")
    deal = make.deal(owner=rep, contact=contact)

    outcome = closing.lose(deal, reason=make.reason("budget-gone"), by=rep)

    rows = FollowUp.objects.open().filter(deal=deal).order_by("due_at")
    planned = [
        (r.purpose, r.channel, r.what, r.due_at.isoformat(), r.outcome, r.contact) for r in rows
    ]
    assert planned == [
        # 45 days: Thursday 4 June; 150 days: Thursday 17 September
        (
            "nurture",
            "email",
            "Quarterly, light",
            "2026-06-04T08:00:00+00:00",
            outcome,
            contact,
        ),
        ("revisit", "call", "", "2026-09-17T08:00:00+00:00", outcome, contact),
    ]
    deal.refresh_from_db()
    assert deal.next_follow_up_at.isoformat() == "2026-09-17T08:00:00+00:00"
    lost = EventRecord.objects.get(name="deal.lost")
    kept = lost.consequences.filter(name="follow_up.planned").order_by("pk")
    assert [record.data["purpose"] for record in kept] == ["revisit", "nurture"]


def test_the_person_decides_what_follows(rep: User) -> None:
    deal = make.deal(owner=rep)

    closing.lose(deal, reason=make.reason("budget-gone"), by=rep, aftercare=NOTHING)

    deal.refresh_from_db()
    assert (states(deal), deal.next_follow_up_at) == ({"close": "cancelled"}, None)


def test_nobody_is_planned_for_who_wants_no_contact(rep: User) -> None:
    contact = make.contact(owner=rep, do_not_contact=True)
    deal = make.deal(owner=rep, contact=contact)

    closing.lose(deal, reason=make.reason("budget-gone"), by=rep)

    assert states(deal) == {"close": "cancelled"}


def test_days_count_from_the_closing_and_what_is_past_is_due_tomorrow(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep, opened_at=now - dt.timedelta(days=400))
    old = make.deal(owner=rep, opened_at=now - dt.timedelta(days=400))
    wants = dataclasses.replace(NOTHING, revisit_after_days=30)

    for each, ago in ((deal, 10), (old, 200)):
        at = now - dt.timedelta(days=ago)
        closing.lose(each, reason=make.reason(), by=rep, at=at, aftercare=wants)

    due = [FollowUp.objects.get(deal=each, purpose="revisit").due_at for each in (deal, old)]
    assert [moment.date().isoformat() for moment in due] == ["2026-05-11", "2026-04-21"]


def test_an_undo_withdraws_what_was_planned_and_restores_what_was_cancelled(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep)
    step = made.next_step(deal)
    closing.lose(deal, reason=make.reason("budget-gone"), by=rep)

    reopening.undo_close(deal, by=rep, now=now)

    deal.refresh_from_db()
    step.refresh_from_db()
    assert states(deal) == {"close": "due", "revisit": "cancelled", "nurture": "cancelled"}
    assert (step.cancelled_by, deal.next_follow_up_at) == (None, step.due_at)


def test_an_undo_leaves_what_is_carried_out(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason("budget-gone"), by=rep)
    FollowUp.objects.filter(purpose="nurture").update(state="done", done_at=now)

    reopening.undo_close(deal, by=rep, now=now)

    assert states(deal) == {"close": "due", "revisit": "cancelled", "nurture": "done"}


def test_lost_and_undone_and_lost_again_ends_as_lost_once(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason("budget-gone"), by=rep)
    reopening.undo_close(deal, by=rep, now=now)

    closing.lose(deal, reason=make.reason("timing"), by=rep)

    assert FollowUp.objects.open().filter(deal=deal, purpose="revisit").count() == 1
    assert states(deal)["close"] == "cancelled"


def test_history_plans_nothing(rep: User, now: dt.datetime) -> None:
    long_ago = now - dt.timedelta(days=700)
    deals = pipeline.open_deals(
        [pipeline.NewDeal(title="Old", owner=rep, opened_at=long_ago)], by=rep
    )
    closing.lose(
        deals[0],
        reason=make.reason("not-stated"),
        by=rep,
        at=long_ago + dt.timedelta(days=9),
        historical=True,
    )

    assert FollowUp.objects.count() == 0
