"""Each request in the reader's language and time zone, kept out of shared caches; and what htmx needs around it."""

from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from crm.shared.models import User

Handler = Callable[[HttpRequest], HttpResponse]


class ReaderMiddleware:
    """Activates the reader's language and zone; pages of signed-in people are stored nowhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = request.user
        if not isinstance(reader, User):
            return self.get_response(request)
        if reader.language:
            # Not deactivated: LocaleMiddleware names this language in its header and sets the next request's itself.
            translation.activate(reader.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone_of(reader)):
            response = self.get_response(request)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


class HtmxAnswers:
    """Lets one view answer pages and fragments alike.

    A redirect becomes one that the browser follows, so that it never lands inside a dialog; after the session has
    ended that is the way to sign in and back. Toasts travel with the fragment.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "htmx", False):
            return response
        if 300 <= response.status_code < 400 and "Location" in response:
            return HttpResponseClientRedirect(_where_to(request, response["Location"]))
        if _is_fragment(response) and len(get_messages(request)):
            toasts = render_to_string("components/toasts.html", {"out_of_band": True}, request)
            response.content += toasts.encode()
        return response


def zone_of(user: User) -> ZoneInfo:
    """The time zone of `user`, and UTC should its name be unknown here."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _where_to(request: HttpRequest, location: str) -> str:
    """`location`; towards sign-in with the way back to the page that the person looks at, not to its fragment."""
    sign_in = resolve_url(settings.LOGIN_URL)
    if urlsplit(location).path != sign_in:
        return location
    current = (
        urlsplit(request.headers.get("HX-Current-URL", ""))._replace(scheme="", netloc="").geturl()
        or "/"
    )
    return f"{sign_in}?{urlencode({'next': current})}"


def _is_fragment(response: HttpResponse) -> bool:
    html = response.get("Content-Type", "").startswith("text/html")
    moves = {"HX-Redirect", "HX-Refresh", "HX-Location"} & set(response.headers)
    return html and not response.streaming and response.status_code != 204 and not moves
