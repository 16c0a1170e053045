"""Public data sets that nobody here wrote come in right, without a mapping by hand."""

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, Q, Sum

from crm.imports.states import Kind
from crm.reports.win_rate import win_rate as win_rate_report
from crm.shared.models import Notice, User
from deals.models import Account, Competitor, Deal, Outcome
from followups.models import FollowUp, Touch
from tests.factories import imports as files
from tests.factories import reports

pytestmark = pytest.mark.django_db
CALL = ",W_Nabellen offertes,START,"


@pytest.mark.data
def test_maven_comes_in_whole(data_folder: Path, admin: User) -> None:
    """8,800 opportunities of somebody else's, and the figures that somebody else worked out (reference.json)."""
    folder = data_folder / "maven-crm"
    reference = json.loads((folder / "reference.json").read_text())

    job = files.ran(folder / "sales_pipeline.csv", by=None)

    assert files.counts(job) == (8800, 8800, 0, 0, 0)
    won, lost = Count("pk", filter=Q(kind="won")), Count("pk", filter=Q(kind="lost"))
    value = Sum("base_amount", filter=Q(kind="won"))
    total = Outcome.objects.aggregate(won=won, lost=lost, value=value)
    assert (total["won"], total["lost"], int(total["value"])) == (
        reference["won"],
        reference["lost"],
        reference["won_value"],
    )
    assert round(total["won"] / (total["won"] + total["lost"]), 6) == reference["win_rate"]
    reported = win_rate_report(reports.filters("2016-01-01", "2018-12-31"), admin)
    rate = reported.figures["win_rate"]
    assert (rate.numerator, rate.denominator) == (
        reference["won"],
        reference["won"] + reference["lost"],
    )
    assert rate.value is not None
    assert round(float(rate.value), 6) == reference["win_rate"]
    assert int(reported.figures["won_value"].value or 0) == reference["won_value"]
    agents = (
        Outcome.objects.values("owner__name").annotate(won=won, lost=lost, value=value).order_by()
    )
    assert {row["owner__name"]: (row["won"], row["lost"], int(row["value"])) for row in agents} == {
        row["sales_agent"]: (row["won"], row["lost"], row["won_value"])
        for row in reference["by_agent"]
    }
    products = Outcome.objects.values("deal__product__name").annotate(won=won, lost=lost).order_by()
    assert {
        row["deal__product__name"].replace("GTXPro", "GTX Pro"): (row["won"], row["lost"])
        for row in products
    } == {row["product"]: (row["won"], row["lost"]) for row in reference["by_product"]}
    assert not FollowUp.objects.exists()
    assert not Notice.objects.exists()


def reference(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "reference.json").read_text())
    return found


def by_kind() -> dict[str, int]:
    rows = Outcome.objects.values_list("kind").annotate(n=Count("pk")).order_by()
    return dict(rows)


def amounts() -> dict[str, Any]:
    """Of all deals by their state, in whatever currency."""
    rows = Deal.objects.values_list("status").annotate(total=Sum("amount")).order_by()
    return {status: total for status, total in rows if total is not None}


def win_rate() -> float:
    kinds = by_kind()
    return round(kinds["won"] / (kinds["won"] + kinds["lost"]), 6)


def at_stages() -> dict[str, int]:
    rows = Deal.objects.filter(status="open").values_list("stage__phase").annotate(n=Count("pk"))
    return dict(rows.order_by())


@pytest.mark.data
@pytest.mark.postgres  # as many rows once more
@pytest.mark.parametrize("variant", ["sales_pipeline_us_dates.csv", "workbook_many_sheets.xlsx"])
def test_the_variants_of_maven_say_the_same(data_folder: Path, variant: str) -> None:
    wanted = reference(data_folder / "maven-crm")

    job = files.ran(data_folder / "maven-crm" / "variants" / variant, by=None)

    assert files.counts(job) == (8800, 8800, 0, 0, 0)
    assert (by_kind()["won"], by_kind()["lost"], win_rate()) == (
        wanted["won"],
        wanted["lost"],
        wanted["win_rate"],
    )
    assert int(amounts()["won"]) == wanted["won_value"]
    closed = Deal.objects.exclude(closed_at=None).order_by("closed_at")
    assert (closed[0].closed_at.date().isoformat(), closed.last().closed_at.date().isoformat()) == (
        "2017-03-01",
        "2017-12-31",
    )


@pytest.mark.data
def test_the_companies_of_maven_come_in(data_folder: Path) -> None:
    job = files.ran(data_folder / "maven-crm" / "accounts.csv", by=None, kind=Kind.ACCOUNTS)

    assert files.counts(job) == (85, 85, 0, 0, 0)
    acme = Account.objects.get(name="Acme Corporation")
    assert (acme.industry, acme.employees, acme.country) == ("technolgy", 2822, "US")
    assert acme.extra == {"year_established": "1996", "revenue": "1100.04"}
    unknown = Account.objects.get(extra__has_key="office_location")
    assert (unknown.country, unknown.extra["office_location"]) == ("", "Philipines")


@pytest.mark.data
def test_hubspot_comes_in_whole(data_folder: Path) -> None:
    folder = data_folder / "hubspot-export"
    wanted = reference(folder)

    jobs = [
        files.ran(folder / f"hubspot_{name}.csv", by=None, kind=kind)
        for name, kind in (
            ("companies", Kind.ACCOUNTS),
            ("contacts", Kind.CONTACTS),
            ("deals", Kind.DEALS),
            ("activities", Kind.TOUCHES),
        )
    ]

    assert [job.recognised_as for job in jobs] == ["HubSpot"] * 4
    assert [files.counts(job) for job in jobs[:3]] == [
        (200, 200, 0, 0, 0),
        (950, 950, 0, 0, 0),
        (500, 500, 0, 0, 0),
    ]
    assert (by_kind()["won"], by_kind()["lost"], win_rate()) == (
        wanted["won"],
        wanted["lost"],
        wanted["win_rate"],
    )
    assert (float(amounts()["won"]), float(amounts()["lost"])) == (
        wanted["won_amount"],
        wanted["lost_amount"],
    )
    owners = Outcome.objects.values("owner__email").annotate(
        n=Count("pk"), won=Count("pk", filter=Q(kind="won"))
    )
    assert {(row["owner__email"], row["n"], row["won"]) for row in owners.order_by()} == {
        (row["value"], row["n"], row["success"]) for row in wanted["by_owner"]
    }
    assert Deal.objects.filter(contact=None).count() == 0
    read, created, *_others, rejected = files.counts(jobs[3])
    whys = Counter(jobs[3].rejected.values_list("why", flat=True))
    no_touches = "Notes and tasks are no touches; they stay where they are."
    assert (read, created + rejected, whys[no_touches]) == (2000, 2000, 403 + 385)
    assert created == Touch.objects.count() > 0
    assert not FollowUp.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.data
@pytest.mark.postgres  # as many rows once more
def test_zoho_comes_in_whole(data_folder: Path) -> None:
    folder = data_folder / "zoho-crm"
    wanted = reference(folder)

    jobs = {
        name: files.ran(folder / f"{name}.csv", by=None, kind=kind)
        for name, kind in (
            ("Accounts", Kind.ACCOUNTS),
            ("Contacts", Kind.CONTACTS),
            ("Potentials", Kind.DEALS),
            ("Calls", Kind.TOUCHES),
            ("Events", Kind.TOUCHES),
        )
    }

    assert {job.recognised_as for job in jobs.values()} == {"Zoho"}
    assert [files.counts(jobs[name]) for name in ("Accounts", "Contacts", "Potentials")] == [
        (2229, 2229, 0, 0, 0),
        (1265, 1265, 0, 0, 0),
        (3632, 3632, 0, 0, 0),
    ]
    assert (by_kind()["won"], by_kind()["lost"], win_rate()) == (
        wanted["won"],
        wanted["lost"],
        wanted["win_rate"],
    )
    assert {status: float(total) for status, total in amounts().items()} == {
        "won": wanted["won_amount"],
        "lost": wanted["lost_amount"],
        "open": wanted["open_amount"],
    }
    assert set(Deal.objects.values_list("currency", flat=True)) == {"USD"}
    opened = Deal.objects.order_by("opened_at")
    assert (opened[0].opened_at.date().isoformat(), opened.last().opened_at.date().isoformat()) == (
        wanted["created_min"],
        wanted["created_max"],
    )
    # Of the ids in calls and events that of the lead alone leads to a deal (README).
    whys = {
        name: Counter(jobs[name].rejected.values_list("why", flat=True))
        for name in ("Calls", "Events")
    }
    no_deal = "No deal is known for this touch: import the deals first."
    closed = "Every deal of theirs was closed before that day."
    nobody = "It names no deal, no person and no company."
    assert whys == {
        "Calls": {no_deal: 2743, nobody: 1211, closed: 40},
        "Events": {no_deal: 1934, nobody: 3, closed: 379},
    }
    assert [files.counts(jobs[name])[:2] for name in whys] == [
        (wanted["rows"]["Calls"], 146 - 40),  # to 146 leads that became a deal
        (wanted["rows"]["Events"], 1041 - 379),
    ]
    assert Touch.objects.filter(deal__external_id="1007").exists()


@pytest.mark.data
def test_salvirt_comes_in_whole_though_it_has_no_title_id_or_date(data_folder: Path) -> None:
    """83 rows equal an earlier one and are other deals; Unknown is not No."""
    folder = data_folder / "salvirt-b2b"
    wanted = reference(folder)

    job = files.ran(folder / "Salvirt_B2B_ML_dataset.csv", by=None)

    assert files.counts(job) == (448, 448, 0, 0, 0)
    assert (by_kind()["won"], by_kind()["lost"], win_rate()) == (
        wanted["won"],
        wanted["lost"],
        wanted["win_rate"],
    )
    sources = Outcome.objects.values("deal__source").annotate(
        n=Count("pk"), won=Count("pk", filter=Q(kind="won"))
    )
    assert {(row["deal__source"], row["n"], row["won"]) for row in sources.order_by()} >= {
        ("Joint past", 339, 208),
        ("Referral", 53, 13),
        ("Unknown", 10, 2),
    }
    asked = Counter(Deal.objects.values_list("extra__Competitors", flat=True))
    assert asked == {"No": 285, "Yes": 143, "Unknown": 20}
    alone = Outcome.objects.filter(no_competitor=True).values_list("kind")
    assert dict(alone.annotate(n=Count("pk")).order_by()) == {"won": 192, "lost": 285 - 192}
    assert not Competitor.objects.exists()  # Yes is nobody's name


@pytest.mark.data
@pytest.mark.postgres  # 78,025 rows
def test_ibm_comes_in_whole(data_folder: Path, tmp_path: Path) -> None:
    """Its numbers repeat, so they are no ids (README): a mapping makes them titles. All else is found."""
    folder = data_folder / "ibm-win-loss"
    wanted = reference(folder)
    path = folder / "WA_Fn-UseC_-Sales-Win-Loss.csv.gz"
    found = files.prepared(path, by=None)
    mapping = {match["column"]: match["field"] for match in found.mapping if match["field"]}

    job = files.ran(path, by=None, mapping=mapping | {"Opportunity Number": "title"})

    assert mapping == {
        "Opportunity Number": "external_id",
        "Opportunity Result": "status",
        "Opportunity Amount USD": "amount",
        "Competitor Type": "competitor",
    }
    assert files.counts(job) == (78025, 78025, 0, 0, 0)
    assert (by_kind()["won"], by_kind()["lost"], win_rate()) == (
        wanted["won"],
        wanted["lost"],
        wanted["win_rate"],
    )
    assert {status: int(total) for status, total in amounts().items()} == {
        "won": wanted["amount_won_usd"],
        "lost": wanted["amount_lost_usd"],
    }
    alone = Outcome.objects.filter(no_competitor=True).values_list("kind")
    nobody = next(row for row in wanted["by_competitor"] if row["Competitor Type"] == "None")
    assert dict(alone.annotate(n=Count("pk")).order_by()) == {
        "won": nobody["won"],
        "lost": nobody["lost"],
    }
    words = Counter(
        extra["Competitor Type"] for extra in Deal.objects.values_list("extra", flat=True)
    )
    assert words == {row["Competitor Type"]: row["n"] for row in wanted["by_competitor"]}
    assert not Competitor.objects.exists()


@pytest.mark.data
@pytest.mark.postgres  # as many rows once more
def test_x_education_comes_in_whole(data_folder: Path) -> None:
    folder = data_folder / "xeducation-leads"
    wanted = reference(folder)

    job = files.ran(folder / "Leads.csv", by=None)

    assert files.counts(job) == (9240, 9240, 0, 0, 0)
    assert (by_kind()["won"], round(win_rate(), 5)) == (3561, 0.38539)
    assert wanted["lost_or_open"] == by_kind()["lost"]
    sources = Outcome.objects.values("deal__source").annotate(
        n=Count("pk"), won=Count("pk", filter=Q(kind="won"))
    )
    assert {(row["deal__source"], row["n"], row["won"]) for row in sources.order_by()} >= {
        ("Google", 2868, 1147),
        ("Reference", 534, 490),
        ("Referral Sites", 125, 31),
        ("", 36, 29),
    }
    assert not Competitor.objects.exists()


@pytest.mark.data
@pytest.mark.postgres  # as many rows once more
def test_a_funnel_of_loans_comes_in_with_its_calls(data_folder: Path, tmp_path: Path) -> None:
    """Its cases know no stage, so all begin; its calls are what the README says they are."""
    folder = data_folder / "bpi2012-loan-funnel"
    wanted = reference(folder)
    path = tmp_path / "calls.csv"
    with gzip.open(folder / "events.csv.gz", "rt", encoding="utf-8") as events:
        header, *rows = events
        path.write_text(header + "".join(row for row in rows if CALL in row), encoding="utf-8")

    cases = files.ran(folder / "cases.csv", by=None)
    calls = files.ran(path, by=None, kind=Kind.TOUCHES)

    assert (files.counts(cases), files.counts(calls)) == (
        (wanted["cases"], wanted["cases"], 0, 0, 0),
        (wanted["followup_sessions_total"], wanted["followup_sessions_total"], 0, 0, 0),
    )
    assert Deal.objects.open().filter(stage__phase="suspect").count() == wanted["cases"]
    called = Deal.objects.exclude(touch_count=0)
    assert called.count() == wanted["cases_with_followup"]
    assert set(Touch.objects.values_list("channel", "extra__activity", "extra__transition")) == {
        ("call", "W_Nabellen offertes", "START")
    }
    loan = Deal.objects.get(external_id="173688")
    assert (loan.title, loan.amount, loan.touch_count) == ("173688", Decimal(20000), 3)
    assert loan.opened_at.date().isoformat() == "2011-10-01"
