"""Setting up in a real browser: two reasons become one, a colleague leaves; no fault for axe, no page wider than a phone."""

import pytest

from deals.actions import closing
from deals.models import Deal, LossReason, Outcome
from tests.browser import worlds
from tests.browser.test_accessible import PHONE, faults
from tests.factories import deals

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["stages", "reasons", "competitors", "products", "people", "teams"]


def test_two_reasons_become_one(page, enter, rep, admin):
    lost = closing.lose(worlds.open_deal(rep), reason=deals.reason("timing"), by=rep)
    enter(page, admin)

    page.goto("/settings/reasons/")
    page.click("a[aria-label='Merge: Timing']")
    page.select_option("select[name=into]", label="No decision")
    page.click("#main button.is-primary")
    page.wait_for_selector("#retired-title")

    assert Outcome.objects.get(pk=lost.pk).reason.slug == "no-decision"
    assert LossReason.objects.get(slug="timing").archived_at is not None


def test_everything_of_one_who_leaves_is_handed_over(page, enter, rep, colleague, admin):
    deal = worlds.deal_due(rep)
    enter(page, admin)

    page.goto("/settings/people/")
    page.click("a[aria-label='Leaves: Rita Rep']")
    page.check(f"input[name=heirs][value='{colleague.pk}']")
    page.click("#main button.is-primary")
    page.wait_for_url("**/settings/people/")

    assert Deal.objects.get(pk=deal.pk).owner == colleague
    rep.refresh_from_db()
    assert not rep.is_active


def test_the_pages_of_settings_have_no_fault(browser, live_server, enter, rep, admin):
    lost = closing.lose(worlds.open_deal(rep), reason=deals.reason("timing"), by=rep)
    rival = deals.competitor()
    stage, reason = deals.stage("approach"), deals.reason("timing")
    paths = [f"/settings/{name}/" for name in PAGES] + [
        f"/settings/stages/{stage.pk}/",
        f"/settings/reasons/{reason.pk}/",
        f"/settings/reasons/{reason.pk}/merge/",
        f"/settings/competitors/{rival.pk}/",
        f"/settings/people/{rep.pk}/",
        f"/settings/people/{rep.pk}/leave/",
        f"/deals/{lost.deal_id}/outcome/",
        f"/deals/{lost.deal_id}/",
    ]
    with browser.new_context(
        base_url=live_server.url, reduced_motion="reduce", bypass_csp=True, viewport=PHONE
    ) as context:
        page = context.new_page()
        enter(page, admin)
        found = []
        for path in paths:
            page.goto(path)
            for details in page.locator("#main details.more").all():
                details.evaluate("one => one.open = true")
            found += faults(page, path)

    assert found == []


def test_a_further_reason_stands_where_it_was_ticked(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)

    page.goto(f"/deals/{deal.pk}/lose/")
    page.check("input[name=reason][value='price-or-value']", force=True)
    page.click("details.menu.is-field summary")
    for slug in ("timing", "budget-gone"):
        page.check(f"input[name=other_reasons][value='{slug}']")
    assert page.inner_text("[data-chosen]") == "Timing, Budget gone"
    page.keyboard.press("Escape")
    page.click("#main button.is-primary[type=submit]")
    page.wait_for_url("**/closed/**")

    others = Outcome.objects.get(deal=deal).other_reasons.all()
    assert [one.reason.slug for one in others] == ["timing", "budget-gone"]
