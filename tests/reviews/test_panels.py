"""What the deal page shows from reviews."""

import datetime as dt

import pytest
from django.test import RequestFactory

from crm.shared import mailing
from deals.actions import closing, reopening
from deals.models import Deal
from reviews import panels
from reviews.models import FeedbackInvitation
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db


def seen_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def fresh(deal):
    return Deal.objects.with_names().get(pk=deal.pk)


# ---- the review ----------------------------------------------------------------------------------


def test_a_closed_deal_shows_its_review(rep):
    review = reviews.review(owner=rep)

    panel = panels.reviews(seen_by(rep), fresh(review.deal))

    assert (panel.template, panel.context["review"], panel.context["is_won"]) == (
        "reviews/_panel.html",
        review,
        False,
    )


def test_a_closed_deal_without_a_review_offers_to_start_one(rep):
    outcome = reviews.outcome(owner=rep)

    panel = panels.reviews(seen_by(rep), fresh(outcome.deal))

    assert (panel.context["review"], panel.context["may_review"]) == (None, True)


def test_whoever_may_not_review_is_offered_nothing(rep, viewer):
    outcome = reviews.outcome(owner=rep)

    assert panels.reviews(seen_by(viewer), fresh(outcome.deal)) is None


def test_a_disqualified_deal_shows_no_review(rep):
    deal = deals.deal(owner=rep)
    closing.disqualify(deal, disqualified_as="duplicate", by=rep)

    assert panels.reviews(seen_by(rep), fresh(deal)) is None


@pytest.mark.practice("A5", "F6")
def test_an_open_deal_shows_what_we_said_we_would_do_with_this_customer(rep):
    account = deals.account(owner=rep)
    reviews.held_review(owner=rep, outcome=reviews.outcome(owner=rep, account=account))
    reviews.held_review(
        owner=rep, outcome=reviews.outcome(owner=rep, account=deals.account(owner=rep))
    )
    deal = deals.deal(owner=rep, account=account)

    panel = panels.reviews(seen_by(rep), fresh(deal))

    assert [str(promise) for promise in panel.context["promises"]] == [
        "Meet the plant manager first"
    ]


@pytest.mark.practice("A5", "F6")
def test_a_second_chance_shows_what_was_said_after_the_loss(rep):
    review = reviews.held_review(owner=rep)
    chance = reopening.second_chance(fresh(review.deal), by=rep)

    panel = panels.reviews(seen_by(rep), fresh(chance))

    assert [promise.review for promise in panel.context["promises"]] == [review]


def test_promises_of_deals_that_one_does_not_see_stay_unseen(rep, outsider):
    account = deals.account(owner=rep)
    reviews.held_review(owner=rep, outcome=reviews.outcome(owner=rep, account=account))
    deal = deals.deal(owner=outsider, account=account)

    assert panels.reviews(seen_by(outsider), fresh(deal)) is None


def test_an_open_deal_without_a_past_shows_nothing(rep):
    assert panels.reviews(seen_by(rep), fresh(deals.deal(owner=rep))) is None


# ---- the buyer's view ----------------------------------------------------------------------------


@pytest.mark.practice("A3", "F3")
def test_the_buyers_answer_stands_beside_our_reason(rep, client):
    answer = reviews.answered(
        owner=rep, value_statement="One supplier less", can_help="Ola", factors=["fit"]
    )

    panel = panels.buyer_view(seen_by(rep), fresh(answer.deal))
    client.force_login(rep)
    page = client.get(f"/reviews/deals/{answer.deal_id}/buyer/").content.decode()

    assert panel.context["feedback"] == answer
    for words in (
        "Price or value",
        "Timing",
        "“Ask us again in spring”",
        "“One supplier less”",
        "“Ola”",
    ):
        assert words in page
    assert answer.contact.name in page


def test_without_consent_the_answer_comes_without_a_name(rep, client):
    answer = reviews.answered(owner=rep, show_name=False)
    client.force_login(rep)

    page = client.get(f"/reviews/deals/{answer.deal_id}/buyer/").content.decode()

    assert "The buyer prefers to stay without a name." in page
    assert answer.invitation.contact.name not in page


STATES = {
    "planned": ({}, "is asked why on"),
    "invited": ({"state": "invited"}, "was asked why on"),
    "reminded": ({"state": "reminded"}, "Reminded once, on"),
    "expired": ({"state": "expired"}, "did not answer"),
    "withdrawn": ({"state": "withdrawn", "withdrawn_because": "late"}, "more than 48 hours late"),
}


@pytest.mark.parametrize(("fields", "words"), STATES.values(), ids=STATES)
def test_before_an_answer_the_panel_says_where_it_stands(rep, client, now, fields, words):
    invitation = (
        reviews.sent_invitation(owner=rep) if "state" in fields else reviews.invitation(owner=rep)
    )
    more = (
        {"reminded_at": now, "reminder_token_hash": "x"}
        if fields.get("state") == "reminded"
        else {}
    )
    FeedbackInvitation.objects.update(**fields, **more)
    client.force_login(rep)

    page = client.get(f"/reviews/deals/{invitation.deal_id}/buyer/").content.decode()

    assert words in " ".join(page.split())


WHY_NOT = {
    "no contact": ({"do_not_contact": True}, "this person wishes no contact"),
    "no mail": ({"email": "stop@example.com"}, "this person wishes no contact"),
    "no address": ({"email": ""}, "no e-mail address is known"),
}


@pytest.mark.parametrize(("fields", "why"), WHY_NOT.values(), ids=WHY_NOT)
def test_the_panel_says_why_a_buyer_is_not_asked(rep, client, fields, why):
    mailing.suppress("stop@example.com")
    outcome = reviews.outcome(owner=rep, contact=deals.contact(owner=rep, **fields))
    client.force_login(rep)

    page = client.get(f"/reviews/deals/{outcome.deal_id}/buyer/").content.decode()

    assert f"The buyer is not asked why: {why}." in page


def test_nothing_is_said_where_nobody_was_to_be_asked(rep):
    reachable = reviews.outcome(owner=rep, contact=deals.contact(owner=rep))
    nobody = reviews.outcome(owner=rep)
    still_open = deals.deal(owner=rep, contact=deals.contact(owner=rep, email=""))

    shown = [
        panels.buyer_view(seen_by(rep), fresh(deal))
        for deal in (reachable.deal, nobody.deal, still_open)
    ]

    assert shown == [None, None, None]


# ---- alone, for htmx -----------------------------------------------------------------------------


def test_the_panels_refresh_alone(rep, client):
    review = reviews.held_review(owner=rep, due_on=dt.date(2026, 4, 20))
    client.force_login(rep)

    panel = client.get(f"/reviews/deals/{review.deal_id}/panel/")
    nothing = client.get(f"/reviews/deals/{review.deal_id}/buyer/")

    assert panel.status_code == 200
    assert "Meet the plant manager first" in panel.content.decode()
    assert (nothing.status_code, nothing.content) == (204, b"")


@pytest.mark.parametrize("path", ["panel", "buyer"])
def test_panels_of_unseen_deals_are_not_there(outsider, rep, client, path):
    review = reviews.review(owner=rep)
    client.force_login(outsider)

    assert client.get(f"/reviews/deals/{review.deal_id}/{path}/").status_code == 404


# ---- the answer, noted ---------------------------------------------------------------------------


def test_an_answer_is_noted_from_the_deal(rep, client):
    answer = reviews.answered(owner=rep)
    client.force_login(rep)

    response = client.post(f"/reviews/feedback/{answer.pk}/read/")

    answer.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"/deals/{answer.deal_id}/")
    assert answer.read_at is not None


def test_an_answer_is_noted_in_place(rep, client):
    answer = reviews.answered(owner=rep)
    client.force_login(rep)
    path = f"/reviews/feedback/{answer.pk}/read/"

    on_the_deal = client.post(path, headers={"HX-Request": "true", "HX-Target": "buyer-view"})
    on_today = client.post(path, headers={"HX-Request": "true", "HX-Target": "due-5-1-feedback-1"})

    assert 'id="buyer-view"' in on_the_deal.content.decode()
    assert "Noted</button>" not in on_the_deal.content.decode()
    assert 'id="buyer-view"' not in on_today.content.decode()


def test_an_unseen_answer_is_not_noted(rep, outsider, client):
    answer = reviews.answered(owner=rep)
    client.force_login(outsider)

    assert client.post(f"/reviews/feedback/{answer.pk}/read/").status_code == 404
