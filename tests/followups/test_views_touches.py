"""Logging a touch from the deal page, from a row of Today, from a dialog, and without a script."""

import datetime as dt

import pytest
from django.urls import reverse

from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal
from followups.models import FollowUp, Touch
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(rep: User) -> Deal:
    contact = make.contact(owner=rep, name="Dana Whitfield", preferred_channel="call")
    return make.deal(owner=rep, contact=contact)


@pytest.fixture
def signed_in(client, rep):
    client.force_login(rep)
    return client


def log_url(deal: Deal) -> str:
    return reverse("followups:log-touch", args=[deal.pk])


# ---- the box of the deal page --------------------------------------------------------------------


def test_the_box_logs_in_place_and_shows_what_is_new(signed_in, deal, rep):
    answer = signed_in.post(
        log_url(deal),
        {"channel": "call", "result": "no_answer", "note": "Voicemail", "from": "box"},
        headers=HTMX,
    )

    touch = Touch.objects.get()
    assert (touch.by, touch.channel, touch.result, touch.note, touch.contact) == (
        rep,
        "call",
        "no_answer",
        "Voicemail",
        deal.contact,
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    shown = [f'id="{name}"' in html for name in ("touch-box", "plan-panel", "persistence-panel")]
    assert shown == [True, True, True]
    assert html.count('hx-swap-oob="true"') == 2
    assert "Call logged. Next: Mon 27 Apr, 08:00." in html
    assert "Voicemail" not in html


def test_the_page_comes_back_without_a_script(signed_in, deal):
    answer = signed_in.post(log_url(deal), {"channel": "email", "result": "replied"})

    assert (answer.status_code, answer["Location"]) == (302, f"/deals/{deal.pk}/")
    assert Touch.objects.get().direction == "in"


def test_a_closed_deal_says_when_and_keeps_what_was_typed(signed_in, deal, rep):
    closing.lose(deal, reason=make.reason(), by=rep)

    answer = signed_in.post(
        log_url(deal),
        {"channel": "email", "result": "replied", "note": "They want it", "from": "box"},
        headers=HTMX,
    )

    html = answer.content.decode()
    assert (answer.status_code, Touch.objects.count()) == (409, 0)
    assert "closed at 08:00 on Mon 20 Apr" in html
    assert "They want it" in html
    assert f'action="/deals/{deal.pk}/undo-close/"' in html
    assert f'href="/deals/{deal.pk}/second-chance/"' in html


def test_a_box_without_a_result_asks_for_it(signed_in, deal):
    answer = signed_in.post(log_url(deal), {"channel": "call", "from": "box"}, headers=HTMX)

    assert answer.status_code == 422
    assert "Say how it went." in answer.content.decode()


def test_a_result_of_another_channel_is_asked_for_again(signed_in, deal):
    answer = signed_in.post(
        log_url(deal), {"channel": "email", "result": "answered", "from": "box"}, headers=HTMX
    )

    assert (answer.status_code, Touch.objects.count()) == (422, 0)


# ---- a row of Today ------------------------------------------------------------------------------


def test_a_row_opens_a_strip_and_one_tap_logs_it(signed_in, deal):
    step = made.next_step(deal)

    strip = signed_in.get(f"{log_url(deal)}?strip=1&follow_up={step.pk}", headers=HTMX)
    done = signed_in.post(
        log_url(deal),
        {"channel": "call", "result": "answered", "follow_up": step.pk, "from": "list"},
        headers=HTMX,
    )

    assert "How did the call go?" in strip.content.decode()
    assert "Monday 27 April, 09:00 in London" in strip.content.decode()
    step.refresh_from_db()
    assert (step.state, done.status_code) == ("done", 200)
    assert '<li class="task' not in done.content.decode()


def test_a_refused_row_stays_and_its_strip_says_why(signed_in, deal):
    step = made.next_step(deal)

    answer = signed_in.post(
        log_url(deal),
        {"channel": "call", "result": "", "note": "Hm", "follow_up": step.pk, "from": "list"},
        headers=HTMX,
    )

    assert (answer.status_code, answer["HX-Retarget"]) == (422, f"#strip-{step.pk}")
    assert "Say how it went." in answer.content.decode()
    assert 'value="Hm"' in answer.content.decode()


# ---- the dialog, the page ------------------------------------------------------------------------


def test_the_page_asks_for_all_that_can_be_said(signed_in, deal, rep):
    make.contact(owner=rep, name="Stan Stranger")

    page = signed_in.get(log_url(deal))
    dialog = signed_in.get(log_url(deal), headers=HTMX)
    logged = signed_in.post(
        log_url(deal),
        {
            "channel": "meeting",
            "result": "kept",
            "contact": deal.contact.pk,
            "at": "2026-04-17T10:30",
            "minutes": 40,
            "resource": "Case study",
            "signal": "warmer",
            "commitment": "Pilot in May",
            "next": "/deals/",
        },
    )

    touch = Touch.objects.get()
    assert (page.status_code, dialog.status_code) == (200, 200)
    assert ("<html" in page.content.decode(), "<html" in dialog.content.decode()) == (True, False)
    assert (logged.status_code, logged["Location"]) == (302, "/deals/")
    assert (touch.at, touch.minutes, touch.resource, touch.signal, touch.commitment) == (
        dt.datetime(2026, 4, 17, 10, 30, tzinfo=dt.UTC),
        40,
        "Case study",
        "warmer",
        "Pilot in May",
    )
    assert ("Dana Whitfield" in page.content.decode(), "Stan" in page.content.decode()) == (
        True,
        False,
    )


def test_the_page_says_what_is_wrong_at_its_field(signed_in, deal):
    answer = signed_in.post(
        log_url(deal), {"channel": "call", "result": "answered", "at": "2026-05-01T10:00"}
    )

    assert answer.status_code == 422
    assert "Not later than now." in answer.content.decode()


def test_nobody_logs_on_what_they_do_not_see_or_may_not_touch(client, deal, outsider, viewer):
    answers = []
    for person in (outsider, viewer):
        client.force_login(person)
        answers.append(client.post(log_url(deal), {"channel": "call", "result": "answered"}))

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Touch.objects.count() == 0


def test_a_follow_up_of_another_deal_is_no_choice(signed_in, deal, rep):
    step = made.next_step(make.deal(owner=rep))

    answer = signed_in.post(
        log_url(deal), {"channel": "call", "result": "answered", "follow_up": step.pk}
    )

    assert (answer.status_code, FollowUp.objects.get(pk=step.pk).state) == (422, "due")
