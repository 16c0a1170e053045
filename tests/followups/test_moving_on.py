"""What touches mean for the next step (rule 3)."""

import datetime as dt

import pytest
import time_machine

from crm.shared.models import User
from followups.models import FollowUp
from followups.states import FollowUpState
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


def days(moment: dt.datetime, count: int) -> dt.datetime:
    return moment + dt.timedelta(days=count)


# ---- the next step: rule 3 -----------------------------------------------------------------------


@pytest.mark.practice("B5")
@pytest.mark.parametrize(
    ("last", "interval", "country", "zone", "due"),
    [
        # 1 after a Friday is Monday
        ("2026-04-17T10:00Z", 1, "GB", "Europe/London", "2026-04-20T08:00:00+00:00"),
        # 7 after Friday 24 April is Friday 1 May, a holiday in Italy: Monday 4 May
        ("2026-04-24T10:00Z", 7, "IT", "Europe/Rome", "2026-05-04T07:00:00+00:00"),
        # nine o'clock is the contact's: in New York it is 13:00 UTC
        ("2026-04-14T10:00Z", 7, "US", "America/New_York", "2026-04-21T13:00:00+00:00"),
    ],
)
def test_the_plan_sets_the_next_step_on_a_working_day_at_nine_there(
    rep: User, last: str, interval: int, country: str, zone: str, due: str
) -> None:
    with time_machine.travel(last, tick=False):
        contact = make.contact(owner=rep, country=country, time_zone=zone)
        deal = make.deal(owner=rep, contact=contact)
        made.plan(deal, interval_days=interval)

        made.touch(deal)

    step = made.next_step(deal)
    assert (step.due_at.isoformat(), step.channel, step.contact) == (due, "call", contact)
    assert deal.next_follow_up_at == step.due_at


@pytest.mark.practice("B3")
def test_without_a_plan_the_stage_sets_the_rhythm(rep: User, now: dt.datetime) -> None:
    contact = make.contact(owner=rep, preferred_channel="email")
    deal = make.deal(owner=rep, contact=contact, stage=make.stage("conclusion"))

    made.touch(deal)

    step = made.next_step(deal)
    assert (step.channel, step.due_at.isoformat()) == ("email", "2026-04-27T08:00:00+00:00")


def test_the_touch_answers_the_open_step(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    first = made.next_step(deal)

    touch = made.touch(deal)

    first.refresh_from_db()
    assert (first.state, first.done_by, first.done_at, first.version) == ("done", touch, now, 2)
    assert FollowUp.objects.filter(deal=deal).count() == 2


def test_a_date_of_its_own_stands_until_its_day(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    FollowUp.objects.next_steps().update(due_at=days(now, 3), is_agreed=True)
    step = made.next_step(deal)

    made.touch(deal)
    stood = made.next_step(deal)
    with time_machine.travel(days(now, 3), tick=False):
        made.touch(deal)

    step.refresh_from_db()
    assert (stood, step.state) == (step, FollowUpState.DONE)


def test_a_step_named_by_the_touch_is_done_before_its_day(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    FollowUp.objects.next_steps().update(due_at=days(now, 3), is_agreed=True)
    step = made.next_step(deal)

    made.touch(deal, follow_up=step)

    step.refresh_from_db()
    assert step.state == FollowUpState.DONE
    assert made.next_step(deal).due_at == dt.datetime(2026, 4, 27, 9, tzinfo=dt.UTC)


def test_a_backdated_touch_leaves_the_next_step_alone(rep: User) -> None:
    deal = make.deal(owner=rep)
    made.touch(deal, days_ago=1)
    step = made.next_step(deal)

    made.touch(deal, days_ago=4)

    assert made.next_step(deal) == step


def test_an_out_of_office_answer_is_not_what_was_planned(rep: User) -> None:
    deal = make.deal(owner=rep)
    step = made.next_step(deal)

    made.touch(deal, channel="email", result="out_of_office")

    assert made.next_step(deal) == step


@pytest.mark.practice("B2")
def test_who_asked_to_stop_is_planned_no_further_touch(rep: User) -> None:
    deal = make.deal(owner=rep)

    made.touch(deal, result="answered", signal="asked_to_stop")

    assert (FollowUp.objects.open().count(), deal.next_follow_up_at) == (0, None)
