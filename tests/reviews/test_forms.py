"""Factors in order without dragging, and the rows of what to do next time."""

import pytest
from django.http import QueryDict

from reviews.actions.reviewing import Promise
from reviews.forms import ReviewForm, moved, reasons_for_buyers
from reviews.states import BuyerReason
from tests.factories import deals, reviews

MOVES = {
    "up": (["a", "b", "c"], {"up": "c"}, ["a", "c", "b"]),
    "up at the top": (["a", "b"], {"up": "a"}, ["a", "b"]),
    "down": (["a", "b", "c"], {"down": "a"}, ["b", "a", "c"]),
    "down at the bottom": (["a", "b"], {"down": "b"}, ["a", "b"]),
    "one that is not chosen": (["a"], {"up": "b"}, ["a"]),
    "none": (["b", "a"], {}, ["b", "a"]),
}


@pytest.mark.parametrize(("codes", "asked", "order"), MOVES.values(), ids=MOVES)
def test_a_factor_moves_by_one_place(codes, asked, order):
    assert moved(codes, **asked) == order


def form_of(owner, data=None, **fields):
    review = reviews.review(owner=owner, **fields)
    sent = None if data is None else QueryDict(data)
    return ReviewForm(sent, review=review, owners=[owner])


@pytest.mark.django_db
def test_chosen_factors_stand_first_in_their_order(rep):
    order = form_of(rep, factors=["trust", "price"]).ordered_factors

    assert order[:3] == [
        ("trust", "Trust or working together", 1),
        ("price", "Price", 2),
        ("value", "What it brings", 0),
    ]
    assert len(order) == 11


@pytest.mark.django_db
def test_there_are_three_rows_and_always_an_empty_one(rep):
    empty = form_of(rep).rows
    sent = form_of(rep, "&".join(f"next_text=item {n}&next_owner={rep.pk}" for n in range(4))).rows

    assert empty == [("", "")] * 3
    assert sent == [(f"item {n}", str(rep.pk)) for n in range(4)] + [("", "")]


@pytest.mark.django_db
def test_rows_become_promises_and_an_unknown_owner_is_the_writer(rep, outsider):
    form = form_of(
        rep,
        f"next_text=Ask&next_owner={rep.pk}&next_text= &next_owner=&next_text=Meet&next_owner={outsider.pk}",
    )

    assert form.is_valid()
    assert form.draft().next_times == [Promise(text="Ask", owner=rep), Promise(text="Meet")]


@pytest.mark.django_db
def test_a_row_is_not_endless(rep):
    form = form_of(rep, f"next_text={'x' * 501}&next_owner={rep.pk}")

    assert form.errors == {"next_times": ["At most 500 characters each."]}


@pytest.mark.django_db
def test_buyers_are_asked_in_their_own_words_and_not_about_our_side():
    asked = reasons_for_buyers(
        [deals.reason(slug) for slug in ("timing", "no-decision-maker", "other")]
    )

    assert asked == [("timing", "The timing"), ("other", "Something else")]


@pytest.mark.django_db
def test_every_delivered_reason_is_put_in_a_buyers_words():
    delivered = {reason.slug for reason in deals.LossReason.objects.choosable()}

    assert set(BuyerReason.values) == delivered - {"no-decision-maker"}
