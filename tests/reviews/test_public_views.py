"""The buyer's page: one link, one answer, nothing sold, nothing leaked."""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.urls import reverse

from deals.models import LossReason
from reviews import public_views
from reviews.models import BuyerFeedback, FeedbackInvitation
from tests.factories import deals, reviews
from tests.factories.reviews import TOKEN

pytestmark = pytest.mark.django_db


def path(token=TOKEN):
    return reverse("reviews_public:feedback", args=[token])


def text_of(response):
    return response.content.decode()


@pytest.fixture
def invitation(rep):
    return reviews.sent_invitation(owner=rep)


# ---- the page ------------------------------------------------------------------------------------


@pytest.mark.practice("A3", "D7")
def test_the_page_asks_and_chooses_nothing_beforehand(client, rep, settings):
    settings.COMPANY_NAME = "Halden Cold-Chain"
    outcome = reviews.outcome(
        owner=rep,
        contact=deals.contact(owner=rep),
        title="Upsell, weak champion",
        product=deals.product("Depot monitoring"),
    )
    reviews.sent_invitation(owner=rep, outcome=outcome)

    response = client.get(path())

    page = text_of(response)
    assert response.status_code == 200
    assert "our offer for Depot monitoring" in page
    assert "Budget was not available" in page
    assert "References from others" in page
    assert " checked" not in page
    for unsaid in (
        "Upsell",
        "1,000",
        "1000",
        "EUR",
        "discount",
        "Rebound",
        "<script",
        "No decision-maker",
        "Not stated",
    ):
        assert unsaid not in page


def test_the_page_needs_no_cookie_and_gives_its_address_to_nobody(client, invitation):
    response = client.get(path())

    assert response.cookies == {}
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert "http" not in text_of(response).replace("http://127.0.0.1:8000/unsubscribe", "").replace(
        "http://www.w3.org", ""
    )


def test_looking_changes_nothing_however_often(client, invitation):
    before = FeedbackInvitation.objects.values().get()

    statuses = {client.get(path()).status_code for _ in range(10)} | {
        client.head(path()).status_code
    }

    assert statuses == {200}
    assert FeedbackInvitation.objects.values().get() == before


@pytest.mark.parametrize(
    ("own", "asked", "shown"),
    [
        ("", "", "en"),
        ("it", "", "it"),
        ("zh-Hans", "", "zh-hans"),
        ("it", "?lang=pl", "pl"),
        ("it", "?lang=xx", "it"),
        ("xx", "", "en"),
    ],
)
def test_the_page_is_in_the_language_of_its_reader(client, rep, own, asked, shown):
    contact = deals.contact(owner=rep, language=own)
    reviews.sent_invitation(owner=rep, outcome=reviews.outcome(owner=rep, contact=contact))

    page = text_of(client.get(path() + asked))

    assert f'<html lang="{shown}"' in page


def test_the_page_is_asked_for_in_the_same_way_or_not_at_all(client, invitation):
    assert client.put(path()).status_code == 405


# ---- the answer ----------------------------------------------------------------------------------

ALL_OF_IT = {
    "reason": "timing",
    "factors": ["effort", "terms"],
    "value_statement": "One supplier less",
    "words": "Ask us again in spring",
    "show_name": "yes",
    "again": "6",
    "can_help": "Ola at Fjordfisk",
}


@pytest.mark.practice("A3")
def test_an_answer_arrives_and_the_page_says_so(client, invitation):
    response = client.post(path(), ALL_OF_IT, follow=True)

    answer = BuyerFeedback.objects.get()
    assert response.redirect_chain == [(path(), 302)]
    assert "Your view has arrived" in text_of(response)
    assert (answer.reason.slug, answer.factors) == ("timing", ["effort", "terms"])
    assert (answer.value_statement, answer.words) == ("One supplier less", "Ask us again in spring")
    assert (answer.contact, answer.can_help) == (invitation.contact, "Ola at Fjordfisk")
    assert answer.contact_again_on == dt.date(2026, 10, 19)


@pytest.mark.parametrize(
    ("sent", "contact_again_on", "is_named"),
    [
        ({"words": "x"}, None, False),
        ({"words": "x", "show_name": "no", "again": "no"}, None, False),
        ({"again": "3"}, dt.date(2026, 7, 20), False),
        ({"again": "12", "show_name": "yes"}, dt.date(2027, 4, 20), True),
    ],
)
def test_what_is_left_out_is_a_no(client, invitation, sent, contact_again_on, is_named):
    client.post(path(), sent)

    answer = BuyerFeedback.objects.get()
    assert (answer.contact_again_on, answer.contact is not None) == (contact_again_on, is_named)
    assert answer.may_contact == (contact_again_on is not None)


@pytest.mark.practice("F3")
def test_a_reason_that_the_company_added_is_asked_under_its_own_name(client, invitation):
    LossReason.objects.create(
        slug="parking", name="No parking at the depot", control="ours", position=99
    )

    page = text_of(client.get(path()))
    client.post(path(), {"reason": "parking"})

    assert "No parking at the depot" in page
    assert BuyerFeedback.objects.get().reason.slug == "parking"


REFUSED = {
    "nothing at all": ({}, "There is nothing to send yet"),
    "a reason of our own": ({"reason": "no-decision-maker"}, "Select a valid choice"),
    "the system's reason": ({"reason": "no-answer"}, "Select a valid choice"),
    "price as what else": ({"factors": "price"}, "Select a valid choice"),
    "far too many words": ({"words": "x" * 4001}, "at most 4000 characters"),
}


@pytest.mark.parametrize(("sent", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_leaves_the_link_open(client, invitation, sent, why):
    response = client.post(path(), sent)

    invitation.refresh_from_db()
    assert (response.status_code, invitation.state) == (422, "invited")
    assert why in text_of(response)
    assert not BuyerFeedback.objects.exists()


def test_what_was_typed_survives_a_refusal(client, invitation):
    page = text_of(
        client.post(path(), {"reason": "no-answer", "words": "In spring", "factors": ["fit"]})
    )

    assert "In spring" in page
    assert page.count(" checked") == 1


def test_no_token_of_a_form_is_asked_for(invitation):
    browser = Client(enforce_csrf_checks=True)

    response = browser.post(path(), {"words": "x"}, headers={"origin": "null"})

    assert response.status_code == 302


# ---- links that have ended -----------------------------------------------------------------------


def test_a_second_answer_finds_the_first(client, invitation):
    client.post(path(), {"words": "first"})

    response = client.post(path(), {"words": "second"})

    assert response.status_code == 200
    assert "Your view has arrived" in text_of(response)
    assert list(BuyerFeedback.objects.values_list("words", flat=True)) == ["first"]


def test_an_answer_that_came_in_between_is_found(client, invitation, monkeypatch):
    """Two submits at once: the one that waited for the lock is told the same as its twin."""
    is_open = iter([True, False])
    monkeypatch.setattr(public_views, "_is_open", lambda invitation: next(is_open))
    FeedbackInvitation.objects.update(state="answered")

    response = client.post(path(), {"words": "second"})

    assert "Your view has arrived" in text_of(response)
    assert not BuyerFeedback.objects.exists()


ENDED = {
    "unknown": ("no-such-token", {}),
    "empty": (" ", {}),
    "its hash": (None, {}),
    "expired": (TOKEN, {"state": "expired"}),
    "past its day": (TOKEN, {"expires_at": dt.datetime(2026, 4, 20, 8, tzinfo=dt.UTC)}),
    "withdrawn": (TOKEN, {"state": "withdrawn", "withdrawn_because": "undone"}),
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("token", "fields"), ENDED.values(), ids=ENDED)
def test_a_link_that_ended_and_one_that_never_was_look_the_same(
    client, invitation, method, token, fields
):
    FeedbackInvitation.objects.update(**fields)
    asked = invitation.token_hash if token is None else token

    response = getattr(client, method)(path(asked), {"words": "x"} if method == "post" else {})

    unknown = client.get(path("no-such-token-either"))
    assert response.status_code == 404
    assert text_of(response) == text_of(unknown)
    assert not BuyerFeedback.objects.exists()


# ---- how often -----------------------------------------------------------------------------------


def test_more_than_twenty_requests_a_minute_are_too_many(client, invitation, now):
    statuses = [client.get(path(f"wrong-{n}")).status_code for n in range(21)]
    refused = client.get(path())
    other_address = client.get(path(), REMOTE_ADDR="203.0.113.9")
    with time_machine.travel(now + dt.timedelta(minutes=1), tick=False):
        a_minute_later = client.get(path())

    assert statuses == [404] * 20 + [429]
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert (other_address.status_code, a_minute_later.status_code) == (200, 200)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_fifty_answers_at_once_one_is_taken(rep):
    reviews.sent_invitation(owner=rep)
    statuses = []

    def answer(number):
        browser = Client()
        response = browser.post(
            path(), {"words": f"answer {number}"}, REMOTE_ADDR=f"203.0.113.{number}"
        )
        statuses.append(response.status_code)
        connections.close_all()

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] * 49 + [302]
    assert BuyerFeedback.objects.count() == 1
