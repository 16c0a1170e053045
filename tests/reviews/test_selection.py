"""Which closings are reviewed, why, and when (D8, D11)."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.shared.working_days import is_working_day
from reviews import selection
from reviews.selection import Choice, Closing

day = dt.date.fromisoformat
MONDAY = day("2026-04-20")

# Found by trying: of the first hundred, these lots fall on a review.
DRAWN = [number for number in range(1, 101) if selection.is_drawn(number)]
NOT_DRAWN = [number for number in range(1, 101) if not selection.is_drawn(number)]


def closing(**more) -> Closing:
    """A small lost deal, account and owner covered, that no lot falls on."""
    plain: dict[str, Any] = {
        "outcome_id": NOT_DRAWN[0],
        "account_id": 1,
        "owner_id": 1,
        "amount": Decimal(1000),
        "threshold": Decimal(50_000),
        "is_account_covered": True,
        "is_owner_covered": True,
        "is_lost": True,
        "closed_on": MONDAY,
    }
    return Closing(**plain | more)


def whys(*closings: Closing) -> list[tuple[int, str]]:
    return [(choice.outcome_id, choice.why) for choice in selection.choose(closings, today=MONDAY)]


# ---- whether, and why ----------------------------------------------------------------------------


@pytest.mark.practice("D8", "D11")
@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"amount": Decimal(50_000)}, "amount"),
        ({"amount": Decimal(50_000), "is_account_covered": False}, "amount"),
        ({"amount": Decimal("49999.99")}, None),
        ({"amount": Decimal(50_000), "threshold": None}, None),
        ({"amount": None}, None),
        ({"is_account_covered": False}, "account"),
        ({"is_account_covered": False, "is_owner_covered": False}, "account"),
        ({"is_owner_covered": False}, "owner"),
        ({"outcome_id": DRAWN[0]}, "chance"),
        ({"outcome_id": DRAWN[0], "is_owner_covered": False}, "owner"),
        ({"is_lost": False, "is_owner_covered": False}, "owner"),  # D2: wins as well
        ({}, None),
    ],
)
def test_why_a_closing_is_reviewed(facts, why):
    one = closing(**facts)

    assert whys(one) == ([(one.outcome_id, why)] if why else [])


def test_a_review_is_due_in_seven_days():
    one = closing(is_account_covered=False)

    choices = selection.choose([one], today=MONDAY)

    assert choices == [Choice(outcome_id=one.outcome_id, due_on=day("2026-04-27"), why="account")]


@pytest.mark.practice("D8")
def test_in_a_batch_the_first_of_an_account_or_owner_takes_the_slot():
    uncovered = {"is_account_covered": False, "is_owner_covered": False}
    a, b, c, d, e = NOT_DRAWN[:5]

    chosen = whys(
        closing(outcome_id=a, account_id=1, owner_id=1, **uncovered),
        closing(outcome_id=b, account_id=1, owner_id=1, **uncovered),
        closing(outcome_id=c, account_id=1, owner_id=2, **uncovered),
        closing(outcome_id=d, account_id=2, owner_id=2, **uncovered),
        closing(outcome_id=e, account_id=2, owner_id=1, **uncovered),
    )

    assert chosen == [(a, "account"), (c, "owner"), (d, "account")]


def test_a_large_deal_takes_the_slots_too_and_is_never_kept_out_by_them():
    uncovered = {"is_account_covered": False, "is_owner_covered": False}
    a, b, c = NOT_DRAWN[:3]

    chosen = whys(
        closing(outcome_id=a, amount=Decimal(90_000), **uncovered),
        closing(outcome_id=b, **uncovered),
        closing(outcome_id=c, amount=Decimal(90_000), **uncovered),
    )

    assert chosen == [(a, "amount"), (c, "amount")]


def test_each_quarter_has_its_own_slots():
    uncovered = {"is_account_covered": False, "is_owner_covered": False}
    a, b, c = NOT_DRAWN[:3]

    chosen = whys(
        closing(outcome_id=a, closed_on=day("2026-03-31"), **uncovered),
        closing(outcome_id=b, closed_on=day("2026-04-01"), **uncovered),
        closing(outcome_id=c, closed_on=day("2026-04-02"), **uncovered),
    )

    assert chosen == [(a, "account"), (b, "account")]


@pytest.mark.practice("D11")
def test_a_random_few_are_one_in_twenty_and_always_the_same():
    drawn = [number for number in range(20_000) if selection.is_drawn(number)]

    assert 900 < len(drawn) < 1100
    assert drawn == [number for number in range(20_000) if selection.is_drawn(number)]


CLOSINGS = st.lists(
    st.builds(
        closing,
        outcome_id=st.integers(1, 10_000),
        account_id=st.integers(1, 4),
        owner_id=st.integers(1, 3),
        amount=st.sampled_from([None, Decimal(10), Decimal(90_000)]),
        is_account_covered=st.booleans(),
        is_owner_covered=st.booleans(),
        is_lost=st.booleans(),
        closed_on=st.dates(day("2026-01-01"), day("2027-12-31")),
        country=st.sampled_from(["", "IT", "SA"]),
    ),
    max_size=25,
    unique_by=lambda one: one.outcome_id,
)


@given(closings=CLOSINGS)
def test_after_a_batch_every_account_and_owner_is_covered(closings):
    chosen = {choice.outcome_id for choice in selection.choose(closings, today=MONDAY)}

    quarters = {one.outcome_id: selection.quarter(one.closed_on) for one in closings}
    for one in closings:
        same_quarter = [
            other
            for other in closings
            if other.outcome_id in chosen and quarters[other.outcome_id] == quarters[one.outcome_id]
        ]
        assert one.is_account_covered or one.account_id in {o.account_id for o in same_quarter}
        assert one.is_owner_covered or one.owner_id in {o.owner_id for o in same_quarter}


@given(closings=CLOSINGS, today=st.dates(day("2026-01-01"), day("2027-12-31")))
def test_every_day_chosen_is_allowed(closings, today):
    by_id = {one.outcome_id: one for one in closings}

    for choice in selection.choose(closings, today=today):
        one = by_id[choice.outcome_id]
        assert is_working_day(choice.due_on, one.country)
        assert choice.due_on > today
        assert choice.due_on > one.closed_on + dt.timedelta(days=2 if one.is_lost else 0)


# ---- when ----------------------------------------------------------------------------------------


@pytest.mark.practice("D8")
@pytest.mark.parametrize(
    ("closed_on", "is_lost", "country", "expected"),
    [
        ("2026-04-20", True, "IT", "2026-04-27"),
        ("2026-04-24", True, "IT", "2026-05-04"),  # a holiday, then a weekend
        ("2026-05-16", True, "", "2026-05-25"),  # a Saturday
        # the last ten days of a quarter are 21 to 30 June: back to before them where that is calm …
        ("2026-06-12", True, "", "2026-06-19"),
        ("2026-06-14", True, "", "2026-06-19"),
        ("2026-06-16", True, "", "2026-06-19"),
        # … else on, clear of the loss and of the quarter
        ("2026-06-17", True, "", "2026-07-01"),
        ("2026-06-17", False, "", "2026-06-19"),
        ("2026-06-18", False, "", "2026-06-19"),
        ("2026-06-19", False, "", "2026-07-01"),
        ("2026-06-30", True, "", "2026-07-07"),
        ("2026-12-20", True, "IT", "2027-01-04"),
    ],
)
def test_the_day_of_a_review(closed_on, is_lost, country, expected):
    one = closing(closed_on=day(closed_on), is_lost=is_lost, country=country)

    assert selection.due_day(one, day(closed_on)) == day(expected)


def test_a_closing_recorded_late_is_due_a_week_after_that():
    one = closing(closed_on=day("2026-03-02"))

    assert selection.due_day(one, MONDAY) == day("2026-04-27")


def test_today_may_be_the_day_before_where_the_owner_is_ahead():
    one = closing(closed_on=day("2026-04-21"))

    assert selection.due_day(one, MONDAY) == day("2026-04-28")


def test_own_working_days_of_the_owner():
    one = closing(working_days=(1, 2))

    assert selection.due_day(one, MONDAY) == day("2026-04-28")


def test_a_full_day_sends_the_review_to_the_nearest_free_one():
    one = closing()
    full = {(1, day("2026-04-27")): 3, (2, day("2026-04-24")): 3}

    assert selection.due_day(one, MONDAY, full) == day("2026-04-24")
    assert selection.due_day(one, MONDAY, full | {(1, day("2026-04-27")): 2}) == day("2026-04-27")


def test_a_batch_of_one_owner_spreads_over_the_days():
    batch = [
        closing(outcome_id=number, account_id=number, is_account_covered=False)
        for number in range(1, 15)
    ]

    choices = selection.choose(batch, today=MONDAY)

    assert [choice.due_on.day for choice in choices] == [27] * 3 + [24] * 3 + [23] * 3 + [
        28
    ] * 3 + [29] * 2


def test_the_end_of_a_quarter_only_when_capacity_leaves_no_other_day():
    one = closing(closed_on=day("2026-06-17"))
    all_of_july = {(1, day("2026-07-01") + dt.timedelta(days=n)): 3 for n in range(31)}

    assert selection.due_day(one, one.closed_on, all_of_july) == day("2026-06-24")


def test_when_no_day_is_free_it_is_the_plain_one():
    one = closing()
    everything = {(1, MONDAY + dt.timedelta(days=n)): 9 for n in range(60)}

    assert selection.due_day(one, MONDAY, everything) == day("2026-04-27")


@pytest.mark.parametrize(
    ("closed_on", "is_lost", "today", "expected"),
    [
        ("2026-04-20", True, "2026-04-20", "2026-04-23"),
        ("2026-04-20", True, "2026-04-22", "2026-04-23"),
        ("2026-04-20", False, "2026-04-20", "2026-04-20"),
        ("2026-04-23", True, "2026-04-23", "2026-04-27"),
        ("2026-01-07", True, "2026-04-20", "2026-04-20"),
        ("2026-01-07", True, "2026-06-26", "2026-06-26"),  # a person chose the end of the quarter
    ],
)
def test_a_review_by_hand_is_as_soon_as_the_loss_allows(closed_on, is_lost, today, expected):
    one = closing(closed_on=day(closed_on), is_lost=is_lost)

    choice = selection.by_hand(one, today=day(today))

    assert choice == Choice(outcome_id=one.outcome_id, due_on=day(expected), why="by_hand")


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        ("2026-01-01", "2026-01-01", "2026-03-31"),
        ("2028-02-29", "2028-01-01", "2028-03-31"),
        ("2026-06-30", "2026-04-01", "2026-06-30"),
        ("2026-08-15", "2026-07-01", "2026-09-30"),
        ("2026-12-31", "2026-10-01", "2026-12-31"),
    ],
)
def test_quarters(on, first, last):
    assert selection.quarter(day(on)) == (day(first), day(last))


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2026-06-20", False), ("2026-06-21", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_the_last_ten_days_of_a_quarter(on, expected):
    assert selection.is_end_of_quarter(day(on)) is expected
