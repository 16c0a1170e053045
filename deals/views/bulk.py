"""Many deals at once: lost with one reason, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.shared import display
from crm.shared.errors import ActionRefused
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require
from crm.shared.views.toasts import toast
from deals.actions import closing
from deals.forms import BulkLoseForm
from deals.models import Deal
from deals.views.answers import CONFLICT, INVALID, sent, show, way_back
from deals.views.reasons import reasons_for, tiles_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User

MOST = 200
LONGEST_ID = 19  # digits of the largest id that a column holds


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Close the deals named by `deal` as lost, each with the playbook of the one reason."""
    user = require(request, Permission.WORK_DEALS)
    back = way_back(request, reverse("deals:pipeline"))
    chosen = _chosen(request, user)
    form = BulkLoseForm(sent(request), user=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
        losses = [closing.Loss(deal=deal, reason=reason, note=note) for deal in chosen]
        try:
            closing.lose_many(losses, by=user)
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            done = ngettext(
                "%(n)s deal closed as lost.", "%(n)s deals closed as lost.", len(chosen)
            )
            toast(request, done % {"n": display.number(len(chosen))})
            return redirect(back)
    elif request.method == "POST":
        status = INVALID
    context = {
        "form": form,
        "deals": chosen,
        "back": back,
        "tiles": tiles_for(form, reasons_for(user)),
    }
    return show(request, "bulk", context, status=status)


def _chosen(request: HttpRequest, user: User) -> list[Deal]:
    """The deals named by their ids; one unseen among them is as if it did not exist."""
    named = set((request.POST if request.method == "POST" else request.GET).getlist("deal"))
    ids = [int(pk) for pk in named if pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID]
    chosen = list(Deal.objects.visible_to(user).with_names().filter(pk__in=ids).order_by("pk"))
    if len(chosen) < len(named) or len(named) > MOST:
        raise Http404
    return chosen
