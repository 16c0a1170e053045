"""After a closing: the card, undo, second chances, and who may."""

import datetime as dt

import pytest
import time_machine

from crm.shared.models import EventRecord
from deals.actions import closing
from deals.models import Deal
from deals.states import DealStatus
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
