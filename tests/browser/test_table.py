"""The table in a real browser: a view under a name, and one reason for many deals."""

import pytest

from deals import tasks
from deals.actions import bulk
from deals.models import BulkJob, Deal, SavedView
from tests.browser import worlds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_view_is_kept_with_its_columns_and_opened_by_its_name(page, enter, rep):
    worlds.open_deal(rep, source="Fair in Parma")
    enter(page, rep)
    page.goto("/deals/?view=table")

    page.click("form.columns summary")
    page.check("form.columns [value=source]")
    page.click("form.columns button")
    page.wait_for_url("**columns=**")
    page.click("summary:has-text('Views')")
    page.click("a:has-text('Save this view')")
    page.fill("[name=name]", "By source")
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_selector("summary:has-text('By source')")

    assert "Fair in Parma" in page.inner_text("table")
    assert "source" in SavedView.objects.get().query


def test_a_whole_filter_is_lost_by_a_worker_while_one_watches_and_taken_back(
    page, enter, rep, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for title in ("Cold room", "Depot"):
        worlds.open_deal(rep, title=title)
    enter(page, rep)
    page.goto("/deals/?view=table")

    page.check("[data-pick-all]")
    page.click("button[name=what][value=lose]")
    page.wait_for_selector("#layer [data-digit='1']")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#bulk-progress")
    tasks.run_bulk(job_id=BulkJob.objects.get().pk)
    page.click("#bulk-progress button:has-text('Undo')")
    page.wait_for_url("**/deals/bulk/**")
    lost = Deal.objects.lost().count()
    tasks.run_bulk(job_id=BulkJob.objects.first().pk)

    assert lost == 2
    assert Deal.objects.open().count() == 2
