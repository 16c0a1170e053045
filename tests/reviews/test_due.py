"""What is due from reviews, for Today and the morning mail."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.shared.due import DueItem, Rank
from deals.actions import closing
from reviews import due
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_review_is_due_at_nine_on_its_day(rep, now):
    rep.time_zone = "America/New_York"
    rep.save()
    outcome = reviews.outcome(owner=rep, account=deals.account(owner=rep, name="Tessaro"))
    review = reviews.review(owner=rep, outcome=outcome, due_on=dt.date(2026, 4, 21))

    items = due.items([rep], now=now, until=now + 2 * DAY)

    assert items == [
        DueItem(
            rank=Rank.REVIEW,
            due_at=dt.datetime(2026, 4, 21, 13, tzinfo=dt.UTC),
            user_id=rep.pk,
            deal_id=review.deal_id,
            title="Tessaro · lost Mon 20 Apr",
            why="Ten minutes, three questions: no review with this customer yet this quarter.",
            path=f"/reviews/{review.pk}/",
            chip="Review due",
            icon="clipboard-check",
            template="reviews/_due_review.html",
            context={"pk": f"review-{review.pk}", "review_id": review.pk, "is_started": False},
            amount=Decimal("1000.00"),
            currency="EUR",
        )
    ]


def test_only_what_is_due_until_then_is_listed(rep, colleague, now):
    reviews.review(owner=rep, due_on=dt.date(2026, 4, 21))
    reviews.review(owner=rep, due_on=dt.date(2026, 4, 1), state="withdrawn")
    reviews.review(owner=colleague, due_on=dt.date(2026, 4, 1))
    reviews.held_review(owner=rep)
    late = reviews.review(owner=rep, due_on=dt.date(2026, 4, 1))

    items = due.items([rep], now=now, until=dt.datetime(2026, 4, 21, 9, tzinfo=dt.UTC))

    assert [item.context["review_id"] for item in items] == [late.pk]


def test_the_words_follow_the_outcome(rep, now):
    deal = deals.deal(owner=rep, title="Depot retrofit")
    closing.win(deal, by=rep)

    (item,) = due.items([rep], now=now, until=now + 30 * DAY)

    assert item.title == "Depot retrofit · won Mon 20 Apr"


@pytest.mark.practice("A3", "F3")
def test_a_buyers_answer_is_shown_until_it_is_noted(rep, now):
    answer = reviews.answered(owner=rep)

    (item,) = due.items([rep], now=now, until=now + DAY)
    answer.read_at = now
    answer.save()
    noted = due.items([rep], now=now, until=now + DAY)

    assert (item.rank, item.due_at, item.chip) == (Rank.REVIEW, now, "Buyer’s view")
    assert item.why == "We noted “Price or value”. The buyer names “Timing”."
    assert item.buyer_words == "Ask us again in spring"
    assert item.path == f"/deals/{answer.deal_id}/"
    assert item.template == "reviews/_due_feedback.html"
    assert noted == []


def test_an_old_answer_leaves_today(rep, now):
    reviews.answered(owner=rep)

    assert len(due.items([rep], now=now + 30 * DAY, until=now + 31 * DAY)) == 1
    assert due.items([rep], now=now + 31 * DAY, until=now + 32 * DAY) == []


SIDES = {
    "timing": "We noted “Price or value”. The buyer names “Timing”.",
    "price-or-value": "The buyer names the same reason as we did: Price or value.",
    None: "The buyer answered, without naming one reason.",
}


@pytest.mark.parametrize(("slug", "words"), SIDES.items())
@pytest.mark.practice("F3")
def test_two_sides_of_a_loss_in_one_sentence(rep, slug, words):
    reason = deals.reason(slug) if slug else None
    answer = reviews.answered(owner=rep, reason=reason)

    assert due.two_sides(answer, answer.invitation.outcome) == words


@pytest.mark.parametrize("number", [1, 3])
def test_all_people_and_rows_take_two_queries(
    rep, colleague, now, django_assert_num_queries, number
):
    for owner in [rep, colleague] * number:
        account = deals.account(owner=owner)
        outcome = reviews.outcome(owner=owner, account=account, contact=deals.contact(owner=owner))
        reviews.review(owner=owner, outcome=outcome)
        reviews.answered(
            owner=owner,
            invited=reviews.sent_invitation(owner=owner, outcome=outcome, token=str(outcome.pk)),
        )

    with django_assert_num_queries(2):
        items = due.items([rep, colleague], now=now, until=now + 30 * DAY)

    assert len([item for item in items if item.rank == Rank.REVIEW]) == 4 * number
