"""One click each: qualify, say how sure one is; set a deal aside and take it up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.shared import display
from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import signed_in
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import outlook, pipeline
from deals.forms.stand import ConfidenceForm, ParkForm, QualifyForm
from deals.views import standing
from deals.views.answers import allow, deal_of, sent, way_back
from deals.views.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.models import Deal


@require_POST
def qualify(request: HttpRequest, pk: int) -> HttpResponse:
    """Need, authority, budget, timing or fit: yes, no or unknown (B9)."""
    user, deal = _workable(request, pk)
    form = QualifyForm(request.POST)

    def act() -> None:
        pipeline.edit(deal, by=user, **form.changes())

    return _one_click(request, deal, form, act)


@require_POST
def confidence(request: HttpRequest, pk: int) -> HttpResponse:
    """How sure the owner is, in per cent."""
    user, deal = _workable(request, pk)
    form = ConfidenceForm(request.POST)

    def act() -> None:
        percent = form.cleaned_data["percent"]
        outlook.state_confidence(deal, percent=percent, by=user, now=timezone.now())

    return _one_click(request, deal, form, act)


def _one_click(
    request: HttpRequest, deal: Deal, form: forms.Form, act: Callable[[], None]
) -> HttpResponse:
    """The facts as they are now, in place or on the deal page; where it is not done a line says why."""
    if not form.is_valid():
        messages.error(request, _("Choose one of the answers."))
    else:
        try:
            act()
        except ActionRefused as refusal:
            messages.error(request, refusal.message)
    if getattr(request, "htmx", False):
        user = signed_in(request)
        return render(request, "deals/_facts.html", standing.facts_of(user, deal.pk))
    return redirect("deals:deal", pk=deal.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def park(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the deal aside, with a reason and the day on which it wakes."""
    user, deal = _workable(request, pk)
    form = ParkForm(sent(request))

    def act() -> None:
        outlook.park(deal, by=user, now=timezone.now(), **form.cleaned_data)

    day = form.cleaned_data.get("until") if form.is_bound and form.is_valid() else None
    return ask(
        request,
        deal,
        form,
        act,
        title=_("Park it until a day"),
        lead=_(
            "It leaves Today and the moving total, and comes back by itself. The stop rule goes on:"
            " only a date agreed with the buyer suspends it."
        ),
        submit=_("Park it"),
        icon="circle-parking",
        said=_("Parked until %(day)s.") % {"day": display.day(day)} if day else "",
    )


@require_POST
def unpark(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it up again: on the deal page, or in its row of Today, which then leaves the list."""
    user, deal = _workable(request, pk)
    try:
        outlook.unpark(deal, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, _("%(deal)s is taken up again.") % {"deal": deal.name})
    if getattr(request, "htmx", False) and request.POST.get("from") == "list":
        return HttpResponse()
    return redirect(way_back(request, reverse("deals:deal", args=[deal.pk])))


def _workable(request: HttpRequest, pk: int) -> tuple[User, Deal]:
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    return user, deal
