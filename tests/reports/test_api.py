"""Reports for programs: one endpoint, the shape of api.md, strict parameters."""

import pytest

from crm.reports.catalogue import REPORTS
from crm.shared.models.token import TokenScope
from tests.factories import deals
from tests.factories import reports as make
from tests.programs import program

pytestmark = pytest.mark.django_db


def test_a_report_answers_with_figures_rows_and_the_deals_behind_them(rep):
    make.won(rep, "2026-03-02")
    make.lost(rep, "2026-03-02", competitor=deals.competitor("Frostwatch"))

    answer = program(rep, scope=TokenScope.READ).get(
        "/reports/win-rate/?from=2026-03-01&to=2026-03-31"
    )

    report = answer.json()
    days = "closed_from=2026-03-01&closed_to=2026-03-31"
    assert list(report) == ["report", "filters", "currency", "figures", "rows"]
    assert report["filters"] == {
        "from": "2026-03-01",
        "to": "2026-03-31",
        "team": None,
        "rep": None,
        "product": None,
        "segment": None,
        "target_list": None,
    }
    assert (report["report"], report["currency"]) == ("win-rate", "EUR")
    assert report["figures"]["win_rate"] == {
        "value": 0.5,
        "numerator": 1,
        "denominator": 2,
        "low": 0.0945,
        "high": 0.9055,
        "n": 2,
        "verdict": "too few to say",
        "deals": f"/api/v1/deals/?status__in=won,lost&{days}",
    }
    assert report["figures"]["won_value"] == {
        "value": "1000.00",
        "numerator": None,
        "denominator": None,
        "low": None,
        "high": None,
        "n": 1,
        "verdict": None,
        "deals": f"/api/v1/deals/?status=won&{days}",
        "currency": "EUR",
    }
    assert [row["by"] for row in report["rows"]] == [
        {"competitor": None},
        {"competitor": "Frostwatch"},
        {"product": None},
        {"stage": "Suspect"},
        {"rep": "Rita Rep"},
    ]


def test_without_days_everything_up_to_today_is_counted(rep):
    make.lost(rep, "2017-03-02")

    report = program(rep).get("/reports/win-rate/").json()

    assert (report["filters"]["from"], report["filters"]["to"]) == (None, "2026-04-20")
    assert report["figures"]["lost"]["n"] == 1


def test_today_is_that_of_the_organisation(rep, settings):
    settings.ORGANISATION_TIME_ZONE = "Pacific/Kiritimati"

    report = program(rep).get("/reports/win-rate/").json()

    assert report["filters"]["to"] == "2026-04-20"


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", ("2026-04-01", "2026-04-30")),
        ("?month=2026-02", ("2026-02-01", "2026-02-28")),
        ("?from=2026-01-05&to=2026-03-10", ("2026-03-01", "2026-03-31")),
    ],
    ids=["this one", "a month", "that of the last day"],
)
def test_the_monthly_review_is_of_a_month(rep, query, days):
    report = program(rep).get(f"/reports/monthly-review/{query}").json()

    assert (report["filters"]["from"], report["filters"]["to"]) == days
    assert [part["report"] for part in report["parts"]] == [
        "won-amounts",
        "losses-by-reason",
        "win-rate",
        "dead-leads",
        "review-coverage",
        "worth-of-a-touch",
    ]


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("?nope=1", ["/nope"]),
        ("?month=2026-01", ["/month"]),
        ("?from=01.02.2026", ["/from"]),
        ("?from=2026-05-01", ["/from"]),
        ("?to=3000-01-01", ["/to"]),
        ("?team=77", ["/team"]),
        ("?rep=x", ["/rep"]),
        ("?from=2026-01-01&from=2026-02-01", ["/from"]),
    ],
)
def test_what_is_not_understood_is_named(rep, query, pointers):
    answer = program(rep).get(f"/reports/win-rate/{query}")

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_people_and_teams_that_one_does_not_see_are_no_choice(rep, outsider, other_team):
    reports = program(rep)

    answers = [
        reports.get(f"/reports/win-rate/?rep={outsider.pk}"),
        reports.get(f"/reports/win-rate/?team={other_team.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_an_unknown_report_is_not_there(rep):
    assert program(rep).get("/reports/nope/").status_code == 404


def test_nobody_reads_reports_without_signing_in(client):
    assert client.get("/api/v1/reports/win-rate/").status_code == 401


@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: entry.slug)
def test_every_report_answers_a_viewer(entry, viewer):
    assert program(viewer).get(f"/reports/{entry.slug}/").status_code == 200
