"""The touch box, the plan and persistence, as the deal page gets them."""

import datetime as dt

import pytest
import time_machine
from django.test import RequestFactory

from crm.shared.models import User
from crm.shared.panels import relations_of_panels
from deals.actions import closing
from deals.models import Deal
from followups import panels
from followups.actions import letting_go, plans
from followups.actions.plans import Agreement
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


def shown(panel, user: User, deal: Deal):
    request = RequestFactory().get("/")
    request.user = user
    found = panel(request, Deal.objects.with_names().get(pk=deal.pk))
    return found.context if found else None


@pytest.fixture
def deal(rep: User) -> Deal:
    contact = make.contact(owner=rep, name="Dana Whitfield", preferred_channel="email")
    return make.deal(owner=rep, contact=contact, stage=make.stage("negotiation"))


# ---- the touch box -------------------------------------------------------------------------------


def test_the_box_starts_with_the_channel_of_the_plan(rep, viewer, deal):
    context = shown(panels.touch_box, rep, deal)

    assert (context["channel"], context["rhythm"].contact, context["wait_until"]) == (
        "email",
        deal.contact,
        None,
    )
    assert shown(panels.touch_box, viewer, deal) is None


def test_the_box_is_not_there_on_a_closed_deal(rep, deal):
    closing.win(deal, by=rep)

    assert shown(panels.touch_box, rep, deal) is None


@pytest.mark.practice("B5")
def test_the_box_warns_of_a_touch_before_the_agreed_day(rep, deal, now):
    plans.agree(deal, Agreement(interval_days=7), by=rep, now=now)
    made.touch(deal)

    with time_machine.travel(now + dt.timedelta(days=3), tick=False):
        early = shown(panels.touch_box, rep, deal)["wait_until"]
    with time_machine.travel(now + dt.timedelta(days=7), tick=False):
        on_the_day = shown(panels.touch_box, rep, deal)["wait_until"]

    assert (early, on_the_day) == (dt.date(2026, 4, 27), None)


# ---- the plan ------------------------------------------------------------------------------------


def test_the_plan_says_what_is_due_there(rep, deal, now):
    made.touch(deal)

    with time_machine.travel(now + dt.timedelta(days=9), tick=False):
        context = shown(panels.plan, rep, deal)

    assert (context["rhythm"].is_agreed, context["by"]) == (False, "e-mail")
    step = context["steps"][0]
    assert (step["there_at"], step["city"], step["to_do"], step["days_late"]) == (
        {"day": dt.date(2026, 4, 27), "time": "09:00"},
        "London",
        "E-mail to Dana Whitfield",
        2,
    )


def test_the_plan_of_a_lost_deal_says_when_to_call_again(rep, deal):
    won = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason("budget-gone"), by=rep)
    closing.win(won, by=rep)

    context = shown(panels.plan, rep, deal)

    assert [step["follow_up"].purpose for step in context["steps"]] == ["nurture", "revisit"]
    assert shown(panels.plan, rep, won) is None


# ---- persistence ---------------------------------------------------------------------------------


@pytest.mark.practice("B1", "E1")
def test_persistence_shows_the_rule_before_it_bites(rep, deal, now):
    made.touch(deal, days_ago=12)
    made.touch(deal, days_ago=2)

    context = shown(panels.persistence, rep, deal)

    meter = context["meter"]
    assert (meter.unanswered, meter.max_unanswered, meter.silent_days, meter.max_silent_days) == (
        2,
        6,
        12,
        45,
    )
    # four more tries at 7 days each end on 16 May, before 45 days of silence do; 7 days of grace
    assert (context["state"], context["is_dead"], context["closes_on"]) == (
        "ok",
        False,
        dt.date(2026, 5, 23),
    )


def test_an_agreed_date_holds_the_closing_back(rep, deal, now):
    made.touch(deal, days_ago=3)
    plans.agree(deal, Agreement(next_at=now + dt.timedelta(days=90)), by=rep, now=now)

    context = shown(panels.persistence, rep, deal)

    assert (context["is_parked"], context["closes_on"]) == (True, dt.date(2026, 7, 26))


def test_a_deal_at_risk_offers_to_keep_it_or_to_let_go(rep, manager, now):
    deal = made.deal_at_risk(owner=rep)
    before = shown(panels.persistence, rep, deal)
    step = {"what": "Pilot", "due_at": now + dt.timedelta(days=2), "channel": "call"}
    letting_go.keep_open(deal, by=rep, now=now, **step)

    offers = [
        (context["is_dead"], context["may_keep"], context["may_let_go"])
        for context in (
            before,
            shown(panels.persistence, rep, deal),
            shown(panels.persistence, manager, deal),
        )
    ]

    assert before["state"] == "met"
    assert offers == [(True, True, True), (True, False, True), (True, True, True)]


def test_nothing_is_measured_where_no_rule_holds(rep, deal):
    in_order = make.put_in(make.deal(owner=rep), "order")
    never = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason(), by=rep)

    assert shown(panels.persistence, rep, in_order) is None
    assert shown(panels.persistence, rep, deal) is None
    context = shown(panels.persistence, rep, never)
    assert (context["meter"].is_never_contacted, context["closes_on"]) == (True, None)


def test_the_panels_together_take_one_statement(rep, deal, django_assert_num_queries):
    made.touch(deal)
    made.plan(deal)
    request = RequestFactory().get("/")
    request.user = rep
    found = Deal.objects.with_names().select_related(*relations_of_panels()).get(pk=deal.pk)

    with django_assert_num_queries(1):
        for panel in (panels.touch_box, panels.plan, panels.persistence):
            panel(request, found)
