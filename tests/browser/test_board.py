"""The board in a real browser: a card follows the mouse, a finger and the keys, and comes back when it may not go."""

import pytest

from deals.actions import pipeline
from deals.models import Deal
from deals.states import Phase
from tests.browser import worlds
from tests.factories import deals as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOARD = "/deals/?view=board"
SAID = "#board-said"


def card(deal) -> str:
    return f"[data-card='{deal.pk}']"


def lane(phase) -> str:
    return f"[data-lane='{make.stage(phase).pk}']"


def carry(page, deal, target) -> None:
    """Press on the card's amount, move there in steps as a hand does, and let go."""
    start = page.locator(f"{card(deal)} .amount").bounding_box()
    end = page.locator(target).bounding_box()
    page.mouse.move(start["x"] + 4, start["y"] + 4)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()


def carry_by_finger(page, deal, target) -> None:
    """Rest a finger on the card until it lifts, slide to the target, and let go."""
    hand = page.context.new_cdp_session(page)
    x, y = middle(page, f"{card(deal)} .amount")
    touch(hand, "touchStart", x, y)
    page.wait_for_selector(".is-ghost")
    for step in (0.3, 0.6, 1.0):
        end_x, end_y = middle(page, target)
        touch(hand, "touchMove", x + (end_x - x) * step, y + (end_y - y) * step)
    page.wait_for_selector(f"{target}.is-over")
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def touch(hand, kind: str, x: float, y: float) -> None:
    hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


def middle(page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def said(page, words: str) -> str:
    page.wait_for_function(
        "([id, words]) => document.querySelector(id).textContent.includes(words)",
        arg=[SAID, words],
    )
    return str(page.inner_text(SAID))


def stage_of(deal) -> str:
    return str(Deal.objects.select_related("stage").get(pk=deal.pk).stage.phase)


def test_a_card_dropped_on_a_stage_is_there(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    page.goto(BOARD)

    carry(page, deal, lane(Phase.APPROACH))

    assert said(page, "Approach") == "Cold room Ltd is in Approach now."
    assert stage_of(deal) == Phase.APPROACH
    assert page.locator(f"{lane(Phase.APPROACH)} {card(deal)}").count() == 1
    assert page.url.endswith(BOARD)


def test_a_card_dropped_on_lost_opens_the_dialog_and_cancel_returns_it(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    page.goto(BOARD)

    page.click(".drop.is-loss")  # nothing is chosen yet
    assert page.inner_text(".rb-toast") == "Choose a card first, or drag it here."
    carry(page, deal, ".drop.is-loss")
    page.wait_for_selector("#layer [data-digit='1']")
    page.keyboard.press("Escape")

    assert said(page, "back") == "Cold room Ltd is back in Suspect."
    assert Deal.objects.open().count() == 1
    assert page.locator(f"{lane(Phase.SUSPECT)} {card(deal)}:not(.is-sent)").count() == 1


@pytest.mark.practice("A1")
def test_a_card_dropped_on_lost_is_lost_with_a_reason_in_three(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    page.goto(BOARD)

    carry(page, deal, ".drop.is-loss")
    page.click("#layer .reason:has([data-digit='1'])")
    page.click("#layer button.is-primary[type=submit]")
    page.wait_for_selector("#layer .calm")

    assert Deal.objects.lost().get().pk == deal.pk


@pytest.mark.practice("A1")
def test_on_a_phone_a_finger_carries_a_card_to_lost_in_three(phone, enter, rep):
    deal = worlds.open_deal(rep)
    enter(phone, rep)
    phone.goto(BOARD)

    carry_by_finger(phone, deal, ".drop.is-loss")
    phone.tap("#layer .reason:has([data-digit='1'])")
    phone.tap("#layer button.is-primary[type=submit]")
    phone.wait_for_selector("#layer .calm")

    assert Deal.objects.lost().get().pk == deal.pk


def test_brackets_move_the_focused_card_and_arrows_walk(page, enter, rep):
    first = worlds.open_deal(rep)
    second = worlds.open_deal(rep, title="Depot", stage=make.stage(Phase.NEGOTIATION))
    enter(page, rep)
    page.goto(BOARD)
    page.focus(f"{card(first)} a.acc")

    page.keyboard.press("[")
    at_the_edge = said(page, "no stage")
    page.keyboard.press("]")
    moved = said(page, "Prospect")
    page.wait_for_selector(f"{lane(Phase.PROSPECT)} {card(first)} a.acc:focus")
    page.keyboard.press("ArrowRight")

    assert at_the_edge == "There is no stage further on."
    assert moved == "Cold room Ltd is in Prospect now."
    assert stage_of(first) == Phase.PROSPECT
    assert page.locator(f"{card(second)} a.acc:focus").count() == 1


def test_a_card_that_somebody_else_changed_goes_back_and_says_so(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    page.goto(BOARD)
    pipeline.edit(deal, by=rep, source="Fair in Parma")

    carry(page, deal, lane(Phase.CONCLUSION))
    page.wait_for_selector("#toasts .is-error")

    assert "Somebody changed this" in page.inner_text("#toasts")
    assert "is back in Suspect" in said(page, "back")
    assert page.locator(f"{lane(Phase.SUSPECT)} {card(deal)}").count() == 1
    assert stage_of(deal) == Phase.SUSPECT
