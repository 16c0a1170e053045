"""Lost, won, disqualified and back again, through the pages."""

import datetime as dt
import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.models import EventRecord
from deals.actions import closing, directory, pipeline
from deals.models import Deal, Outcome
from deals.states import DealStatus, Phase
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


# ---- lost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "template"), [({}, "deals/lost.html"), (HTMX, "deals/_lost.html")]
)
def test_the_dialog_is_a_page_as_well(page, deal, headers, template):
    answer = page.get(path(deal, "lose"), headers=headers)

    assert (answer.status_code, answer.templates[0].name) == (200, template)


def test_the_first_nine_reasons_have_a_digit_and_none_is_chosen(page, deal):
    tiles = page.get(path(deal, "lose")).context["tiles"]

    assert [(tile.reason.slug, tile.digit) for tile in tiles.first[:2]] == [
        ("budget-gone", 1),
        ("price-or-value", 2),
    ]
    assert (len(tiles.first), [tile.digit for tile in tiles.others]) == (9, [0, 0, 0, 0])
    assert not any(tile.is_chosen for tile in [*tiles.first, *tiles.others])
    assert not tiles.opens_others


def test_a_link_may_name_the_reason(page, deal):
    answer = page.get(path(deal, "lose"), {"reason": "poor-fit"})

    assert answer.context["tiles"].opens_others
    assert answer.context["book"]["name"] == "Poor fit"


@pytest.mark.practice("A1")
def test_one_press_is_enough_and_the_card_says_what_was_set_up(page, deal):
    answer = page.post(path(deal, "lose"), {"reason": "timing"}, headers=HTMX)

    assert (answer.status_code, answer.templates[0].name) == (200, "deals/_closed.html")
    assert status(deal) == DealStatus.LOST
    assert [(line.text, line.on) for line in answer.context["set_up"]] == [
        ("Sam is asked why, neutrally", dt.date(2026, 4, 23)),
        ("You ask Sam for a referral", dt.date(2026, 4, 27)),
        ("Review, ten minutes", dt.date(2026, 4, 27)),
        ("Stay in touch: “Quarterly, light”", dt.date(2026, 6, 4)),
        ("Write again", dt.date(2026, 7, 20)),
    ]
    assert answer.context["back"] == "/deals/?stage=2"
    assert answer.context["undo_ends_at"] == dt.datetime(2026, 4, 21, 8, tzinfo=dt.UTC)
    assert answer.context["may_undo"]


def test_without_a_script_the_card_is_the_next_page(page, deal):
    answer = page.post(path(deal, "lose"), {"reason": "timing", "next": "/?x=1"}, follow=True)

    assert answer.redirect_chain == [(f"/deals/{deal.pk}/closed/?next=%2F%3Fx%3D1", 302)]
    assert (answer.templates[0].name, answer.context["back"]) == ("deals/closed.html", "/?x=1")


@pytest.mark.practice("A1")
def test_no_loss_without_a_reason_and_what_was_typed_stays(page, deal):
    data = {"buyer_words": "Not this year", "note": "Nice people", "six_value": "yes"}

    answer = page.post(path(deal, "lose"), data, headers=HTMX)

    form = answer.context["form"]
    assert (answer.status_code, set(form.errors)) == (422, {"reason"})
    assert [form[name].value() for name in data] == ["Not this year", "Nice people", "yes"]
    assert status(deal) == DealStatus.OPEN


def test_other_asks_for_a_note(page, deal):
    answer = page.post(path(deal, "lose"), {"reason": "other"}, headers=HTMX)

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"note"})
    assert answer.context["tiles"].opens_others


@pytest.mark.practice("A1", "A2", "A4")
def test_everything_that_was_said_is_kept(page, deal, rep):
    rival = make.competitor()
    data = {
        "reason": "lost-to-a-competitor",
        "other_reasons": ["timing", "price-or-value"],
        "control": "ours",
        "competitor": rival.pk,
        "buyer_words": "They were first.",
        "note": "Be earlier.",
        "six_competitors": "no",
    }

    page.post(path(deal, "lose"), data)

    outcome = Outcome.objects.get(deal=deal)
    assert [other.reason.slug for other in outcome.other_reasons.all()] == [
        "price-or-value",
        "timing",
    ]
    assert (outcome.control, outcome.competitor, outcome.by) == ("ours", rival, rep)
    assert (outcome.buyer_words, outcome.note) == ("They were first.", "Be earlier.")
    assert outcome.reflection == {"competitors": "no"}


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
        "nurture": (None, None),
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


def test_who_saw_an_older_deal_is_told_and_can_press_again(page, deal, colleague):
    version = Deal.objects.get(pk=deal.pk).version
    pipeline.edit(deal, by=colleague, amount=5)

    answer = page.post(path(deal, "lose"), {"reason": "timing", "version": version, "note": "Mine"})
    form = answer.context["form"]

    assert answer.status_code == 409
    assert (form["note"].value(), form["version"].value()) == ("Mine", str(version + 1))
    assert status(deal) == DealStatus.OPEN
    page.post(path(deal, "lose"), {"reason": "timing", "version": version + 1})
    assert status(deal) == DealStatus.LOST


def test_a_deal_is_lost_once(page, deal, rep):
    version = Deal.objects.get(pk=deal.pk).version
    closing.lose(deal, by=rep, reason=make.reason("budget-gone"))

    answer = page.post(path(deal, "lose"), {"reason": "timing", "version": version}, headers=HTMX)

    assert answer.status_code == 409
    assert answer.context["form"].non_field_errors() == ["This deal is lost already."]
    assert Outcome.objects.get(deal=deal).reason.slug == "budget-gone"


def test_the_page_adds_little_to_the_closing(page, deal, rep):
    before, twin = (
        make.deal(owner=rep, account=deal.account, contact=deal.contact) for _each in range(2)
    )
    closing.lose(before, by=rep, reason=make.reason("timing"))  # plans the review of the quarter
    with CaptureQueriesContext(connection) as action:
        closing.lose(twin, by=rep, reason=make.reason("timing"))
    with CaptureQueriesContext(connection) as whole:
        page.post(path(deal, "lose"), {"reason": "timing"}, headers=HTMX)

    # session, me, the deal, the reason; then the deal as closed, what was set up, its worth (4)
    assert len(whole) - len(action) == 9


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


# ---- won, disqualified -----------------------------------------------------------------------------


def test_a_win_needs_nothing(page, deal):
    asked = page.get(path(deal, "win"), headers=HTMX)
    answer = page.post(path(deal, "win"), {}, headers=HTMX)

    assert asked.templates[0].name == "deals/_won.html"
    assert answer.templates[0].name == "deals/_closed.html"
    assert "Won. Well done." in answer.content.decode()
    assert status(deal) == DealStatus.WON


def test_a_win_keeps_what_decided_it(page, deal):
    data = {"won_because": ["value", "trust"], "buyer_words": "We sleep at night.", "note": "Dana"}

    page.post(path(deal, "win"), data)

    outcome = Outcome.objects.get(deal=deal)
    assert (outcome.won_because, outcome.buyer_words, outcome.note) == (
        ["value", "trust"],
        "We sleep at night.",
        "Dana",
    )


def test_letting_go_asks_only_why(page, deal):
    refused = page.post(path(deal, "disqualify"), {}, headers=HTMX)
    answer = page.post(path(deal, "disqualify"), {"disqualified_as": "cannot_serve"}, headers=HTMX)

    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"disqualified_as"})
    assert "Let go, and rightly so." in answer.content.decode()
    assert status(deal) == DealStatus.DISQUALIFIED


@pytest.mark.parametrize("verb", ["win", "disqualify", "second-chance"])
def test_every_dialog_is_a_page_as_well(page, deal, verb):
    assert page.get(path(deal, verb)).status_code == 200


# ---- the card and the way back ---------------------------------------------------------------------


def test_an_open_deal_has_no_card(page, deal):
    assert page.get(path(deal, "closed")).url == f"/deals/{deal.pk}/"


def test_an_undo_opens_the_deal_and_withdraws_what_was_set_up(page, deal):
    page.post(path(deal, "lose"), {"reason": "timing"})

    answer = page.post(path(deal, "undo-close"), {"next": "/deals/"}, follow=True)

    assert answer.redirect_chain == [("/deals/", 302)]
    assert "Harbour Provisions · Retrofit is open again" in answer.content.decode()
    assert status(deal) == DealStatus.OPEN
    names = EventRecord.objects.filter(deal_id=deal.pk, cause=None).values_list("name", flat=True)
    assert list(names.order_by("pk")) == ["deal.created", "deal.lost", "deal.closing_undone"]


def test_an_undo_without_a_place_to_go_back_to_ends_at_the_deal(page, deal):
    page.post(path(deal, "win"), {})

    assert page.post(path(deal, "undo-close")).url == f"/deals/{deal.pk}/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_nobody_is_sent_elsewhere(page, deal, elsewhere):
    page.post(path(deal, "win"), {})

    assert page.post(path(deal, "undo-close"), {"next": elsewhere}).url == f"/deals/{deal.pk}/"


def test_after_a_day_it_is_too_late(page, deal, now):
    page.post(path(deal, "lose"), {"reason": "timing"})

    with time_machine.travel(now + dt.timedelta(hours=24), tick=False):
        page.force_login(deal.owner)
        card = page.get(path(deal, "closed"))
        answer = page.post(path(deal, "undo-close"), follow=True)

    assert not card.context["may_undo"]
    assert "The time to undo is over" in answer.content.decode()
    assert status(deal) == DealStatus.LOST


def test_an_open_deal_cannot_be_undone(page, deal):
    answer = page.post(path(deal, "undo-close"), follow=True)

    assert "This deal is open." in answer.content.decode()


def test_only_who_closed_it_or_a_manager_may_undo(client, deal, rep, manager, colleague):
    deal.collaborators.add(colleague)
    closing.lose(deal, by=rep, reason=make.reason())
    client.force_login(colleague)

    refused = client.post(path(deal, "undo-close"))
    seen = client.get(path(deal, "closed"))
    client.force_login(manager)
    allowed = client.post(path(deal, "undo-close"))

    assert (refused.status_code, allowed.status_code) == (403, 302)
    assert not seen.context["may_undo"]
    assert status(deal) == DealStatus.OPEN


def test_a_second_chance_is_a_deal_of_its_own(page, deal, rep):
    closing.lose(deal, by=rep, reason=make.reason())

    answer = page.post(path(deal, "second-chance"), {"title": "Once more"}, headers=HTMX)

    opened = Deal.objects.get(second_chance_of=deal)
    assert answer.headers["HX-Redirect"] == f"/deals/{opened.pk}/"
    assert (opened.title, opened.contact, status(deal)) == ("Once more", deal.contact, "lost")


@pytest.mark.parametrize(("title", "expected"), [("", 422), ("Once more", 409)])
def test_a_second_chance_needs_a_lost_deal_and_a_title(page, deal, title, expected):
    answer = page.post(path(deal, "second-chance"), {"title": title})

    assert answer.status_code == expected


# ---- who may ---------------------------------------------------------------------------------------

VERBS = ["lose", "win", "disqualify", "second-chance", "closed"]


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_not_seen_is_not_there(client, deal, outsider, viewer, colleague, verb):
    answers = []
    for user in (outsider, viewer, colleague):
        client.force_login(user)
        answers.append(client.get(path(deal, verb)).status_code)
        answers.append(client.post(path(deal, "undo-close")).status_code)

    assert set(answers) == {404}


def test_a_deal_that_never_was_is_not_there_either(page):
    assert page.get("/deals/987654321/lose/").status_code == 404


def test_closing_in_an_order_stage_changes_nothing_about_it(page, rep):
    deal = make.deal(owner=rep, stage=make.stage(Phase.NEGOTIATION))

    page.post(path(deal, "win"), {})

    assert Deal.objects.get(pk=deal.pk).stage.phase == Phase.ORDER
