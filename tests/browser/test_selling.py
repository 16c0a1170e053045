"""A deal qualified, its decision-maker mapped, a proposal sent and answered: all on one page."""

import pytest

from deals.models import Proposal, Stakeholder
from tests.browser import worlds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.practice("B9")
def test_qualify_map_a_decision_maker_send_a_proposal_and_answer_it(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    page.goto(f"/deals/{deal.pk}/")
    assert "No decision-maker yet" in page.inner_text("main")

    page.click("#q-budget-yes")
    page.wait_for_selector("#q-budget-yes[aria-pressed=true]")
    page.click("#sure-75")
    page.wait_for_selector("#sure-75[aria-pressed=true]")

    page.click("main a[href$='/people/']")
    page.select_option("#layer [name=contact]", label="Dana Whitfield")
    page.select_option("#layer [name=role]", "decision_maker")
    page.check("#layer [name=met]")
    page.click("#layer button.is-primary")
    page.wait_for_selector("main .people li")
    assert "No decision-maker yet" not in page.inner_text("main")

    page.click("#proposals a[href$='/proposals/']")
    page.fill("#layer [name=offer]", "Fourteen sites in two waves")
    page.click("#layer button.is-primary")
    page.wait_for_selector("#proposals .proposal")
    page.click("#proposals a[href$='/answer/']")
    page.click("#layer label:has([name=state][value=accepted]), #layer label[for=id_state_0]")
    page.fill("#layer [name=words]", "Yes, from March")
    page.click("#layer button.is-primary")
    page.wait_for_selector("#proposals blockquote")

    deal.refresh_from_db()
    assert (deal.budget, deal.confidence) == ("yes", 75)
    assert Stakeholder.objects.get(deal=deal).met
    assert Proposal.objects.get(deal=deal).words == "Yes, from March"
