"""The frame in a real browser: drafts that survive, keys, light and dark."""

import pytest

from tests.factories.shared import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, user):
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/me/")


@pytest.fixture
def me(page, rep):
    """The settings page of a rep who has just signed in."""
    page.goto("/account/login/?next=/me/")
    sign_in(page, rep)
    return page


def test_what_was_typed_survives_a_closed_page_and_the_end_of_the_session(me, rep):
    me.fill("[name=name]", "Rita Rossi")

    me.goto("/me/")
    after_leaving = me.input_value("[name=name]")
    me.context.clear_cookies(name="sessionid")
    me.click("main button[type=submit]")
    sign_in(me, rep)

    assert (after_leaving, me.input_value("[name=name]")) == ("Rita Rossi", "Rita Rossi")


def test_a_draft_is_gone_once_the_server_has_it(me, rep):
    me.fill("[name=name]", "Rita Rossi")

    me.click("main button[type=submit]")
    me.wait_for_selector(".rb-toast")

    rep.refresh_from_db()
    assert rep.name == "Rita Rossi"
    assert me.evaluate("Object.keys(localStorage)") == []


def test_signing_out_forgets_the_drafts_of_this_machine(me):
    me.fill("[name=name]", "Rita Rossi")

    me.click("summary.me")
    me.click("text=Sign out")
    me.wait_for_url("**/account/login/")

    assert me.evaluate("Object.keys(localStorage)") == []


def test_the_keys_are_shown_by_a_key_and_put_away_by_another(me):
    me.keyboard.press("?")
    shown = me.locator("#layer [role=dialog]").count(), me.evaluate("page.inert")
    me.keyboard.press("Escape")

    assert shown == (1, True)
    assert me.locator("#layer [role=dialog]").count() == 0
    assert me.evaluate("page.inert") is False


def test_keys_that_are_typed_stay_words(me):
    me.keyboard.press("/")
    me.keyboard.type("gt?n")

    assert me.input_value("[name=search]") == "gt?n"
    assert me.locator("#layer [role=dialog]").count() == 0


def test_the_look_changes_as_soon_as_it_is_chosen(me):
    light = me.evaluate("getComputedStyle(document.body).backgroundColor")
    me.click("text=Dark")

    assert me.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_second_press_waits_for_the_answer_to_the_first(me):
    """What else the page asks for meanwhile, such as what waits, is no answer to it."""
    me.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    me.click("main button[type=submit]")
    with me.expect_response("**/me/waiting/"):
        me.evaluate("document.body.dispatchEvent(new CustomEvent('deal-moved'))")
    me.wait_for_timeout(100)

    assert me.evaluate("document.querySelector('main form').dataset.sent") == "yes"
