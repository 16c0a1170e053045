"""Each request in the reader's language and zone; redirects and toasts for htmx."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone, translation

from crm.shared.middleware import HtmxAnswers, ReaderMiddleware
from crm.shared.views.toasts import toast

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def own_language():
    with translation.override("en"):
        yield


def answered(request, user, response):
    request.user = user
    seen = {}

    def view(request):
        seen.update(zone=str(timezone.get_current_timezone()), language=translation.get_language())
        return response

    return ReaderMiddleware(view)(request), seen


def test_the_reader_s_language_and_zone_hold_for_the_request(rf, rep):
    rep.language, rep.time_zone = "it", "Asia/Tokyo"

    answer, seen = answered(rf.get("/"), rep, HttpResponse())

    assert seen == {"zone": "Asia/Tokyo", "language": "it"}
    assert str(timezone.get_current_timezone()) == "UTC"
    assert "no-store" in answer["Cache-Control"]


def test_a_zone_that_is_not_known_here_is_utc(rf, rep):
    rep.time_zone = "Mars/Crater"

    _answer, seen = answered(rf.get("/"), rep, HttpResponse())

    assert seen["zone"] == "UTC"


def test_a_view_that_set_its_own_caching_keeps_it(rf, rep):
    answer, _seen = answered(rf.get("/"), rep, HttpResponse(headers={"Cache-Control": "private"}))

    assert answer["Cache-Control"] == "private"


def test_a_redirect_leaves_the_dialog(client, rep):
    client.force_login(rep)
    sent = {"name": "Rita", "time_zone": "UTC", "working_days": ["0"], "theme": "", "language": ""}

    answer = client.post(reverse("shared:me"), sent, headers=HTMX)

    assert (answer.status_code, answer["HX-Redirect"]) == (200, reverse("shared:me"))


def test_after_the_session_ended_htmx_goes_to_sign_in_and_back_to_the_page(client, db):
    headers = HTMX | {"HX-Current-URL": "http://testserver/deals/3/?tab=all"}

    answer = client.get(reverse("shared:me"), headers=headers)

    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fdeals%2F3%2F%3Ftab%3Dall"


def toasted(rf, response):
    """What htmx gets when a view toasts and answers with `response`."""

    def view(request):
        toast(request, "Call logged.", undo="/deals/3/undo/")
        return response

    request = rf.get("/")
    request.htmx, request.session, request.user = True, {}, AnonymousUser()
    return MessageMiddleware(HtmxAnswers(view))(request)


def test_toasts_travel_with_the_fragment(rf):
    answer = toasted(rf, HttpResponse("<p>Fragment</p>"))

    shown = answer.content.decode()
    assert shown.startswith("<p>Fragment</p>")
    assert 'hx-swap-oob="beforeend"' in shown
    assert "Call logged." in shown
    assert 'action="/deals/3/undo/"' in shown
    assert "messages" not in answer.cookies


@pytest.mark.parametrize(
    "response",
    [
        JsonResponse({}),
        HttpResponse(status=204),
        HttpResponse(headers={"HX-Refresh": "true"}),
        HttpResponseRedirect("/me/"),
    ],
    ids=["json", "empty", "refresh", "redirect"],
)
def test_toasts_wait_for_the_next_page_when_there_is_no_fragment(rf, response):
    answer = toasted(rf, response)

    assert b"Call logged." not in answer.content
    assert "messages" in answer.cookies
