"""What is due from referrals, for Today and the morning mail."""

import datetime as dt

import pytest

from crm.shared.due import DueItem, Rank
from referrals import due
from tests.factories import deals, referrals, reviews

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.mark.practice("A6")
def test_an_ask_is_due_at_nine_on_its_day(rep, now):
    rep.time_zone = "Europe/Rome"
    rep.save()
    account = deals.account(owner=rep, name="Alder & Finch")
    ask = referrals.ask(
        owner=rep,
        outcome=reviews.outcome(owner=rep, account=account),
        contact=deals.contact(owner=rep, name="Helen Finch"),
    )

    items = due.items([rep], now=now, until=now + DAY)

    assert items == [
        DueItem(
            rank=Rank.ASK,
            due_at=dt.datetime(2026, 4, 20, 7, tzinfo=dt.UTC),
            user_id=rep.pk,
            deal_id=ask.deal_id,
            title="Alder & Finch · referral ask",
            why="Helen Finch said no on Mon 20 Apr (Price or value). The letter is ready.",
            path=f"/deals/{ask.deal_id}/",
            chip="Ask due",
            icon="gift",
            template="referrals/_due.html",
            context={"pk": f"ask-{ask.pk}", "ask_id": ask.pk},
        )
    ]


WORDS = {
    "loss": "The customer said no on Mon 20 Apr (Price or value). The letter is ready.",
    "win": "The customer said yes on Mon 20 Apr. The letter is ready.",
    "feedback": "The buyer’s answer names somebody we could help.",
}


@pytest.mark.parametrize(("origin", "words"), WORDS.items())
def test_an_ask_says_what_it_goes_back_to(rep, origin, words):
    ask = referrals.ask(owner=rep, origin=origin, contact=None)

    assert due.why(ask, owner=rep) == words


def test_only_what_is_due_until_then_is_listed(rep, colleague, now):
    tomorrow = dt.date(2026, 4, 21)
    late = referrals.ask(owner=rep, due_on=dt.date(2026, 4, 1))
    referrals.ask(owner=rep, due_on=tomorrow)
    referrals.ask(owner=rep, state="withdrawn")
    referrals.ask(owner=colleague)

    items = due.items([rep], now=now, until=dt.datetime(2026, 4, 21, 9, tzinfo=dt.UTC))

    assert [item.context["ask_id"] for item in items] == [late.pk]


@pytest.mark.parametrize("number", [1, 3])
def test_all_people_and_rows_take_one_query(rep, colleague, now, django_assert_num_queries, number):
    for owner in [rep, colleague] * number:
        account = deals.account(owner=owner)
        referrals.ask(owner=owner, outcome=reviews.outcome(owner=owner, account=account))

    with django_assert_num_queries(1):
        items = due.items([rep, colleague], now=now, until=now + DAY)

    assert len(items) == 2 * number
