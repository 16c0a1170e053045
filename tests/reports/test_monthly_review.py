"""The monthly review: the parts on one page, in few queries."""

import datetime as dt

import pytest

from crm.reports.monthly_review import monthly_review
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

APRIL = make.filters("2026-04-01", "2026-04-30")


def test_a_month_stands_inside_twelve_with_its_own_reasons(rep):
    make.lost(rep, "2026-04-02", "lost-to-a-competitor")
    make.lost(rep, "2026-04-03", "lost-to-a-competitor")
    make.lost(rep, "2026-03-03", "timing")
    make.won(rep, "2026-02-03")
    make.lost(rep, "2025-04-30")

    report = monthly_review(APRIL, rep)

    assert {name: figure.n for name, figure in report.figures.items()} == {
        "won_in_month": 0,
        "won_in_quarter": 0,
        "won_in_year": 1,
        "losses": 2,
        "lost_amount": 2,
    }
    assert [(dict(row.by), row.figures["losses"].n) for row in report.rows] == [
        ({"month": "2026-04", "reason": "lost-to-a-competitor"}, 2)
    ]
    assert {part.slug: (part.filters.start, part.filters.end) for part in report.parts} == {
        "won-amounts": (dt.date(2026, 1, 1), dt.date(2026, 4, 20)),
        "losses-by-reason": (dt.date(2025, 5, 1), dt.date(2026, 4, 30)),
        "win-rate": (dt.date(2025, 5, 1), dt.date(2026, 4, 30)),
        "dead-leads": (dt.date(2026, 1, 1), dt.date(2026, 4, 30)),
        "review-coverage": (dt.date(2026, 4, 1), dt.date(2026, 4, 30)),
        "worth-of-a-touch": (dt.date(2026, 1, 1), dt.date(2026, 4, 30)),
    }


def test_the_number_of_queries_does_not_grow(manager, rep, colleague, django_assert_num_queries):
    manager.visible_owner_ids  # noqa: B018  (asked once a request)
    make.lost(
        rep,
        "2026-04-02",
        competitor=deals.competitor("A"),
        deal={"account": deals.account(owner=rep)},
    )
    make.won(rep, "2026-04-02")
    with django_assert_num_queries(15):
        monthly_review(APRIL, manager)
    make.won(colleague, "2026-03-02")
    make.lost(
        colleague, "2026-04-02", "no-answer", automatic=True, competitor=deals.competitor("B")
    )

    with django_assert_num_queries(15):
        monthly_review(APRIL, manager)
