"""What a job costs a person, counted in a real browser; the most that each may cost is in the table of screens."""

import datetime as dt

import pytest
from django.utils import timezone

from deals.models import Deal
from deals.states import DealStatus
from followups.models import Touch
from referrals.models import ReferralAsk
from tests.browser import worlds
from tests.factories import deals, referrals, reviews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACES = ["today", "pipeline", "deal"]
CALM = "#layer .calm"


def go(page, place, deal) -> None:
    page.goto({"today": "/", "pipeline": "/deals/?view=table", "deal": f"/deals/{deal.pk}/"}[place])


def status_of(deal) -> tuple[str, str | None]:
    deal = Deal.objects.select_related("outcome__reason").get(pk=deal.pk)
    return deal.status, deal.outcome and deal.outcome.reason and deal.outcome.reason.slug


@pytest.mark.practice("A1")
@pytest.mark.parametrize("place", PLACES)
def test_a_loss_takes_two_interactions_by_keyboard(place, page, enter, rep):
    """`l`; then the reason's digit and Enter. Nothing is typed."""
    deal = worlds.deal_due(rep)
    enter(page, rep)
    go(page, place, deal)

    page.keyboard.press("l")
    page.wait_for_selector("#layer [data-digit='2']")
    wanted = page.get_attribute("#layer [data-digit='2']", "value")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(CALM)

    assert status_of(deal) == (DealStatus.LOST, wanted)
    assert page.locator(f"{CALM} .then li").count() >= 1


@pytest.mark.practice("A1")
@pytest.mark.parametrize("place", PLACES)
def test_a_loss_takes_three_interactions_by_pointer(place, page, enter, rep):
    """Lost, the reason, Close as lost."""
    deal = worlds.deal_due(rep)
    enter(page, rep)
    go(page, place, deal)

    page.click("#main [data-key='l']")
    page.click("#layer .reason:has([data-digit='1'])")
    page.click("#layer button.is-primary[type=submit]")
    page.wait_for_selector(CALM)

    assert status_of(deal)[0] == DealStatus.LOST


def test_a_loss_is_undone_from_the_calm_card_and_can_be_made_again(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    go(page, "deal", deal)

    lose_by_keyboard(page)
    page.click(f"{CALM} button:has-text('Undo')")
    page.wait_for_selector("main [data-key='l']")
    undone = status_of(deal)
    lose_by_keyboard(page)

    assert undone == (DealStatus.OPEN, None)
    assert status_of(deal)[0] == DealStatus.LOST


def lose_by_keyboard(page) -> None:
    page.keyboard.press("l")
    page.wait_for_selector("#layer [data-digit='1']")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(CALM)


def test_escape_keeps_the_deal_open(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    go(page, "deal", deal)

    page.keyboard.press("l")
    page.wait_for_selector("#layer [data-digit='1']")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.wait_for_selector("#layer", state="hidden")

    assert status_of(deal) == (DealStatus.OPEN, None)
    assert page.evaluate("page.inert") is False


@pytest.mark.practice("B5")
@pytest.mark.parametrize("place", ["today", "deal"])
def test_a_touch_takes_two_interactions_and_the_plan_sets_the_next(place, page, enter, rep):
    deal = worlds.deal_due(rep)
    enter(page, rep)
    go(page, place, deal)

    if place == "today":
        page.click("#main .task [data-key='t']")
        page.click("#main .strip button[name=result] >> nth=0")
    else:
        page.click("#touch-box .results button:visible >> nth=0")
    page.wait_for_selector(".rb-toast")

    deal.refresh_from_db()
    assert Touch.objects.filter(deal=deal).count() == 1
    assert deal.next_follow_up_at > timezone.now()


@pytest.mark.practice("A1")
@pytest.mark.parametrize("place", ["today", "deal"])
def test_a_loss_takes_three_taps_on_a_phone(place, phone, enter, rep):
    """On the pipeline a card is carried: see the board."""
    deal = worlds.deal_due(rep)
    enter(phone, rep)
    go(phone, place, deal)

    phone.tap("#main [data-key='l']")
    phone.tap("#layer .reason:has([data-digit='1'])")
    phone.tap("#layer button.is-primary[type=submit]")
    phone.wait_for_selector(CALM)

    assert status_of(deal)[0] == DealStatus.LOST


@pytest.mark.practice("B5")
def test_a_touch_takes_two_taps_on_a_phone_and_an_ask_one(phone, enter, rep):
    deal = worlds.deal_due(rep)
    ask = referrals.ask(owner=rep, outcome=reviews.outcome(owner=rep), due_on=timezone.localdate())
    enter(phone, rep)
    phone.goto("/")

    phone.tap("#main .task [data-key='t']")
    phone.tap("#main .strip button[name=result] >> nth=0")
    phone.wait_for_selector(".rb-toast")
    phone.tap("#main .task button:has-text('Mark asked')")
    phone.wait_for_selector("#main .task button:has-text('Mark asked')", state="detached")

    assert Touch.objects.get().deal_id == deal.pk
    assert ReferralAsk.objects.get(pk=ask.pk).state == "asked"


@pytest.mark.practice("A1")
def test_the_keys_alone_lead_from_today_to_the_second_deal_and_close_it(page, enter, rep):
    worlds.deal_due(rep, title="First")
    second = worlds.deal_due(rep, title="Second")
    enter(page, rep)
    page.goto("/")

    tab_to(page, "Second Ltd")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{second.pk}/")
    lose_by_keyboard(page)
    focused = page.evaluate("document.querySelector('#layer').contains(document.activeElement)")

    assert focused
    assert Deal.objects.lost().get().pk == second.pk


def tab_to(page, words: str) -> None:
    """Tab until what has the focus says `words`."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"Tab leads nowhere that says {words}.")


@pytest.mark.practice("A6")
def test_an_ask_is_marked_in_one(page, enter, rep):
    outcome = reviews.outcome(owner=rep)
    ask = referrals.ask(owner=rep, outcome=outcome, due_on=timezone.localdate())
    enter(page, rep)
    page.goto("/")

    page.click("#main .task button:has-text('Mark asked')")
    page.wait_for_selector(".rb-toast")

    assert ReferralAsk.objects.get(pk=ask.pk).state == "asked"


@pytest.mark.practice("A3")
def test_a_buyer_answers_without_signing_in(page, rep):
    invitation = reviews.sent_invitation(owner=rep)
    page.goto(f"/feedback/{reviews.TOKEN}/")

    page.click("label:has(input[name=reason]) >> nth=0")
    page.fill("[name=words]", "Ask us again in spring")
    page.click("button:has-text('Send my view')")
    page.wait_for_selector("[name=words]", state="detached")

    invitation.refresh_from_db()
    assert (invitation.state, invitation.feedback.words) == ("answered", "Ask us again in spring")
    assert page.context.cookies() == []


@pytest.mark.practice("F4")
def test_the_monthly_figure_opens_exactly_as_many_deals(page, enter, rep, manager):
    month = worlds.losses_of_last_month(rep, reason="lost-to-a-competitor", count=12)
    worlds.losses_of_last_month(rep, reason="timing", count=3)
    enter(page, manager)
    page.goto(f"/reports/monthly-review/?month={month}")

    page.click("tr:has-text('Lost to a competitor') a.opens:text-is('12') >> nth=0")
    page.wait_for_url("**/deals/?**")

    assert page.locator("tr[data-row]").count() == 12
    assert "12 deals" in page.inner_text("main")


def test_a_note_survives_an_error_and_a_closed_tab(page, enter, rep):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    go(page, "deal", deal)
    page.fill("#touch-box [name=note]", "She wants a pilot")

    page.context.set_offline(True)
    page.click("#touch-box .results button:visible >> nth=0")
    page.wait_for_selector("#toasts .rb-toast")
    kept_after_error = page.input_value("#touch-box [name=note]")
    page.context.set_offline(False)
    address, context = page.url, page.context
    page.close()
    again = context.new_page()
    again.goto(address)

    assert kept_after_error == "She wants a pilot"
    assert again.input_value("#touch-box [name=note]") == "She wants a pilot"
    assert Touch.objects.count() == 0


def test_of_two_who_edit_one_deal_the_second_is_told_and_keeps_what_they_typed(
    page, second_page, enter, rep, manager
):
    deal = worlds.open_deal(rep)
    enter(page, rep)
    enter(second_page, manager)
    page.goto(f"/deals/{deal.pk}/edit/")
    second_page.goto(f"/deals/{deal.pk}/edit/")

    second_page.fill("[name=title]", "Cold room, two sites")
    second_page.click("main button.is-primary[type=submit]")
    second_page.wait_for_url(f"**/deals/{deal.pk}/")
    page.fill("[name=source]", "Fair in Parma")
    page.click("main button.is-primary[type=submit]")
    page.wait_for_selector("main :text('Mona Manager')")
    told = page.inner_text("main")
    deal.refresh_from_db()
    before = deal.source
    page.click("main button.is-primary[type=submit]")
    page.wait_for_url(f"**/deals/{deal.pk}/")

    deal.refresh_from_db()
    assert "Cold room, two sites" in told
    assert (before, deal.title, deal.source) == ("", "Cold room, two sites", "Fair in Parma")


def test_why_we_lose_this_quarter_is_two_interactions_away(page, enter, rep):
    closed = timezone.now() - dt.timedelta(minutes=1)
    reviews.outcome(owner=rep, at=closed, title="Cold room")
    enter(page, rep)
    page.goto("/reports/")

    page.click("main a[href*='losses-by-reason'] >> nth=0")
    page.click("main a.opens >> nth=0")
    page.wait_for_url("**/deals/?**")

    assert page.locator("tr[data-row]").count() == 1
    assert deals.reason().name in page.inner_text("main")
