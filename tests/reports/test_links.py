"""Invariant 6: a report's figure equals the number of rows that its link opens, on the page and in the API."""

import pytest

from crm.reports.catalogue import REPORTS
from deals.models import Deal
from deals.states import Phase
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(rep, colleague, outsider):
    """Closings of every kind, some of them what a careless link would miss or add."""
    rival, sold = deals.competitor(), deals.product()
    for on in ("2025-06-10", "2026-01-31", "2026-02-01", "2026-03-31", "2026-04-19"):
        make.won(rep, on, deal={"product": sold})
        make.lost(colleague, on, "timing", competitor=rival)
        make.lost(rep, on, "price-or-value", control="theirs")
        make.lost(outsider, on)
    make.lost(rep, "2026-03-02", "not-stated")
    make.lost(rep, "2026-03-02", deal={"amount": None, "currency": "JPY"})
    make.lost(
        rep,
        "2026-03-05",
        "no-answer",
        automatic=True,
        deal={"stage": deals.stage(Phase.NEGOTIATION)},
    )
    make.lost(rep, "2026-03-05", stage=None)
    deals.deal(owner=rep)


def figures_of(report: dict):
    yield from report["figures"].items()
    for row in report["rows"]:
        yield from row["figures"].items()
    for part in report.get("parts", []):
        yield from figures_of(part)


@pytest.mark.parametrize(
    ("entry", "query"),
    [
        *((entry, "") for entry in REPORTS),
        *((entry, "?from=2026-02-01&to=2026-03-31") for entry in REPORTS[1:3]),
    ],
    ids=lambda value: getattr(value, "slug", value),
)
@pytest.mark.usefixtures("world")
def test_a_link_opens_as_many_deals_as_the_figure_says(entry, query, client, manager):
    client.force_login(manager)
    report = client.get(f"/api/v1/reports/{entry.slug}/{query}").json()
    links = {
        (figure["deals"], figure["n"]) for _name, figure in figures_of(report) if figure["deals"]
    }

    opened = {
        (link, client.get(f"{link}&count=true&limit=1").json()["count"]) for link, _n in links
    }

    assert opened == links
    assert links or entry.slug == "review-coverage"


@pytest.mark.usefixtures("world")
def test_links_keep_team_rep_and_product(client, manager, rep, team):
    client.force_login(manager)
    sold = Deal.objects.exclude(product=None).first().product
    query = f"?from=2026-01-01&rep={rep.pk}&team={team.pk}&product={sold.pk}"

    won = client.get(f"/api/v1/reports/win-rate/{query}").json()["figures"]["won"]

    assert client.get(f"{won['deals']}&count=true").json()["count"] == won["n"] == 4


@pytest.mark.practice("C2")
@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: entry.slug)
@pytest.mark.usefixtures("world")
def test_links_keep_segment_and_target_list(client, manager, rep, entry):
    client.force_login(manager)
    account = deals.account(owner=rep, country="IT", industry="Food")
    segment, found = deals.segment(), deals.target_list(account, owner=rep)
    known = {"account": account, "target_list": found}
    make.won(rep, "2026-04-02", deal=known)
    make.lost(rep, "2026-04-02", deal=known)
    make.lost(rep, "2026-04-02", deal={"account": account})
    make.lost(rep, "2026-04-02", deal={"target_list": found})

    for query, lost in ((f"segment={segment.pk}", 2), (f"target_list={found.pk}", 2)):
        report = client.get(f"/api/v1/reports/{entry.slug}/?{query}").json()
        links = {(one["deals"], one["n"]) for _name, one in figures_of(report) if one["deals"]}
        opened = {
            (link, client.get(f"{link}&count=true&limit=1").json()["count"]) for link, _n in links
        }
        assert opened == links
        assert all(query in link for link, _n in links)
        if "losses" in report["figures"]:
            assert report["figures"]["losses"]["n"] == lost


@pytest.mark.usefixtures("world")
def test_a_rep_opens_deals_that_a_colleague_shares_with_them(client, rep, colleague):
    shared = make.lost(colleague, "2026-03-02").deal
    shared.collaborators.add(rep)
    client.force_login(rep)

    rows = client.get("/api/v1/reports/win-rate/?from=2026-01-01").json()["rows"]

    lost = next(row for row in rows if row["by"] == {"rep": "Carl Colleague"})["figures"]["lost"]
    assert lost["n"] == 1
    found = client.get(lost["deals"]).json()["results"]
    assert [deal["id"] for deal in found] == [shared.pk]
