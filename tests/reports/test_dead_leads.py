"""Dead leads: what stop rules closed, by stage, and the minutes logged on it."""

import pytest

from crm.reports.dead_leads import dead_leads
from deals.states import Phase
from followups.models import Touch
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

MARCH = make.filters("2026-03-01", "2026-03-31")


def dead(rep, phase: str, *minutes: int | None):
    outcome = make.lost(
        rep, "2026-03-02", "no-answer", automatic=True, deal={"stage": deals.stage(phase)}
    )
    for spent in minutes:
        Touch.objects.create(
            deal=outcome.deal,
            by=rep,
            at=make.noon("2026-02-20"),
            channel="call",
            result="no_answer",
            minutes=spent,
        )


@pytest.mark.practice("B6")
def test_dead_leads_are_told_by_stage_with_the_hours_spent(rep):
    dead(rep, Phase.NEGOTIATION, 30, 60)
    dead(rep, Phase.NEGOTIATION)
    dead(rep, Phase.SUSPECT, 15, None)
    make.lost(rep, "2026-03-02", "timing")

    report = dead_leads(MARCH, rep)

    rows = [
        (row.by["stage"], row.figures["closed_by_rule"].n, row.figures["hours"].value)
        for row in report.rows
    ]
    assert rows == [("Suspect", 1, 0.25), ("Negotiation", 2, 1.5)]
    assert report.figures["closed_by_rule"].n == 3
    assert report.figures["hours"].value == 1.75
    assert report.figures["touches"].value == 4


def test_a_closing_of_the_past_may_not_know_its_stage(rep):
    make.lost(rep, "2026-03-02", "no-answer", automatic=True, stage=None)

    assert [(row.by["stage"], row.label) for row in dead_leads(MARCH, rep).rows] == [
        (None, "Stage not known")
    ]


def test_no_minutes_logged_is_not_no_time(rep):
    dead(rep, Phase.SUSPECT, None)

    assert dead_leads(MARCH, rep).figures["hours"].value is None


def test_one_query_whatever_was_let_go(rep, django_assert_num_queries):
    dead(rep, Phase.SUSPECT, 5)
    dead(rep, Phase.PROSPECT, 5)
    dead(rep, Phase.APPROACH, 5)

    with django_assert_num_queries(1):
        dead_leads(MARCH, rep)
