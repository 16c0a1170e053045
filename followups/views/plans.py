"""Agree a plan, tick follow-ups off or leave them out, keep open, let go; and each panel by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shared import display, working_days
from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import refuse, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, way_back
from followups import panels, policies
from followups.actions import letting_go, next_steps, plans, touches
from followups.forms import AgreeForm, KeepOpenForm
from followups.models import FollowUp
from followups.persistence import KEEP_OPEN_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest

    from crm.shared.models import User
    from crm.shared.panels import Panel
    from deals.models import Deal


@require_http_methods(["GET", "HEAD", "POST"])
def agree_plan(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """What the buyer agreed to: rhythm, channel, perhaps a date (B3, B4, E5)."""
    user, deal = deal_of(request, deal_pk)
    allow(policies.may_log(user))
    rhythm = next_steps.rhythm_of(deal)
    initial = {
        "contact": rhythm.contact,
        "interval_days": rhythm.interval_days,
        "channel": rhythm.channel,
        "time": working_days.NINE,
    }
    form = AgreeForm(request.POST or None, initial=initial, deal=deal, user=user)

    def agree() -> None:
        contact = form.cleaned_data["contact"] or rhythm.contact
        _country, zone = next_steps.place_of(deal, contact)
        plans.agree(deal, form.agreement(zone=zone), by=user, now=timezone.now())

    return _answer(request, deal, form, agree, name="agree", said=_("Agreed."), rhythm=rhythm)


@require_http_methods(["GET", "HEAD", "POST"])
def keep_open(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """Keep a dead deal open, with a next step: what, when, how (E5)."""
    user, deal = deal_of(request, deal_pk)
    allow(policies.may_keep_open(user, deal))
    rhythm = next_steps.rhythm_of(deal)
    initial = {"channel": rhythm.channel, "time": working_days.NINE}
    form = KeepOpenForm(request.POST or None, initial=initial)
    _country, zone = next_steps.place_of(deal, deal.contact)

    def keep() -> None:
        letting_go.keep_open(deal, by=user, now=timezone.now(), **form.step(zone=zone))

    said = _("Kept open until the day of the next step.")
    return _answer(request, deal, form, keep, name="keep_open", said=said, most_days=KEEP_OPEN_DAYS)


def _answer(
    request: HttpRequest,
    deal: Deal,
    form: forms.Form,
    act: Callable[[], None],
    *,
    name: str,
    said: str,
    **context: Any,
) -> HttpResponse:
    """The dialog (or page) of `form`, again with what is wrong; or, once done, the page it came from."""
    back = way_back(request, reverse("deals:deal", args=[deal.pk]))
    status = 200
    if form.is_bound:
        status = INVALID
        if form.is_valid():
            try:
                act()
            except ActionRefused as refusal:
                refuse(form, refusal)
                status = INVALID if refusal.fields else CONFLICT
            else:
                toast(request, _with_next(request, deal, said))
                return redirect(back)
    part = "_" if getattr(request, "htmx", False) else ""
    context |= {"deal": deal, "form": form, "back": back}
    return render(request, f"followups/{part}{name}.html", context, status=status)


def _with_next(request: HttpRequest, deal: Deal, said: str) -> str:
    _user, now_is = deal_of(request, deal.pk)
    if now_is.next_follow_up_at is None:
        return said
    coming = _("Next: %(when)s.") % {"when": display.when(now_is.next_follow_up_at)}
    return f"{said} {coming}"


@require_POST
def let_go(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """End a conversation that goes nowhere: one click, undone by one more (A12)."""
    user, deal = deal_of(request, deal_pk)
    allow(policies.may_log(user))
    back = way_back(request, "")
    try:
        letting_go.let_go(deal, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect(back or reverse("deals:deal", args=[deal.pk]))
    card = reverse("deals:closed", args=[deal.pk])
    return redirect(f"{card}?{urlencode({'next': back})}" if back else card)


# ---- follow-ups ----------------------------------------------------------------------------------


@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick off a call again, or staying in touch. On an open deal the touch does it: its form comes instead."""
    user, follow_up = _follow_up(request, pk)
    try:
        touches.done(follow_up, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        form = reverse("followups:log-touch", args=[follow_up.deal_id])
        back = way_back(request, reverse("deals:deal", args=[follow_up.deal_id]))
        return redirect(f"{form}?follow_up={pk}" if follow_up.deal.is_open else back)
    toast(request, _("Done."))
    return _left(request, follow_up)


@require_POST
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a follow-up out; the plan sets the next one."""
    user, follow_up = _follow_up(request, pk)
    try:
        plans.skip(follow_up, by=user, now=timezone.now())
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect(way_back(request, reverse("deals:deal", args=[follow_up.deal_id])))
    toast(request, _with_next(request, follow_up.deal, _("Left out.")))
    return _left(request, follow_up)


def _follow_up(request: HttpRequest, pk: int) -> tuple[User, FollowUp]:
    user = signed_in(request)
    follow_up = visible_or_404(FollowUp.objects.visible_to(user).with_names(), pk)
    allow(policies.may_log(user))
    return user, follow_up


def _left(request: HttpRequest, follow_up: FollowUp) -> HttpResponse:
    """The row leaves the list that it was in; elsewhere the page comes back."""
    if getattr(request, "htmx", False) and request.POST.get("from") == "list":
        return HttpResponse()
    return redirect(way_back(request, reverse("deals:deal", args=[follow_up.deal_id])))


# ---- panels by themselves ------------------------------------------------------------------------


@require_safe
def plan_panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """The plan of a deal, refreshed alone."""
    _user, deal = deal_of(request, deal_pk)
    return _panel(request, panels.plan(request, deal))


@require_safe
def persistence_panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """The persistence of a deal, refreshed alone."""
    _user, deal = deal_of(request, deal_pk)
    return _panel(request, panels.persistence(request, deal))


def _panel(request: HttpRequest, panel: Panel | None) -> HttpResponse:
    if panel is None:
        return HttpResponse(status=204)
    return render(request, panel.template, {"panel": panel.context})
