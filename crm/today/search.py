"""The search box in the frame, and its page for those without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.shared.roles import Permission
from crm.shared.search import search_for
from crm.shared.views.mixins import require

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LONGEST = 200


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Accounts, people and deals by a part of a word: the first few of each."""
    user = require(request, Permission.SEE_DEALS)
    typed = request.GET.get("search", "").replace("\x00", "").strip()[:LONGEST]
    context = {"typed": typed, "groups": search_for(user, typed)}
    template = "today/_found.html" if getattr(request, "htmx", False) else "today/search.html"
    return render(request, template, context)
