"""The page of asks, each step in place, and the panel on the deal page."""

import pytest
from django.test import RequestFactory

from crm.shared import mailing
from deals.models import Deal
from referrals import panels
from tests.factories import deals, referrals, reviews

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def ask_of(rep, **fields):
    contact = deals.contact(owner=rep, name="Helen Finch", email="helen@example.com")
    return referrals.ask(owner=rep, **({"contact": contact} | fields))


# ---- the list ------------------------------------------------------------------------------------


@pytest.mark.practice("A6")
def test_the_page_holds_the_letter_ready(page, rep):
    ask_of(rep)

    shown = text_of(page.get("/referrals/"))

    assert "Helen Finch · after the no of Mon 20 Apr, Price or value · due Mon 20 Apr" in shown
    assert "thank you for looking at what we do" in shown
    assert 'href="mailto:helen@example.com?subject=One%20question' in shown


REFUSING = {"no contact": {"do_not_contact": True}, "no mail": {"email": "stop@example.com"}}


@pytest.mark.parametrize("fields", REFUSING.values(), ids=REFUSING)
def test_whoever_wishes_no_mail_is_not_written_to(page, rep, fields):
    mailing.suppress("stop@example.com")
    ask_of(rep, contact=deals.contact(owner=rep, **fields))

    shown = text_of(page.get("/referrals/"))

    assert "mailto:" not in shown
    assert "This person wishes no mail" in shown


def test_the_list_shows_what_was_asked_and_what_is_done(page, rep, now):
    ask_of(rep, state="asked", asked_at=now)
    referrals.ask(owner=rep, state="waived", why_waived="They left")

    asked = text_of(page.get("/referrals/?state=asked"))
    done = text_of(page.get("/referrals/?state__in=given,declined,waived"))

    assert "asked Mon 20 Apr" in asked
    assert "Given</button>" in asked
    assert "They left" in done
    assert "They left" not in asked


def test_empty_lists_say_what_will_be_there(page):
    assert "Nobody is to be asked yet" in text_of(page.get("/referrals/"))
    assert "Nothing here yet" in text_of(page.get("/referrals/?state=asked"))


def test_an_unknown_filter_shows_nothing_and_says_so(page, rep):
    ask_of(rep)

    shown = text_of(page.get("/referrals/?colour=red"))

    assert "cannot be filtered like that" in shown
    assert "Helen" not in shown


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_with_one_row_and_with_three(
    page, rep, number, django_assert_num_queries
):
    for _ in range(number):
        outcome = reviews.outcome(owner=rep, account=deals.account(owner=rep))
        referrals.ask(owner=rep, outcome=outcome)

    with django_assert_num_queries(5):  # session, person, count, rows, refusals
        page.get("/referrals/")


# ---- in place ------------------------------------------------------------------------------------


@pytest.mark.practice("A6")
def test_marking_asked_takes_one_press_in_place(page, rep):
    ask = ask_of(rep)

    response = page.post(
        f"/referrals/{ask.pk}/asked/", headers=HTMX | {"HX-Target": f"ask-{ask.pk}"}
    )

    ask.refresh_from_db()
    shown = text_of(response)
    assert (response.status_code, ask.state) == (200, "asked")
    assert f'id="ask-{ask.pk}"' in shown
    assert "Given</button>" in shown
    assert "Marked as asked. An answer can come any time." in shown


STEPS = {
    "asked": ({}, "asked"),
    "given": ({}, "given"),
    "declined": ({}, "declined"),
    "waive": ({"why": "They left"}, "waived"),
}


@pytest.mark.parametrize(("step", "sent", "state"), [(k, *v) for k, v in STEPS.items()], ids=STEPS)
def test_without_a_script_each_step_leads_back(page, rep, step, sent, state):
    ask = ask_of(rep)
    path = f"/referrals/{ask.pk}/{step}/"

    response = page.post(path, sent | {"next": "/deals/7/"})

    ask.refresh_from_db()
    assert (response.status_code, response["Location"], ask.state) == (302, "/deals/7/", state)


@pytest.mark.parametrize("named", ["", "https://elsewhere.example/", "//elsewhere.example"])
def test_the_way_back_leads_to_no_other_house(page, rep, named):
    ask = ask_of(rep)

    response = page.post(f"/referrals/{ask.pk}/asked/", {"next": named})

    assert response["Location"] == "/referrals/"


def test_from_the_deal_the_panel_comes_again(page, rep):
    ask = ask_of(rep)

    response = page.post(
        f"/referrals/{ask.pk}/asked/", headers=HTMX | {"HX-Target": "referral-asks"}
    )

    assert 'id="referral-asks"' in text_of(response)


def test_waiving_without_a_reason_is_told_in_place(page, rep):
    ask = ask_of(rep)

    response = page.post(f"/referrals/{ask.pk}/waive/", {"why": " "}, headers=HTMX)

    ask.refresh_from_db()
    assert (response.status_code, ask.state) == (422, "due")
    assert "Say in a few words why not." in text_of(response)


def test_a_step_that_was_taken_already_is_told_in_place(page, rep, now):
    ask = ask_of(rep, state="given", asked_at=now, answered_at=now)

    response = page.post(f"/referrals/{ask.pk}/declined/", headers=HTMX)

    assert response.status_code == 409
    assert "This ask is given already." in text_of(response)


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("colleague", 404), ("viewer", 404)]
)
def test_asks_that_one_does_not_see_are_not_there(request, client, rep, who, status):
    ask = ask_of(rep)
    client.force_login(request.getfixturevalue(who))

    assert client.post(f"/referrals/{ask.pk}/asked/").status_code == status


def test_a_viewer_has_no_asks(client, viewer):
    client.force_login(viewer)

    assert client.get("/referrals/").status_code == 403


# ---- the panel -----------------------------------------------------------------------------------


def test_the_deal_shows_its_asks(page, rep):
    ask = ask_of(rep)

    shown = text_of(page.get(f"/referrals/deals/{ask.deal_id}/panel/"))

    assert "Helen Finch" in shown
    assert "Mark asked" in shown


def test_a_deal_without_asks_shows_nothing(page, rep):
    withdrawn = referrals.ask(owner=rep, state="withdrawn")

    response = page.get(f"/referrals/deals/{withdrawn.deal_id}/panel/")

    assert (response.status_code, response.content) == (204, b"")


def test_whoever_shares_the_deal_sees_its_asks(rep, colleague):
    ask = ask_of(rep)
    ask.deal.collaborators.add(colleague)
    request = RequestFactory().get("/")
    request.user = colleague

    panel = panels.asks(request, Deal.objects.get(pk=ask.deal_id))

    assert panel.context["asks"] == [ask]
