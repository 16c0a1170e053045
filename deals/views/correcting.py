"""Correct what a closing says, on the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import refuse
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import correcting
from deals.forms.outcome import FORMS
from deals.states import DealStatus
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent
from deals.views.evidence import six_questions
from deals.views.reasons import also_for
from deals.views.set_up import last_words

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_http_methods(["GET", "HEAD", "POST"])
def edit_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """By who closed it within a day, by a manager later; what it said before stays on the timeline."""
    user, deal = deal_of(request, pk)
    outcome = deal.outcome
    if outcome is None:
        raise Http404
    allow(policies.may_edit_outcome(user, deal, now=timezone.now()))
    form = FORMS[outcome.kind](sent(request), user=user, outcome=outcome, version=deal.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            correcting.edit_outcome(outcome, by=user, **form.changes())
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = INVALID if refusal.fields else CONFLICT
        else:
            toast(request, _("The closing is corrected."))
            return redirect("deals:deal", pk=deal.pk)
    elif request.method == "POST":
        status = INVALID
    context = {"deal": deal, "outcome": outcome, "form": form}
    if outcome.kind == DealStatus.LOST:
        context |= {
            "also": also_for(form),
            "six": six_questions(form, deal, user=user, words=last_words(deal)),
        }
    return render(request, "deals/edit_outcome.html", context, status=status)
