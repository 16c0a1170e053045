"""axe finds no serious or critical fault on any page, light and dark; and no page is wider than a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from crm.reports.catalogue import BY_SLUG
from deals.actions import closing
from tests.browser import worlds
from tests.factories import deals, followups, mail, reviews
from tests.rules import doors
from tests.rules.tables import TABLES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
AT_FAULT = {"serious", "critical"}
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
PARTS = (
    "panel",
    "due-on",
    "totals",
    "column",
    "waiting",
    "find-accounts",
    "rejected",
    "export-contact",
    "file",
    "healthz",
    "readyz",
)  # no pages
DIALOGS = {"lost": "l", "won": "w", "keys": "?"}
PUBLIC = [
    "/account/login/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/signup/",
    f"/feedback/{reviews.TOKEN}/",
    "/feedback/answered-already/",
    "/feedback/nothing/",
]


@pytest.fixture
def page(browser, live_server) -> Iterator:
    """A page in which axe may run its own script, which the content policy forbids."""
    context = browser.new_context(
        base_url=live_server.url, reduced_motion="reduce", bypass_csp=True, viewport=DESK
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def things(rep, team, settings):
    mail.use_templates(settings)
    settings.COMPANY_NAME = "Hallmark Cold"
    found = doors.world(rep, team=team)
    worlds.deal_due(rep, title="Due today")
    followups.deal_at_risk(owner=rep)
    closing.win(worlds.open_deal(rep, title="Won"), by=rep)
    return found


def pages(things) -> list[str]:
    """Every page that a rep may open, from the table of doors, and each report."""
    at = doors.PAGE_CAST.index("rep")
    listed = [
        doors.address(door, things)
        for door in TABLES["PAGES"]
        if door.method == "GET"
        and door.answers[at] == 200
        and door.thing not in {"link", "letter"}
        and not door.name.endswith(PARTS)
    ]
    reports = [f"/reports/{slug}/" for slug in BY_SLUG]
    return list(dict.fromkeys([*listed, *reports, "/nothing-here/", "/account/logout/"]))


def faults(page, name: str) -> list[tuple[str, str, str, str]]:
    """What axe says of the page as it is, then of its colours in the dark, and whether a phone has to scroll sideways."""
    page.emulate_media(color_scheme="light")
    found = [("light", one) for one in Axe().run(page, options=RULES).response["violations"]]
    page.emulate_media(color_scheme="dark")
    found += [("dark", one) for one in Axe().run(page, options=COLOURS).response["violations"]]
    told = [
        (name, scheme, one["id"], node["html"][:160])
        for scheme, one in found
        if one["impact"] in AT_FAULT
        for node in one["nodes"][:2]
    ]
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESK)
    return told + ([(name, "phone", "too wide", str(width))] if width > PHONE["width"] else [])


def test_no_page_has_a_serious_fault(page, enter, rep, things):
    enter(page, rep)
    found = []

    for path in pages(things):
        page.goto(path)
        found += faults(page, path)

    assert "\n".join(map(str, found)) == ""


def test_no_page_without_sign_in_has_a_serious_fault(page, things):
    found = []

    for path in [*PUBLIC, f"/unsubscribe/{things['letter']}/"]:
        page.goto(path)
        found += faults(page, path)

    assert "\n".join(map(str, found)) == ""


def test_no_dialog_has_a_serious_fault(page, enter, rep, things):
    enter(page, rep)
    found = []

    for name, key in DIALOGS.items():
        page.goto(f"/deals/{things['deal']}/")
        page.keyboard.press(key)
        page.wait_for_selector("#layer [role=dialog]")
        found += faults(page, name)
    page.goto(f"/deals/{things['deal']}/")
    page.keyboard.press("l")
    page.wait_for_selector("#layer [data-digit='1']")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#layer .calm")
    found += faults(page, "calm card")

    assert "\n".join(map(str, found)) == ""


def test_who_sees_all_owners_sees_no_faulty_page(page, enter, admin, rep, things):
    deals.deal(owner=admin)
    enter(page, admin)
    found = []

    for path in ("/deals/", "/reports/monthly-review/"):
        page.goto(path)
        found += faults(page, path)

    assert "\n".join(map(str, found)) == ""
