"""What happens after a loss: the steps of the playbook, their days, and who is not asked."""

import datetime as dt
import json

import pytest

from deals.actions import directory
from deals.models import Deal
from deals.states import DealStatus
from followups.actions import touches
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/deals/?stage=2"}


@pytest.fixture
def deal(rep):
    account = make.account(owner=rep, name="Harbour Provisions")
    person = make.contact(owner=rep, name="Sam Okafor", account=account)
    return make.deal(owner=rep, title="Retrofit", account=account, contact=person)


@pytest.fixture
def page(client, rep):
    """A browser in which the rep is signed in."""
    client.force_login(rep)
    return client


def path(deal, verb):
    return f"/deals/{deal.pk}/{verb}/"


def status(deal):
    return Deal.objects.values_list("status", flat=True).get(pk=deal.pk)


@pytest.mark.practice("A6")
def test_unticked_steps_are_not_set_up_and_other_days_hold(page, deal):
    data = {
        "reason": "timing",
        "playbook_of": "timing",
        "shown": ["ask_buyer", "review", "ask_referral", "nurture", "revisit"],
        "ask_referral": "on",
        "ask_referral_days": "30",
    }

    answer = page.post(path(deal, "lose"), data, headers=HTMX)

    assert [(line.text, line.on) for line in answer.context["set_up"]] == [
        ("You ask Sam for a referral", dt.date(2026, 5, 20))
    ]


def test_the_dialog_names_the_days_that_then_hold(page, deal):
    books = json.loads(page.get(path(deal, "lose")).context["books"])

    steps = books["timing"]["steps"]
    assert {code: (facts.get("days"), facts.get("on")) for code, facts in steps.items()} == {
        "review": (None, None),
        "ask_buyer": (3, "Thu 23 Apr"),
        "ask_referral": (7, "Mon 27 Apr"),
        "revisit": (90, "Mon 20 Jul"),
        "nurture": (None, "Thu 4 Jun"),
    }


def test_a_preview_shows_the_playbook_and_closes_nothing(page, deal):
    answer = page.post(path(deal, "lose"), {"reason": "timing", "preview": "1"})

    shown = [(step.code, step.is_wanted) for step in answer.context["steps"] if step.is_shown]
    assert shown == [
        ("ask_buyer", True),
        ("review", True),
        ("ask_referral", True),
        ("nurture", True),
        ("revisit", True),
    ]
    assert status(deal) == DealStatus.OPEN


def test_after_an_error_the_steps_are_as_the_person_left_them(page, deal):
    data = {
        "reason": "timing",
        "playbook_of": "timing",
        "shown": ["ask_buyer", "ask_referral", "revisit"],
        "revisit": "on",
        "revisit_days": "99999",
    }

    answer = page.post(path(deal, "lose"), data)

    steps = {step.code: step for step in answer.context["steps"]}
    assert answer.status_code == 422
    assert (steps["ask_buyer"].is_wanted, steps["revisit"].is_wanted) == (False, True)
    assert steps["revisit"].days == "99999"


@pytest.mark.parametrize(
    ("facts", "hint", "missing"),
    [
        ({"email": ""}, "no e-mail address", {"ask_buyer"}),
        (
            {"do_not_contact": True, "do_not_contact_why": "Asked"},
            "does not want to be contacted",
            {"ask_buyer", "nurture", "revisit"},
        ),
    ],
)
def test_nobody_is_asked_who_cannot_be(page, deal, rep, facts, hint, missing):
    directory.edit_contact(deal.contact, by=rep, **facts)

    answer = page.get(path(deal, "lose"), {"reason": "timing"})

    shown = {step.code for step in answer.context["steps"] if step.is_shown}
    assert {"ask_buyer", "review", "ask_referral", "nurture", "revisit"} - shown == missing
    assert hint in answer.content.decode()


def test_a_deal_without_a_contact_says_that_nobody_is_asked_why(page, rep):
    deal = make.deal(owner=rep)

    answer = page.get(path(deal, "lose"), {"reason": "timing"})

    assert "names no contact" in answer.content.decode()
    assert [step.title for step in answer.context["steps"]][2] == "Ask for a referral"


def test_the_buyers_last_words_are_filled_in(page, deal, rep, now):
    for text, days in [("We like it.", 2), ("The group froze all spending.", 1)]:
        touches.log_touch(
            deal,
            by=rep,
            at=now - dt.timedelta(days=days),
            channel="email",
            direction="in",
            result="replied",
            contact=deal.contact,
            note=text,
        )

    answer = page.get(path(deal, "lose"))

    assert answer.context["form"]["buyer_words"].value() == "The group froze all spending."
    assert answer.context["words"].source == "From an e-mail of Sun 19 Apr."


# ---- the day of a step -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "days", "on"),
    [
        ("ask_referral", "14", "Mon 4 May"),
        ("ask_buyer", "5", "Mon 27 Apr"),
        ("revisit", "0", "Tue 21 Apr"),
        ("revisit", "14", "Tue 5 May"),
    ],
)
def test_a_day_falls_on_a_working_day_there(page, deal, rep, step, days, on):
    directory.edit_contact(deal.contact, by=rep, country="PL" if on == "Mon 4 May" else "GB")

    answer = page.get(path(deal, "lose") + "due-on/", {"step": step, "days": days})

    assert (answer.status_code, answer.content.decode()) == (200, on)


@pytest.mark.parametrize(
    "query", [{}, {"step": "revisit", "days": "x"}, {"step": "nurture", "days": "1"}]
)
def test_any_other_question_has_no_answer(page, deal, query):
    assert page.get(path(deal, "lose") + "due-on/", query).status_code == 422


def test_more_than_ten_years_is_no_day(page, deal):
    query = {"step": "revisit", "days": "3651"}

    assert page.get(path(deal, "lose") + "due-on/", query).status_code == 422
