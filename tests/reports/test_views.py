"""Pages of reports: what was found, the deals behind it, nothing for what is too small."""

import re

import pytest
from django.test import Client

from crm.reports.catalogue import REPORTS
from deals.models import Outcome
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client, manager) -> Client:
    client.force_login(manager)
    return client


def titles(page: str) -> list[str]:
    return re.findall(r'<section class="panel find c\d+">\s*<h2>(.*?)</h2>', page)


def link_named(page: str, name: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*aria-label="{re.escape(name)}"', page)
    assert found, name
    return found[1].replace("&amp;", "&")


def test_lost_to_a_competitor_12_opens_those_twelve(reader, rep, colleague):
    for day in range(1, 13):
        make.lost(rep, f"2026-04-{day:02}", "lost-to-a-competitor")
    make.lost(rep, "2026-03-31", "lost-to-a-competitor")
    make.lost(colleague, "2026-04-02", "timing")

    page = reader.get("/reports/monthly-review/").content.decode()
    opened = reader.get(link_named(page, "Lost to a competitor: 12"))

    twelve = Outcome.objects.filter(
        at__gte=make.noon("2026-04-01"), reason__slug__contains="compet"
    )
    assert {row.deal.pk for row in opened.context["rows"]} == {
        outcome.deal_id for outcome in twelve
    }
    assert len(opened.context["rows"]) == 12


@pytest.mark.practice("A9")
def test_the_month_is_told_inside_its_quarter(reader, rep):
    make.won(rep, "2026-02-10", deal={"amount": "40000.00"})
    make.won(rep, "2026-04-10", deal={"amount": "12000.00"})
    make.lost(rep, "2026-04-10")

    page = reader.get("/reports/monthly-review/").content.decode()

    assert titles(page) == [
        "12.0k won in April so far, in a quarter of 12.0k",
        "1 loss: too few to say what changes",
        "3 deals decided: too few to say",
        "No account has a closed deal yet",
        "3 deals decided: too few to say",
        "No commission is known, so the worth of a touch is not",
        "No lead was let go by rule",
    ]


def test_the_month_can_be_chosen_and_keeps_the_filters(reader, rep):
    make.lost(rep, "2026-02-10")

    page = reader.get(f"/reports/monthly-review/?month=2026-02&rep={rep.pk}")

    assert [(choice.label, choice.is_current) for choice in page.context["months"]] == [
        ("January", False),
        ("February", True),
        ("March", False),
    ]
    assert page.context["months"][0].href.endswith(f"?rep={rep.pk}&month=2026-01")
    assert "Monthly review: February 2026" in page.content.decode()


def test_no_month_that_has_not_begun_can_be_chosen(reader):
    choices = reader.get("/reports/monthly-review/").context["months"]

    assert [choice.label for choice in choices] == ["February", "March", "April"]


@pytest.mark.practice("F4")
def test_what_rises_and_falls_is_the_title(reader, rep):
    for _ in range(21):
        make.lost(rep, "2025-06-10", "price-or-value")
        make.lost(rep, "2026-02-10", "lost-to-a-competitor")

    page = reader.get("/reports/monthly-review/").content.decode()

    assert "Price or value less often, lost to a competitor more often" in page
    assert "corrected for 2 reasons" in page


def test_every_mark_of_a_chart_has_a_title_and_a_table_beneath(reader, rep):
    for _ in range(20):
        make.lost(rep, "2026-03-10", competitor=deals.competitor("A") if not _ else None)

    page = reader.get("/reports/losses-by-reason/?from=2026-01-01").content.decode()

    svg = re.search(r"<svg class=\"chart-svg\".*?</svg>", page, flags=re.DOTALL)
    assert svg
    assert 'aria-label="Losses by reason and month, 20 in all"' in svg[0]
    marks = re.findall(r"<rect[^>]*>\s*<title>(.*?)</title>", svg[0])
    assert marks == ["March 2026: Price or value 20"]
    assert "<summary>Table</summary>" in page


@pytest.mark.parametrize("language", ["it", "pl", "ru", "zh-hans"])
def test_drawings_are_drawn_with_points_in_every_language(reader, manager, rep, language):
    manager.language = language
    manager.save(update_fields=["language"])
    for _ in range(20):
        make.lost(rep, "2026-03-10")
        make.won(rep, "2026-02-10")

    page = reader.get("/reports/monthly-review/").content.decode()

    drawn = re.findall(r'\s(?:x|y|x1|x2|cx|cy|r|width|height|d|viewBox)="([^"]*)"', page)
    assert drawn
    assert [value for value in drawn if "," in value] == []


def test_the_list_of_reports_opens_each(reader):
    page = reader.get("/reports/")

    answers = {row["href"]: reader.get(row["href"]).status_code for row in page.context["rows"]}

    assert len(answers) == len(REPORTS)
    assert set(answers.values()) == {200}


@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: entry.slug)
def test_where_nothing_was_closed_the_page_says_what_will_stand_here(entry, reader):
    page = reader.get(f"/reports/{entry.slug}/").content.decode()

    assert "Nothing was closed in this time" in page


def test_an_unknown_name_or_a_wrong_day_is_told(reader):
    page = reader.get("/reports/win-rate/?nope=1&from=soon")

    assert page.status_code == 400
    assert "Unknown parameter: nope." in page.content.decode()
    assert "findings" not in page.context


def test_an_unknown_report_is_not_there(reader):
    assert reader.get("/reports/nope/").status_code == 404


def test_a_viewer_reads_the_page_and_finds_no_link_to_deals(client, viewer, rep):
    client.force_login(viewer)
    for _ in range(3):
        make.lost(rep, "2026-04-10")
        make.won(rep, "2026-04-10", commission=3)

    page = client.get("/reports/monthly-review/").content.decode()

    assert "3 losses: too few to say what changes" in page
    assert "/deals/?" not in page
    assert "Rita" not in page


def test_the_number_of_queries_does_not_grow(reader, rep, colleague, django_assert_max_num_queries):
    make.lost(rep, "2026-04-02", competitor=deals.competitor("A"))
    make.won(rep, "2026-04-02")
    with django_assert_max_num_queries(25) as first:
        reader.get("/reports/monthly-review/")
    make.won(colleague, "2026-03-02")
    make.lost(colleague, "2026-04-02", competitor=deals.competitor("B"))

    with django_assert_max_num_queries(25) as second:
        reader.get("/reports/monthly-review/")

    assert len(second) == len(first)
