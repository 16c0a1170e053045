"""What it costs to bring in the first deals from another system: at most six interactions after signing in, no mapping."""

import pytest

from crm.imports import running
from crm.imports.models import Import
from deals.models import Deal
from tests.factories import imports as files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST = 6
HUBSPOT = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal Type\n"
    "1,Depot,Decision Maker Bought-In,Sales,1200.50,2026-02-28,2026-01-05,New\n"
    "2,Ward,Closed Won,Sales,900,2026-02-28,2026-01-05,New\n"
)
PIPEDRIVE = (
    "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Organization,Deal - Stage,Deal - Status\n"
    "1,Depot,1200.50,EUR,Vale,Proposal Made,Open\n"
    "2,Ward,900,EUR,Lund,Qualified,Open\n"
)


def counted(page, *steps: str, file) -> int:
    """Do the steps, each one interaction: what is clicked, or the field that the file goes into."""
    for step in steps:
        if step.startswith("input[type=file]"):
            page.set_input_files(step, file)
        else:
            page.click(step)
    return len(steps)


def came_in(page) -> None:
    """The worker does its part, and the page finds out by itself."""
    page.wait_for_selector("#import-progress")
    running.run(Import.objects.get().pk)
    page.wait_for_selector("#import-progress a:has-text('Open the pipeline')")
    assert set(Deal.objects.values_list("title", flat=True)) == {"Depot", "Ward"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_first_deals_of_another_system_are_here_after_four_clicks(page, enter, rep, tmp_path):
    enter(page, rep)
    page.goto("/")

    effort = counted(
        page,
        "nav a:has-text('Import')",
        "input[type=file]",
        "main button:has-text('Read the file')",
        "main button:has-text('Import now')",
        file=files.file(tmp_path, HUBSPOT),
    )
    came_in(page)

    assert effort <= MOST


def test_the_first_deals_of_another_system_are_here_after_five_taps(phone, enter, rep, tmp_path):
    enter(phone, rep)
    phone.goto("/")

    effort = counted(
        phone,
        "nav :text-is('More') >> visible=true",
        "a:has-text('Import') >> visible=true",
        "input[type=file]",
        "main button:has-text('Read the file')",
        "main button:has-text('Import now')",
        file=files.file(tmp_path, PIPEDRIVE),
    )
    came_in(phone)

    assert effort <= MOST
