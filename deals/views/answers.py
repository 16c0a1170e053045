"""How pages of this app answer: page or fragment, the way back, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from crm.shared.views.mixins import signed_in, visible_or_404
from deals.models import Deal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from crm.shared.models import User

INVALID, CONFLICT = 422, 409


def show(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page deals/<name>.html, or for htmx the fragment deals/_<name>.html that it includes."""
    part = "_" if getattr(request, "htmx", False) else ""
    return render(request, f"deals/{part}{name}.html", context, status=status)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: what was posted, be it nothing at all."""
    return request.POST if request.method == "POST" else None


def version_of(request: HttpRequest) -> int | None:
    """The version of what the person pressed on, as the button's form says it."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() else None


def allow(permitted: bool) -> None:  # noqa: FBT001  (the answer of a policy)
    """Seen, but not allowed: 403."""
    if not permitted:
        raise PermissionDenied


def deal_of(request: HttpRequest, pk: int) -> tuple[User, Deal]:
    """The person and the deal that they ask for; 404 when they do not see it."""
    user = signed_in(request)
    deals = Deal.objects.visible_to(user).with_names().with_closing()
    return user, visible_or_404(deals, pk)


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page to return to: the one named in the request, else the one that a dialog lies over, else `otherwise`."""
    named = request.POST.get("next") or request.GET.get("next") or _below(request)
    if named and url_has_allowed_host_and_scheme(named, allowed_hosts=None):
        return named
    return otherwise


def _below(request: HttpRequest) -> str:
    """Path and query of the page that htmx asks from."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
