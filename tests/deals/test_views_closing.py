"""Lost, won, disqualified and back again, through the pages."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.actions import closing, pipeline
from deals.models import Deal, Outcome
from deals.states import DealStatus, Phase
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
        "timing",
        "price-or-value",
    ]
    assert (outcome.control, outcome.competitor, outcome.by) == ("ours", rival, rep)
    assert (outcome.buyer_words, outcome.note) == ("They were first.", "Be earlier.")
    assert outcome.reflection == {"competitors": "no"}


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


@pytest.mark.practice("C7")
def test_a_win_moves_the_deal_on_to_its_order(page, rep):
    deal = make.deal(owner=rep, stage=make.stage(Phase.NEGOTIATION))

    page.post(path(deal, "win"), {})

    assert Deal.objects.get(pk=deal.pk).stage.phase == Phase.ORDER
