"""Win rate: won of won and lost, with its interval, split without ranking."""

from decimal import Decimal

import pytest

from crm.reports.base import Scope
from crm.reports.win_rate import split, win_rate
from crm.shared.evidence import Verdict, wilson
from deals.actions import closing
from deals.states import Phase
from tests.factories import deals, shared
from tests.factories import reports as make

pytestmark = pytest.mark.django_db

MARCH = make.filters("2026-03-01", "2026-03-31")


def rates(report, by: str) -> dict[str | None, tuple[int, int]]:
    """Won and decided of each group, in the order of the rows."""
    return {row.by[by]: (row.figures["won"].n, row.figures["win_rate"].n) for row in report.by(by)}


def test_4238_of_6711_is_a_rate_of_63_percent(rep):
    rate = Scope(MARCH, rep).share(4238, 6711)

    assert (rate.numerator, rate.denominator, rate.n) == (4238, 6711, 6711)
    assert [round(float(end), 4) for end in (rate.value, rate.low, rate.high)] == [
        0.6315,
        0.6199,
        0.6430,
    ]


def test_won_of_won_and_lost_with_the_won_value_beside_it(rep):
    make.closings(rep, won=42, lost=25)

    figures = win_rate(MARCH, rep).figures

    rate = figures["win_rate"]
    assert (rate.numerator, rate.denominator, rate.n) == (42, 67, 67)
    assert rate.interval == wilson(42, 67)
    assert (figures["won"].n, figures["lost"].n) == (42, 25)
    assert figures["won_value"].value == Decimal("4200.00")


def test_disqualified_deals_are_neither(rep):
    make.won(rep, "2026-03-02")
    make.lost(rep, "2026-03-02")
    dropped = make.opened(rep, "2026-03-02")
    closing.disqualify(
        dropped, disqualified_as="duplicate", by=rep, at=make.noon("2026-03-02"), historical=True
    )

    rate = win_rate(MARCH, rep).figures["win_rate"]

    assert (rate.numerator, rate.denominator, rate.value) == (1, 2, 0.5)


def test_no_denominator_is_no_rate(rep):
    rate = win_rate(MARCH, rep).figures["win_rate"]

    assert (rate.value, rate.denominator, rate.interval) == (None, 0, None)


def test_wins_and_losses_split_by_competitor_product_and_stage(rep):
    rival, sold = deals.competitor("Frostwatch"), deals.product("Sensors")
    conclusion = deals.stage(Phase.CONCLUSION)
    make.lost(rep, "2026-03-02", "lost-to-a-competitor", competitor=rival)
    make.lost(rep, "2026-03-02", deal={"product": sold})
    make.won(rep, "2026-03-02", deal={"product": sold, "stage": conclusion, "amount": "700.00"})

    report = win_rate(MARCH, rep)

    assert rates(report, "competitor") == {None: (1, 2), "Frostwatch": (0, 1)}
    assert rates(report, "product") == {None: (0, 1), "Sensors": (1, 2)}
    assert rates(report, "stage") == {"Suspect": (0, 2), "Conclusion": (1, 1)}
    sensors = next(row for row in report.by("product") if row.by["product"] == "Sensors")
    assert sensors.figures["won_value"].value == Decimal("700.00")


@pytest.mark.practice("A14")
def test_people_stand_in_the_order_of_the_team_list(rep, colleague, outsider, admin):
    alone = shared.user(name="Aaron Alone")
    for person in (outsider, alone, rep, colleague):
        make.lost(person, "2026-03-02")
    make.won(outsider, "2026-03-02")

    report = win_rate(MARCH, admin)

    assert list(rates(report, "rep")) == [
        "Carl Colleague",
        "Rita Rep",
        "Otto Outsider",
        "Aaron Alone",
    ]


@pytest.mark.practice("C5")
def test_under_twenty_nothing_is_said_and_chance_is_called_chance(rep, colleague, outsider, admin):
    make.closings(rep, won=5, lost=45)
    make.closings(colleague, won=5, lost=55)
    make.closings(outsider, won=2, lost=3)
    make.closings(admin, won=30, lost=10)

    report = split(MARCH, admin, by=["rep"])

    told = {row.by["rep"]: row.figures["win_rate"].verdict for row in report.by("rep")}
    assert told == {
        "Rita Rep": None,
        "Carl Colleague": None,
        "Otto Outsider": Verdict.TOO_FEW,
        "Ada Admin": None,
    }
    alike = split(MARCH, admin, by=["product"]).by("product")[0].figures["win_rate"]
    assert alike.verdict == Verdict.NOT_APART


def test_every_split_sums_to_the_whole(rep):
    rival = deals.competitor()
    for number in range(4):
        make.lost(rep, f"2026-03-0{number + 1}", competitor=rival if number % 2 else None)
        make.won(rep, f"2026-03-0{number + 1}", deal={"amount": f"{number}00.00"})

    report = win_rate(MARCH, rep)

    for name in ("competitor", "product", "stage", "rep"):
        rows = report.by(name)
        assert sum(row.figures["win_rate"].n for row in rows) == 8
        assert sum(row.figures["won_value"].value for row in rows) == Decimal("600.00")


def test_the_number_of_queries_does_not_grow(manager, rep, colleague, django_assert_num_queries):
    manager.visible_owner_ids  # noqa: B018  (asked once a request)
    make.lost(
        rep, "2026-03-02", competitor=deals.competitor("A"), deal={"product": deals.product("A")}
    )
    with django_assert_num_queries(8):
        win_rate(MARCH, manager)
    make.won(colleague, "2026-03-02", deal={"product": deals.product("B")})
    make.lost(rep, "2026-03-02", competitor=deals.competitor("B"))

    with django_assert_num_queries(8):
        win_rate(MARCH, manager)


def test_nobody_else_stands_apart_from_not_known(rep):
    """“None” is an answer, not a missing one; the parts sum to the whole."""
    rival = deals.competitor("Frostwatch")
    for said in ({"competitor": rival}, {"no_competitor": True}, {"no_competitor": True}, {}):
        deal = make.opened(rep, "2026-03-02")
        at = make.noon("2026-03-02")
        closing.lose(deal, reason=deals.reason(), by=rep, at=at, historical=True, **said)

    report = split(MARCH, rep, by=["competitor"])

    assert [(row.label, row.figures["lost"].n) for row in report.by("competitor")] == [
        ("No rival known", 1),
        ("Nobody else", 2),
        ("Frostwatch", 1),
    ]
    opens = [row.figures["lost"].behind.query for row in report.by("competitor")]
    assert [one.rpartition("&")[2] for one in opens] == [
        "competition=unknown",
        "competition=none",
        f"competitor={rival.pk}",
    ]
