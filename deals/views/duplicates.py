"""Likely duplicates, in groups, each a step away from being merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.shared.roles import Permission
from crm.shared.views.mixins import require
from deals import lookalikes, policies

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Companies and people that look like one."""
    user = require(request, Permission.SEE_DEALS)
    context = {
        "accounts": lookalikes.likely_accounts(user),
        "contacts": lookalikes.likely_contacts(user),
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/duplicates.html", context)
