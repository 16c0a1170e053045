"""The facts from which the rule chooses reviews, gathered for a whole batch."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.shared.models import Team
from deals.models import Outcome
from reviews.actions import coverage
from reviews.selection import Closing
from reviews.states import ReviewState
from tests.factories import deals, reviews, shared

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 1)
JANUARY = dt.date(2026, 1, 1)


def facts_of(*outcomes):
    rows = Outcome.objects.filter(pk__in=[made.pk for made in outcomes])
    return coverage.facts_of(list(rows.select_related("deal", "owner").order_by("pk")))


def test_the_facts_of_a_closing(rep, team):
    Team.objects.filter(pk=team.pk).update(review_threshold=5000)
    rep.time_zone, rep.country = "Asia/Tokyo", "JP"
    rep.save()
    account = deals.account(owner=rep)
    late_evening = dt.datetime(2026, 4, 19, 20, tzinfo=dt.UTC)
    outcome = reviews.outcome(
        owner=rep, account=account, amount="7000", currency="EUR", at=late_evening
    )

    closings, load = facts_of(outcome)

    assert load == {}
    assert closings == [
        Closing(
            outcome_id=outcome.pk,
            account_id=account.pk,
            owner_id=rep.pk,
            amount=Decimal(7000),
            threshold=Decimal(5000),
            is_account_covered=False,
            is_owner_covered=False,
            is_lost=True,
            closed_on=dt.date(2026, 4, 20),
            country="JP",
            working_days=(0, 1, 2, 3, 4),
        )
    ]


def test_without_an_account_there_is_no_customer_to_cover(rep):
    closings, _load = facts_of(reviews.outcome(owner=rep))

    assert [(one.account_id, one.is_account_covered) for one in closings] == [(0, True)]


def test_a_review_covers_its_account_and_its_owner(rep, colleague):
    account = deals.account(owner=rep)
    covered = reviews.outcome(owner=rep, account=account)
    same_account = reviews.outcome(owner=colleague, account=account)
    neither = reviews.outcome(owner=colleague, account=deals.account(owner=colleague))
    reviews.review(owner=rep, outcome=covered)

    closings, load = facts_of(covered, same_account, neither)

    assert [(one.is_account_covered, one.is_owner_covered) for one in closings] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    assert load == {(rep.pk, dt.date(2026, 4, 27)): 1}


MARCH = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
COVERED = {
    "planned for this quarter": ({}, None, {APRIL}),
    "planned for this quarter, closed in the last": ({}, MARCH, {JANUARY, APRIL}),
    "held in the last quarter": (
        {"state": ReviewState.HELD, "held_at": MARCH},
        MARCH,
        {JANUARY},
    ),
    "withdrawn": ({"state": ReviewState.WITHDRAWN}, None, set()),
}


@pytest.mark.parametrize(("fields", "closed_at", "quarters"), COVERED.values(), ids=COVERED)
@pytest.mark.practice("D8")
def test_which_quarter_a_review_covers(rep, fields, closed_at, quarters):
    outcome = reviews.outcome(owner=rep, at=closed_at)
    reviews.review(owner=rep, outcome=outcome, **fields)

    _accounts, owners, _load = coverage.standing_reviews([outcome], since=JANUARY)

    assert owners == {(rep.pk, quarter) for quarter in quarters}


def test_a_review_held_before_the_quarters_in_question_is_not_read(rep):
    long_ago = dt.datetime(2025, 11, 3, 9, tzinfo=dt.UTC)
    reviews.review(owner=rep, state=ReviewState.HELD, held_at=long_ago)

    found = coverage.standing_reviews([reviews.outcome(owner=rep)], since=APRIL)

    assert found == (set(), set(), {})


def test_held_reviews_weigh_on_no_day(rep, now):
    reviews.held_review(owner=rep)
    reviews.review(owner=rep, due_on=dt.date(2026, 4, 22))
    reviews.review(owner=rep, due_on=dt.date(2026, 4, 22))

    _closings, load = facts_of(reviews.outcome(owner=rep))

    assert load == {(rep.pk, dt.date(2026, 4, 22)): 2}


def test_the_nearest_team_above_sets_the_amount():
    company = shared.team(review_threshold=100_000)
    region = shared.team(parent=company, review_threshold=20_000)
    north = shared.team(parent=region)
    south = shared.team(parent=company)
    person = shared.user(team=north)
    other = shared.user(team=south)
    nobody = shared.user(team=shared.team())

    thresholds = coverage.thresholds_of([person.pk, other.pk, nobody.pk])

    assert thresholds == {person.pk: Decimal(20_000), other.pk: Decimal(100_000)}


def test_of_several_teams_the_lowest_amount_counts():
    person = shared.user(team=shared.team(review_threshold=9_000))
    shared.membership(user=person, team=shared.team(review_threshold=4_000))
    shared.membership(user=person, team=shared.team(review_threshold=7_000))

    assert coverage.thresholds_of([person.pk]) == {person.pk: Decimal(4_000)}


@pytest.mark.parametrize("number", [1, 3])
def test_the_facts_of_a_batch_take_two_queries(rep, django_assert_num_queries, number):
    made = [reviews.outcome(owner=rep, account=deals.account(owner=rep)) for _ in range(number)]
    outcomes = list(
        Outcome.objects.filter(pk__in=[o.pk for o in made]).select_related("deal", "owner")
    )

    with django_assert_num_queries(2):
        coverage.facts_of(outcomes)
