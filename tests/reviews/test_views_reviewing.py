"""The list of reviews, and the one page that saves as one types."""

import datetime as dt

import pytest

from deals.actions import closing
from deals.models import Stakeholder
from reviews.models import Review
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def typed(rep, **fields):
    known = {
        "version": "1",
        "value": "Half the work on Mondays",
        "voices": "The plant manager",
        "factors": ["trust", "price"],
        "next_text": ["Meet the plant manager first", ""],
        "next_owner": [str(rep.pk), str(rep.pk)],
    }
    return known | fields


# ---- the list ------------------------------------------------------------------------------------


def test_the_list_shows_what_is_to_hold_and_why(page, rep):
    outcome = reviews.outcome(owner=rep, title="Depot retrofit")
    reviews.review(owner=rep, outcome=outcome)
    reviews.held_review(owner=rep, outcome=reviews.outcome(owner=rep, title="Ward fridges"))

    due = text_of(page.get("/reviews/"))
    held = text_of(page.get("/reviews/?state=held"))

    assert "Depot retrofit" in due
    assert "Due Mon 27 Apr, Rita Rep: no review with this customer yet this quarter." in due
    assert "Ward fridges" not in due
    assert "Ward fridges" in held
    assert "Held Mon 20 Apr by Rita Rep." in held


def test_an_empty_list_says_what_will_be_there(page):
    assert "No review is planned" in text_of(page.get("/reviews/"))
    assert "No review was held yet" in text_of(page.get("/reviews/?state=held"))


def test_an_unknown_filter_shows_nothing_and_says_so(page, rep):
    reviews.review(owner=rep, outcome=reviews.outcome(owner=rep, title="Depot retrofit"))

    shown = text_of(page.get("/reviews/?colour=red"))

    assert "cannot be filtered like that" in shown
    assert "Depot retrofit" not in shown


def test_reviews_of_others_are_not_listed(page, outsider):
    reviews.review(owner=outsider, outcome=reviews.outcome(owner=outsider, title="Theirs"))

    assert "Theirs" not in text_of(page.get("/reviews/"))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_with_one_row_and_with_three(
    page, rep, number, django_assert_num_queries
):
    for _ in range(number):
        reviews.review(
            owner=rep, outcome=reviews.outcome(owner=rep, account=deals.account(owner=rep))
        )

    with django_assert_num_queries(4):  # session, person, count, rows
        page.get("/reviews/")


# ---- the page ------------------------------------------------------------------------------------


@pytest.mark.practice("D2", "D3", "A14")
def test_the_questions_follow_the_outcome(page, rep):
    lost = reviews.review(owner=rep)
    deal = deals.deal(owner=rep)
    won = reviews.review(owner=rep, outcome=closing.win(deal, by=rep, historical=True))

    after_loss = text_of(page.get(f"/reviews/{lost.pk}/"))
    after_win = text_of(page.get(f"/reviews/{won.pk}/"))

    assert "the value of what they chose instead?" in after_loss
    assert "What will we do differently next time?" in after_loss
    assert "nobody to blame" in after_loss
    assert "the value of what they chose?" in after_win
    assert "What will we do again next time?" in after_win
    for shown in (after_loss, after_win):
        assert "Who were the most influential voices" in shown
        assert "Beyond price, what were the key factors" in shown
        assert "you lost" not in shown.lower()


def test_the_page_brings_the_people_on_the_deal(page, rep):
    review = reviews.review(owner=rep)
    contact = deals.contact(owner=rep, name="Priya Raman")
    Stakeholder.objects.create(
        deal=review.deal, contact=contact, role="economic_buyer", in_the_room=False
    )

    shown = text_of(page.get(f"/reviews/{review.pk}/"))

    assert "Priya Raman" in shown
    assert "Economic buyer, outside the room, not met" in shown


def test_looking_does_not_start_the_clock(page, rep):
    review = reviews.review(owner=rep)

    shown = text_of(page.get(f"/reviews/{review.pk}/"))

    review.refresh_from_db()
    assert review.started_at is None
    assert 'data-elapsed=""' in shown


@pytest.mark.practice("D1")
def test_the_clock_goes_on_where_it_was(page, rep, now):
    review = reviews.review(owner=rep, started_at=now - dt.timedelta(minutes=4))

    assert 'data-elapsed="240"' in text_of(page.get(f"/reviews/{review.pk}/"))


def test_a_held_review_is_read_not_written(page, rep):
    review = reviews.held_review(owner=rep)

    shown = text_of(page.get(f"/reviews/{review.pk}/"))

    assert "<textarea" not in shown
    assert "Reviewed on Monday 20 April by Rita Rep." in shown
    for words in ("Half the work on Mondays", "The plant manager", "Meet the plant manager first"):
        assert words in shown


def test_a_withdrawn_review_says_so(page, rep):
    review = reviews.review(owner=rep, state="withdrawn")

    assert "withdrawn when its closing was undone" in text_of(page.get(f"/reviews/{review.pk}/"))


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("colleague", 404), ("manager", 200)]
)
def test_a_review_is_seen_with_its_deal(request, client, rep, who, status):
    review = reviews.review(owner=rep)
    client.force_login(request.getfixturevalue(who))

    assert client.get(f"/reviews/{review.pk}/").status_code == status


@pytest.mark.parametrize("path", ["/reviews/", "/reviews/1/"])
def test_a_viewer_has_no_reviews(client, viewer, path):
    client.force_login(viewer)

    assert client.get(path).status_code == 403


# ---- saved as one types --------------------------------------------------------------------------


@pytest.mark.practice("D1")
def test_what_is_typed_is_saved_and_the_next_version_known(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(f"/reviews/{review.pk}/draft/", typed(rep), headers=HTMX)

    review.refresh_from_db()
    shown = text_of(response)
    assert (response.status_code, review.value, review.version) == (
        200,
        "Half the work on Mondays",
        2,
    )
    assert "Saved 08:00" in shown
    assert (
        '<input type="hidden" id="version" name="version" value="2" hx-swap-oob="true" />' in shown
    )
    assert 'data-elapsed="0"' in shown


def test_without_a_script_the_page_comes_again(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(f"/reviews/{review.pk}/draft/", typed(rep), follow=True)

    assert response.redirect_chain == [(f"/reviews/{review.pk}/", 302)]
    assert "Half the work on Mondays" in text_of(response)


def test_a_factor_moves_up_at_a_press(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(
        f"/reviews/{review.pk}/draft/",
        typed(rep, up="price"),
        headers=HTMX | {"HX-Target": "factors"},
    )

    review.refresh_from_db()
    shown = text_of(response)
    assert review.factors == ["price", "trust"]
    assert shown.index('value="price"') < shown.index('value="trust"')
    assert '<div id="saved" class="grow t1" role="status" hx-swap-oob="true">' in shown


@pytest.mark.practice("D6")
def test_price_alone_is_flagged_while_one_types(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(
        f"/reviews/{review.pk}/draft/",
        typed(rep, factors=["price"]),
        headers=HTMX | {"HX-Target": "factors"},
    )

    assert "Price alone does not say why." in text_of(response)


def test_a_stale_save_is_told_and_touches_nothing(page, rep):
    review = reviews.review(owner=rep, value="Theirs", version=5)

    response = page.post(f"/reviews/{review.pk}/draft/", typed(rep), headers=HTMX)

    review.refresh_from_db()
    shown = text_of(response)
    assert (response.status_code, review.value) == (409, "Theirs")
    assert "Not saved: somebody else changed this review" in shown
    assert 'name="version" value="5"' in shown  # the button that puts mine in place of theirs
    assert 'id="version"' not in shown
    assert response["HX-Retarget"] == "#saved"


def test_mine_goes_in_place_of_theirs_when_asked(page, rep):
    review = reviews.review(owner=rep, value="Theirs", version=5)

    response = page.post(
        f"/reviews/{review.pk}/draft/", typed(rep, version=["1", "5"]), headers=HTMX
    )

    review.refresh_from_db()
    assert (response.status_code, review.value) == (200, "Half the work on Mondays")


def test_without_a_script_a_stale_save_keeps_what_was_typed(page, rep):
    review = reviews.review(owner=rep, value="Theirs", version=5)

    response = page.post(f"/reviews/{review.pk}/draft/", typed(rep))

    shown = text_of(response)
    assert response.status_code == 409
    assert "Half the work on Mondays" in shown
    assert "Theirs" not in shown
    assert "What you typed is still here" in shown


def test_what_cannot_be_read_is_told(page, rep):
    review = reviews.review(owner=rep)

    in_place = page.post(f"/reviews/{review.pk}/draft/", typed(rep, factors=["luck"]), headers=HTMX)
    whole = page.post(f"/reviews/{review.pk}/draft/", typed(rep, factors=["luck"]))

    assert (in_place.status_code, whole.status_code) == (422, 422)
    assert "Not saved." in text_of(in_place)
    assert "Half the work on Mondays" in text_of(whole)


def test_a_held_review_takes_no_draft(page, rep):
    review = reviews.held_review(owner=rep)

    response = page.post(f"/reviews/{review.pk}/draft/", typed(rep, version=""), headers=HTMX)

    assert response.status_code == 409
    assert "This review is held already." in text_of(response)


# ---- hold ----------------------------------------------------------------------------------------


@pytest.mark.practice("A5", "D1")
def test_a_review_is_held_from_the_page(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(f"/reviews/{review.pk}/hold/", typed(rep), follow=True)

    review.refresh_from_db()
    assert response.redirect_chain == [(f"/reviews/{review.pk}/", 302)]
    assert (review.state, review.held_by) == ("held", rep)
    assert "Review held. What we do next time is kept." in text_of(response)


@pytest.mark.practice("D1")
def test_the_page_says_how_long_it_took(page, rep, now):
    review = reviews.review(owner=rep, started_at=now - dt.timedelta(minutes=8))

    response = page.post(f"/reviews/{review.pk}/hold/", typed(rep), follow=True)

    assert "Review held in 8 minutes." in text_of(response)
    assert "It took 8 minutes." in text_of(page.get("/reviews/?state=held"))


@pytest.mark.practice("A5", "D6")
def test_what_is_missing_is_said_at_its_question_and_nothing_is_lost(page, rep):
    review = reviews.review(owner=rep)

    response = page.post(
        f"/reviews/{review.pk}/hold/", typed(rep, factors=["price"], voices="", next_text=["", ""])
    )

    shown = text_of(response)
    assert (response.status_code, Review.objects.get().state) == (422, "planned")
    for words in (
        "Pick or name at least one person.",
        "Price alone does not say why. What else weighed in?",
        "Name at least one thing to do next time.",
        "Half the work on Mondays",
    ):
        assert words in shown


def test_a_stale_review_is_not_held_over(page, rep):
    review = reviews.review(owner=rep, version=5)

    response = page.post(f"/reviews/{review.pk}/hold/", typed(rep))

    assert response.status_code == 409
    assert "What you typed is still here" in text_of(response)


def test_what_cannot_be_read_is_not_held(page, rep):
    review = reviews.review(owner=rep)

    assert page.post(f"/reviews/{review.pk}/hold/", typed(rep, version="x")).status_code == 422


# ---- start ---------------------------------------------------------------------------------------


def test_a_review_is_started_from_the_deal(page, rep):
    outcome = reviews.outcome(owner=rep)

    response = page.post(f"/reviews/deals/{outcome.deal_id}/start/")

    assert (response.status_code, response["Location"]) == (
        302,
        f"/reviews/{Review.objects.get().pk}/",
    )


def test_what_cannot_be_reviewed_leads_back_to_the_deal(page, rep):
    deal = deals.deal(owner=rep)

    response = page.post(f"/reviews/deals/{deal.pk}/start/")

    assert (response.status_code, response["Location"]) == (302, f"/deals/{deal.pk}/")


def test_the_deal_of_somebody_else_is_not_there(page, outsider):
    outcome = reviews.outcome(owner=outsider)

    assert page.post(f"/reviews/deals/{outcome.deal_id}/start/").status_code == 404
