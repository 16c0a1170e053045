"""Lost deals by when to call again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.shared.roles import Permission
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import require
from deals import policies
from deals.models import Deal
from deals.states import DealStatus
from deals.views.pipeline import ROWS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def second_chances(request: HttpRequest) -> HttpResponse:
    """Those with a day to call again first, by that day; then the others, the latest loss first."""
    user = require(request, Permission.SEE_DEALS)
    open_again = Deal.objects.filter(second_chance_of__isnull=False, status=DealStatus.OPEN)
    lost = Deal.objects.visible_to(user).current().lost()
    waiting = lost.exclude(pk__in=open_again.values("second_chance_of"))
    ordered = waiting.order_by("next_follow_up_at", "-closed_at")
    cursor = request.GET.get("cursor", "")
    page = keyset_page(ordered, cursor=cursor, size=ROWS, named_by=lost.IN_ROWS)
    context = {
        "deals": page.rows,
        "page": page,
        "now": timezone.now(),
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/second_chances.html", context)
