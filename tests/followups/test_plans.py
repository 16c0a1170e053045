"""The rhythm agreed with the buyer, the first touch, and leaving one out."""

import datetime as dt

import pytest
import time_machine

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, User
from deals.actions import closing
from deals.models import Deal
from followups.actions import plans
from followups.actions.plans import Agreement
from followups.models import FollowUp, Plan
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


# ---- the first touch -----------------------------------------------------------------------------


def test_a_new_deal_is_due_its_first_touch_on_the_next_working_day(rep: User) -> None:
    with time_machine.travel("2026-04-17T10:00Z", tick=False):
        contact = make.contact(owner=rep, country="GB", time_zone="Europe/London")
        deal = make.deal(owner=rep, contact=contact)

    step = made.next_step(deal)
    assert step.due_at.isoformat() == "2026-04-20T08:00:00+00:00"
    assert deal.next_follow_up_at == step.due_at
    record = EventRecord.objects.get(name="follow_up.planned")
    assert record.cause == EventRecord.objects.get(name="deal.created")


def test_a_deal_from_elsewhere_fills_nobodys_morning(rep: User, now: dt.datetime) -> None:
    make.deal(owner=rep, opened_at=now - dt.timedelta(days=2))

    assert FollowUp.objects.count() == 0


# ---- agreeing ------------------------------------------------------------------------------------


@pytest.mark.practice("B3", "B4")
def test_what_the_buyer_agreed_to_is_kept_with_whom_and_when(rep: User, now: dt.datetime) -> None:
    contact = make.contact(owner=rep)
    deal = make.deal(owner=rep, contact=contact)
    other = make.contact(owner=rep)

    plan = plans.agree(
        deal, Agreement(interval_days=14, channel="email", contact=other), by=rep, now=now
    )

    assert (plan.interval_days, plan.channel, plan.contact, plan.agreed_on, plan.is_agreed) == (
        14,
        "email",
        other,
        now.date(),
        True,
    )
    step = made.next_step(deal)
    # 14 days lead to Monday 4 May, the early May bank holiday in Britain
    assert (step.due_at.isoformat(), step.channel) == ("2026-05-05T08:00:00+00:00", "email")
    record = EventRecord.objects.get(name="plan.agreed")
    assert record.data == {"interval_days": 14, "channel": "email", "contact_id": other.pk}
    assert [child.name for child in record.consequences.all()] == ["follow_up.planned"]


@pytest.mark.practice("B1")
def test_agreeing_counts_as_heard_from_the_buyer(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)

    plans.agree(deal, Agreement(interval_days=10), by=rep, now=now)

    deal.refresh_from_db()
    assert (deal.last_heard_at, deal.unanswered_touches, deal.closes_on) == (now, 0, None)


def test_what_is_left_out_stays_as_it_was(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, contact=make.contact(owner=rep, preferred_channel="meeting"))
    plans.agree(deal, Agreement(interval_days=21), by=rep, now=now)

    plan = plans.agree(deal, Agreement(channel="call"), by=rep, now=now)

    assert (plan.interval_days, plan.channel, plan.contact, plan.version) == (
        21,
        "call",
        deal.contact,
        2,
    )
    assert Plan.objects.count() == 1


@pytest.mark.practice("E5")
def test_an_agreed_date_is_the_next_step_and_suspends_every_warning(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep)
    next_at = now + dt.timedelta(days=30)

    plans.agree(deal, Agreement(next_at=next_at, what=" Budget round "), by=rep, now=now)
    plans.agree(deal, Agreement(interval_days=5), by=rep, now=now)

    deal.refresh_from_db()
    step = made.next_step(deal)
    assert (step.due_at, step.what, step.is_agreed) == (next_at, "Budget round", True)
    assert (deal.agreed_until, deal.next_follow_up_at) == (next_at, next_at)


def test_an_interval_that_has_run_out_counts_from_today(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, opened_at=now - dt.timedelta(days=40))
    made.touch(deal, days_ago=30)

    plans.agree(deal, Agreement(interval_days=2), by=rep, now=now)

    assert made.next_step(deal).due_at.isoformat() == "2026-04-22T09:00:00+00:00"


@pytest.mark.parametrize(
    ("agreement", "field"),
    [
        (Agreement(interval_days=0), "interval_days"),
        (Agreement(interval_days=366), "interval_days"),
        (Agreement(channel="pigeon"), "channel"),
        (Agreement(next_at=dt.datetime(2026, 4, 20, 8, tzinfo=dt.UTC)), "next_at"),
    ],
)
def test_what_cannot_be_agreed_is_refused(
    rep: User, now: dt.datetime, agreement: Agreement, field: str
) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        plans.agree(deal, agreement, by=rep, now=now)

    assert list(refusal.value.fields) == [field]
    assert Plan.objects.count() == 0


def test_nothing_is_agreed_on_a_closed_deal(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    closing.win(deal, by=rep)

    with pytest.raises(ActionRefused, match="closed"):
        plans.agree(deal, Agreement(interval_days=7), by=rep, now=now)


def test_two_people_agreeing_at_once_do_not_overwrite_each_other(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep)
    plan = plans.agree(deal, Agreement(interval_days=7), by=rep, now=now)
    plans.agree(deal, Agreement(interval_days=8), by=rep, now=now, version=plan.version)

    with pytest.raises(StaleVersion):
        plans.agree(deal, Agreement(interval_days=9), by=rep, now=now, version=plan.version)


# ---- leaving one out -----------------------------------------------------------------------------


def skip(deal: Deal, by: User, now: dt.datetime) -> FollowUp:
    return plans.skip(made.next_step(deal), by=by, now=now)


def test_a_late_one_left_out_is_followed_an_interval_from_today(rep: User) -> None:
    deal = make.deal(owner=rep)

    with time_machine.travel("2026-04-29T10:00Z", tick=False):
        skipped = skip(deal, rep, dt.datetime(2026, 4, 29, 10, tzinfo=dt.UTC))

    assert (skipped.state, skipped.done_by) == ("skipped", None)
    assert made.next_step(deal).due_at.isoformat() == "2026-05-06T09:00:00+00:00"


def test_one_to_come_left_out_is_followed_an_interval_after_it(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)  # due tomorrow

    skip(deal, rep, now)

    deal.refresh_from_db()
    step = made.next_step(deal)
    assert step.due_at.isoformat() == "2026-04-28T09:00:00+00:00"
    assert deal.next_follow_up_at == step.due_at
    record = EventRecord.objects.get(name="follow_up.done")
    assert record.data["skipped"] is True
    assert [child.name for child in record.consequences.all()] == ["follow_up.planned"]


def test_what_is_done_cannot_be_left_out(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    step = made.next_step(deal)
    made.touch(deal)

    with pytest.raises(ActionRefused, match="done already"):
        plans.skip(step, by=rep, now=now)


def test_a_follow_up_changed_by_somebody_else_is_stale(rep: User, now: dt.datetime) -> None:
    step = made.next_step(make.deal(owner=rep))

    with pytest.raises(StaleVersion):
        plans.skip(step, by=rep, now=now, version=step.version + 1)


def test_calling_again_left_out_plans_nothing_on_a_lost_deal(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason("no-decision-maker"), by=rep)
    revisit = FollowUp.objects.open().get(deal=deal)

    plans.skip(revisit, by=rep, now=now)

    deal.refresh_from_db()
    assert (FollowUp.objects.open().count(), deal.next_follow_up_at) == (0, None)
