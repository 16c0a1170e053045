"""What is due: answers, risks, touches late and due; one row a deal, few statements for all people."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import translation

from crm.shared.due import DueItem, Rank
from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal
from followups import due
from followups.actions import letting_go, plans
from followups.actions.plans import Agreement
from followups.models import FollowUp
from tests.factories import deals as make
from tests.factories import followups as made
from tests.factories import shared

pytestmark = pytest.mark.django_db


def items(*users: User, days: float = 2) -> list[DueItem]:
    now = dt.datetime.now(dt.UTC)
    return due.items(users, now=now, until=now + dt.timedelta(days=days))


def deal_of(rep: User, name: str = "Dana Whitfield") -> Deal:
    contact = make.contact(owner=rep, name=name, preferred_channel="call")
    return make.deal(owner=rep, contact=contact, stage=make.stage("negotiation"))


def told(item: DueItem) -> tuple[Rank, str, str, bool]:
    return item.rank, item.chip, item.why, item.needs_person


# ---- touches -------------------------------------------------------------------------------------


@pytest.mark.practice("B5")
def test_what_is_due_today_shows_its_time_and_what_is_late_since_when(
    rep: User, now: dt.datetime
) -> None:
    deal = deal_of(rep)
    made.plan(deal)
    made.touch(deal, days_ago=5)
    made.touch(deal, days_ago=0, result="answered")

    with time_machine.travel(now + dt.timedelta(days=7), tick=False):
        on_the_day = items(rep)
    with time_machine.travel(now + dt.timedelta(days=9), tick=False):
        late = items(rep)

    why = "Call Dana Whitfield, as agreed: every 7 days, by phone. Last heard Mon 20 Apr."
    assert [told(item) for item in on_the_day] == [(Rank.DUE, "08:00", why, False)]
    assert [told(item) for item in late] == [(Rank.LATE, "Late 2 days", why, True)]
    assert (late[0].path, late[0].user_id, late[0].amount) == (
        f"/deals/{deal.pk}/",
        rep.pk,
        deal.amount,
    )


def test_what_is_due_later_is_not_there_yet(rep: User) -> None:
    made.touch(deal_of(rep))

    assert (items(rep, days=6.5), len(items(rep, days=8))) == ([], 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"what": "Send the pilot plan"},
            "Call Dana Whitfield: Send the pilot plan, every 7 days.",
        ),
        ({"is_agreed": True}, "Call Dana Whitfield, on the day agreed."),
        ({"channel": "social"}, "Social media: Dana Whitfield, every 7 days."),
        ({"contact": None}, "Call, every 7 days."),
    ],
)
def test_a_row_says_what_to_do_and_why(rep: User, change: dict[str, object], why: str) -> None:
    deal = deal_of(rep)
    made.touch(deal)
    FollowUp.objects.next_steps().update(**change)

    assert items(rep, days=8)[0].why == f"{why} Nothing heard yet."


def test_a_first_touch_says_so(rep: User) -> None:
    deal_of(rep)

    assert items(rep)[0].why == "Call Dana Whitfield. Never contacted yet."


@pytest.mark.practice("A10")
def test_a_lost_deal_comes_back_when_it_is_time(rep: User, now: dt.datetime) -> None:
    closing.lose(deal_of(rep), reason=make.reason("no-decision-maker"), by=rep)
    closing.lose(deal_of(rep), reason=make.reason("budget-gone"), by=rep)
    FollowUp.objects.filter(purpose="nurture").update(due_at=now + dt.timedelta(days=93))

    with time_machine.travel(now + dt.timedelta(days=94), tick=False):
        found = sorted(items(rep), key=lambda item: item.why)

    assert [(item.why, item.template) for item in found] == [
        ("Call Dana Whitfield again. Lost Mon 20 Apr.", "followups/_due_again.html"),
        (
            "Stay in touch, “Quarterly, light”: E-mail to Dana Whitfield. Lost Mon 20 Apr.",
            "followups/_due_again.html",
        ),
    ]


# ---- answers -------------------------------------------------------------------------------------


def test_a_buyer_who_wrote_waits_for_an_answer(rep: User) -> None:
    deal = deal_of(rep)
    made.touch(deal, days_ago=3)
    made.touch(deal, days_ago=1, channel="email", result="replied", note="Can we talk Monday?")

    found = items(rep, days=30)

    assert [told(item) for item in found] == [
        (Rank.ANSWERED, "Answered", "Dana Whitfield, yesterday 08:00.", True)
    ]
    assert found[0].buyer_words == "Can we talk Monday?"


@pytest.mark.parametrize("then", ["call back", "agree a date", "lose", "wait for two weeks"])
def test_an_answer_waits_until_something_was_done_about_it(
    rep: User, now: dt.datetime, then: str
) -> None:
    deal = deal_of(rep)
    ago = 15 if then == "wait for two weeks" else 1
    made.touch(deal, days_ago=ago, channel="email", result="replied")
    if then == "call back":
        made.touch(deal)
    elif then == "agree a date":
        plans.agree(deal, Agreement(next_at=now + dt.timedelta(days=9)), by=rep, now=now)
    elif then == "lose":
        closing.lose(deal, reason=make.reason("no-decision-maker"), by=rep)

    assert [item for item in items(rep) if item.rank == Rank.ANSWERED] == []


def test_an_out_of_office_answer_is_none(rep: User) -> None:
    made.touch(deal_of(rep), channel="email", result="out_of_office")

    assert [item for item in items(rep) if item.rank == Rank.ANSWERED] == []


# ---- risks ---------------------------------------------------------------------------------------


@pytest.mark.practice("B6")
def test_a_deal_about_to_close_says_when_and_that_letting_go_is_fine(
    rep: User, now: dt.datetime
) -> None:
    made.deal_at_risk(owner=rep)
    why = (
        "Closes Monday 27 April unless a next step is agreed or somebody answers."
        " Letting go is fine."
    )
    chips = []
    for days in (0, 6, 7):
        with time_machine.travel(now + dt.timedelta(days=days), tick=False):
            chips.append(told(items(rep)[0]))

    assert chips == [
        (Rank.AT_RISK, "Closes in 7 days", why, True),
        (Rank.AT_RISK, "Closes in 1 day", why, True),
        (Rank.AT_RISK, "Closes today", why, True),
    ]


def test_a_deal_kept_open_shows_its_step(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)
    step: dict[str, Any] = {
        "what": "Pilot",
        "due_at": now + dt.timedelta(days=2),
        "channel": "call",
    }
    letting_go.keep_open(deal, by=rep, now=now, **step)

    found = items(rep, days=3)

    assert [(item.rank, item.why) for item in found] == [
        (Rank.DUE, "Call: Pilot, every 7 days. Nothing heard yet.")
    ]


# ---- all together --------------------------------------------------------------------------------


def test_each_reads_their_own_in_their_own_time(now: dt.datetime) -> None:
    rome = shared.user(time_zone="Europe/Rome")
    tokyo = shared.user(time_zone="Asia/Tokyo", language="it")
    for owner in (rome, tokyo):
        made.touch(deal_of(owner))

    with time_machine.travel(now + dt.timedelta(days=7), tick=False), translation.override("en"):
        found = items(rome, tokyo)

    # nine o'clock in London
    assert {item.user_id: item.chip for item in found} == {rome.pk: "10:00", tokyo.pk: "17:00"}


def test_what_is_archived_or_somebody_elses_is_not_there(rep: User, colleague: User) -> None:
    archived = deal_of(rep)
    Deal.objects.filter(pk=archived.pk).update(archived_at=archived.opened_at)
    deal_of(colleague)

    assert items(rep) == []


def test_three_statements_for_all_people_and_deals(
    now: dt.datetime, django_assert_num_queries: Any
) -> None:
    users = [shared.user() for _ in range(3)]
    for owner in users:
        made.touch(deal_of(owner), channel="email", result="replied")
        made.deal_at_risk(owner=owner)
        deal_of(owner)

    with django_assert_num_queries(3):
        one = items(users[0])
    with django_assert_num_queries(3):
        all_of_them = items(*users)

    assert (len(one), len(all_of_them)) == (3, 9)
