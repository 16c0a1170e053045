"""Review coverage: accounts heard of those with a closed deal."""

import pytest

from crm.reports.review_coverage import review_coverage
from deals.models import Outcome
from reviews.models import Review
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

QUARTER = make.filters("2026-01-01", "2026-03-31")


def held(outcome: Outcome, on: str | None) -> Review:
    """A review of the closing: held on that day, or only planned."""
    state = {"state": "held", "held_at": make.noon(on)} if on else {"state": "planned"}
    return Review.objects.create(
        deal=outcome.deal, outcome=outcome, due_on="2026-03-20", why="account", **state
    )


@pytest.mark.practice("D8")
def test_coverage_counts_accounts_and_people(rep, colleague, manager):
    alder, birch, cedar = (deals.account(owner=rep, name=name) for name in ("A", "B", "C"))
    held(make.lost(rep, "2026-02-02", deal={"account": alder}), "2026-02-20")
    make.won(colleague, "2026-02-02", deal={"account": alder})
    held(make.won(rep, "2026-02-02", deal={"account": birch}), None)
    make.lost(colleague, "2026-02-02", deal={"account": cedar})
    make.lost(colleague, "2026-02-03", deal={"account": cedar})
    make.lost(rep, "2026-02-02")

    report = review_coverage(QUARTER, manager)

    whole = report.figures["coverage"]
    assert (whole.numerator, whole.denominator) == (1, 3)
    assert {
        row.by["rep"]: (row.figures["coverage"].numerator, row.figures["coverage"].n)
        for row in report.rows
    } == {"Carl Colleague": (1, 2), "Rita Rep": (1, 2)}


def test_a_review_counts_for_its_closings_quarter_and_for_that_in_which_it_is_held(rep):
    account = deals.account(owner=rep)
    held(make.lost(rep, "2026-03-30", deal={"account": account}), "2026-04-06")
    make.lost(rep, "2026-04-10", deal={"account": account})

    first = review_coverage(QUARTER, rep).figures["coverage"]
    second = review_coverage(make.filters("2026-04-01", "2026-06-30"), rep).figures["coverage"]

    assert (first.numerator, second.numerator) == (1, 1)


def test_without_a_closed_deal_there_is_no_coverage(rep):
    assert review_coverage(QUARTER, rep).figures["coverage"].value is None


def test_the_number_of_queries_does_not_grow(rep, django_assert_num_queries):
    for _ in range(3):
        held(make.lost(rep, "2026-02-02", deal={"account": deals.account(owner=rep)}), "2026-02-20")

    with django_assert_num_queries(3):
        review_coverage(QUARTER, rep)
