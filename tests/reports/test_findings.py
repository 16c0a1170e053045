"""Titles that say what was found, in words composed from the figures."""

from decimal import Decimal

import pytest

from crm.reports.catalogue import BY_SLUG
from crm.reports.findings import findings_of, losses, touches, win_rates, won
from crm.reports.losses_by_reason import losses_by_reason
from crm.reports.win_rate import win_rate
from crm.reports.won_amounts import won_amounts
from crm.reports.worth_of_a_touch import worth_of_a_touch
from crm.shared.models import User
from deals.models import Deal
from followups.models import Touch
from reviews.models import Review
from tests.factories import deals, shared
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

MARCH = make.filters("2026-03-01", "2026-03-31")
APRIL = make.filters("2026-04-01", "2026-04-30")


def plain(text: str) -> str:
    """Without the spaces that do not break."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def found(slug: str, reader: User, filters=MARCH):
    return findings_of(BY_SLUG[slug].make(filters, reader))


def cells(table) -> list[list[str]]:
    return [[plain(cell.text) for cell in row] for row in table.rows]


def lose(owner: User, count: int, reason: str, on: str = "2026-03-02", **fields) -> None:
    for _ in range(count):
        make.lost(owner, on, reason, **fields)


def call(deal: Deal, by: User, minutes: int | None = None) -> None:
    Touch.objects.create(
        deal=deal,
        by=by,
        at=make.noon("2026-02-25"),
        channel="call",
        result="no_answer",
        minutes=minutes,
    )


# ---- losses ------------------------------------------------------------------------------------------


def title_of_losses(reader: User) -> str:
    return plain(losses.losses(losses_by_reason(MARCH, reader)).title)


def test_what_rises_is_named_and_what_falls(rep):
    lose(rep, 25, "timing", "2026-02-10")
    lose(rep, 25, "timing")
    assert title_of_losses(rep) == "Most often named: timing, 100 %"

    lose(rep, 25, "budget-gone")

    assert title_of_losses(rep) == "Timing less often, budget gone more often"


def test_what_rises_alone_is_named_alone(rep):
    lose(rep, 12, "timing", "2026-02-10")
    lose(rep, 12, "no-decision", "2026-02-10")
    lose(rep, 12, "project-cancelled", "2026-02-10")
    lose(rep, 9, "timing")
    lose(rep, 9, "no-decision")
    lose(rep, 9, "project-cancelled")
    lose(rep, 9, "budget-gone")

    assert title_of_losses(rep) == "Budget gone more often than before"


def test_reasons_of_one_control_without_a_tone_of_their_own_stand_together(rep):
    for number, slug in enumerate(("price-or-value", "no-decision-maker", "relationship-or-trust")):
        lose(rep, 8 + number, slug)

    (finding, _by_month) = found("losses-by-reason", rep)

    chart = finding.context["chart"]
    assert [label.text for label in chart.labels] == ["Relationship or trust", "Ours: 2 others"]
    together = [block.href for block in chart.blocks if "reason__in" in block.href]
    assert len(together) == 1
    assert together[0].endswith("&reason__in=no-decision-maker,price-or-value")


def test_a_loss_judged_otherwise_and_one_without_an_amount_are_said(rep):
    lose(rep, 1, "timing", control="theirs")
    lose(rep, 1, "timing", deal={"amount": None})

    source = found("losses-by-reason", rep)[0].source

    assert "1 loss was judged otherwise than its reason." in source
    assert "1 deal without an amount in EUR is left out of sums." in source


def test_not_stated_stands_apart_and_once(rep):
    lose(rep, 2, "not-stated")

    lines = found("losses-by-reason", rep)[0].context["lines"]

    assert [(line.name, line.is_group, line.count.text) for line in lines] == [
        ("Not stated", True, "2")
    ]


# ---- wins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wins", "filters", "title"),
    [
        (["2026-02-10"], APRIL, "No win in April so far, in a quarter of 0"),
        (["2026-02-10"], MARCH, "No win in March, in a quarter of 1.0k"),
        (["2026-03-10"], MARCH, "1.0k won in March, in a quarter of 1.0k"),
        (["2025-03-10"], MARCH, "Nothing was won this year yet"),
    ],
)
def test_a_month_is_told_inside_its_quarter(rep, wins, filters, title):
    for on in wins:
        make.won(rep, on)

    assert won.won(won_amounts(filters, rep)).title == title


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("400.00", "1 win. 600 more than by this day of 2025."),
        ("1600.00", "1 win. 600 less than by this day of 2025."),
        ("1000.00", "1 win. As much as by this day of 2025."),
    ],
)
def test_a_year_is_told_beside_the_year_before(rep, before, words):
    make.won(rep, "2025-01-10", deal={"amount": before})
    make.won(rep, "2026-01-10")

    assert won.stats(won_amounts(APRIL, rep), is_running=True)[0].note == words


def test_a_viewer_is_told_the_year_where_the_month_would_tell_a_deal(rep, viewer):
    for on in ("2026-01-10", "2026-01-11", "2026-01-12", "2026-04-10"):
        make.won(rep, on)

    finding = won.won(won_amounts(APRIL, viewer))

    assert finding.title == "4.0k won this year"
    assert finding.context["chart"] is None


# ---- rates -------------------------------------------------------------------------------------------


def test_whom_we_lose_to_is_the_title_and_what_may_be_chance_is_not(rep):
    rival = deals.competitor("Frostwatch")
    lose(rep, 20, "timing", competitor=rival)
    make.closings(rep, won=20, lost=10)

    overall, competitor, product, stage, people = found("win-rate", rep)

    assert plain(overall.title) == "40 % of the decided deals were won"
    assert plain(competitor.title) == "Against Frostwatch 0 % is won, of all 40 %"
    assert product.title == "No product differs from the whole beyond chance"
    assert plain(stage.title).startswith("Of what ends in Suspect 0 % is won")
    assert people.title == "Nobody’s rate can be told apart from the whole yet"
    assert cells(competitor.table) == [
        ["No rival known", "20", "10", "66.7 %", "48.8–80.8", "2,000.00"],
        ["Frostwatch", "0", "20", "0.0 %", "0.0–16.1", "0.00"],
    ]


def test_rates_that_differ_are_counted_and_nobody_is_named(rep, colleague, manager):
    make.closings(rep, won=2, lost=38)
    make.closings(colleague, won=30, lost=10)

    people = win_rates.by_rep(win_rate(MARCH, manager))

    assert people.title == "2 of 2 rates differ from the whole beyond chance"


def test_the_most_frequent_are_drawn_and_the_others_stand_in_the_table(rep):
    for number in range(12):
        lose(rep, 2, "timing", competitor=deals.competitor(f"Rival {number:02}"))

    finding = win_rates.by(win_rate(MARCH, rep), "competitor")

    assert len(finding.context["chart"].rows) == 10
    assert len(finding.table.rows) == 12
    assert "2 more in the table." in finding.source


def test_few_decided_deals_are_too_few(rep):
    make.lost(rep, "2026-03-02")

    assert [finding.title for finding in found("win-rate", rep)][:2] == [
        "1 deal decided: too few to say",
        "1 deal decided: too few to say",
    ]


# ---- touches, dead leads, coverage -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commission", "calls", "title"),
    [
        ("60.00", 3, "A touch has earned 20.00 EUR on average"),
        (None, 3, "No commission is known, so the worth of a touch is not"),
        ("60.00", 0, "No call or e-mail was logged, so the worth of a touch is not known"),
    ],
)
def test_what_a_touch_earned_or_why_nobody_knows(rep, commission, calls, title):
    sold = make.won(rep, "2026-03-02", commission=commission and Decimal(commission)).deal
    for _ in range(calls):
        call(sold, rep)

    report = worth_of_a_touch(make.filters("2026-01-01", "2026-03-31"), rep)

    assert plain(touches.worth(report).title) == title


def test_touches_before_the_first_sale_have_earned_nothing_yet(rep):
    call(make.opened(rep, "2026-03-02"), rep)

    report = worth_of_a_touch(make.filters("2026-01-01", "2026-03-31"), rep)

    assert touches.worth(report).title == "Nothing was won, so a touch has earned nothing yet"


def test_a_viewer_is_told_that_there_are_too_few_sales(rep, viewer):
    call(make.won(rep, "2026-03-02", commission=Decimal("60.00")).deal, rep)

    report = worth_of_a_touch(make.filters("2026-01-01", "2026-03-31"), viewer)

    finding = touches.worth(report)
    assert finding.title == "Too few sales to show what a touch has earned"
    assert finding.context["all_in"] == "too few to show"


@pytest.mark.practice("A12")
def test_letting_go_is_told_with_the_hours_that_had_gone_into_it(rep):
    dead = make.lost(rep, "2026-03-02", "no-answer", automatic=True).deal
    make.lost(rep, "2026-03-02", "no-answer", automatic=True)
    for _ in range(3):
        call(dead, rep, minutes=30)

    (finding,) = found("dead-leads", rep)

    assert finding.title == "2 dead leads let go, 1.5 h had gone into them"
    assert cells(finding.table) == [["Suspect", "2", "3", "1.5 h"]]


def test_where_no_minutes_were_logged_no_hours_are_told(rep):
    call(make.lost(rep, "2026-03-02", "no-answer", automatic=True).deal, rep)

    (finding,) = found("dead-leads", rep)

    assert finding.title == "1 dead lead let go"
    assert finding.source == "No minutes were logged on their touches."


@pytest.mark.practice("D8")
def test_coverage_is_told_in_accounts_and_by_rep(rep, manager):
    other = shared.user(name="Zoe Rep", team=rep.memberships.get().team)
    for owner in (rep, other):
        outcome = make.lost(owner, "2026-03-02", deal={"account": deals.account(owner=owner)})
    Review.objects.create(
        deal=outcome.deal,
        outcome=outcome,
        due_on="2026-03-20",
        why="account",
        state="held",
        held_at=make.noon("2026-03-10"),
    )

    (finding,) = found("review-coverage", manager)

    assert finding.title == "1 of 2 accounts were heard in a review"
    assert finding.sub == "1 person has none yet."
    assert cells(finding.table) == [
        ["Rita Rep", "0", "1", "0 %"],
        ["Zoe Rep", "1", "1", "100 %"],
    ]
