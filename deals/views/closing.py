"""Won, lost, disqualified, and back again: dialogs over any page, full pages without a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.panels import panels_for_closing
from crm.shared.views.mixins import refuse
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import closing, reopening
from deals.forms import DisqualifyForm, LoseForm, SecondChanceForm, WinForm
from deals.forms.closing import DATED, LONGEST_DAYS
from deals.states import DealStatus
from deals.views import aftercare
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent, show, way_back
from deals.views.evidence import six_questions
from deals.views.reasons import also_for, reasons_for, tiles_for
from deals.views.set_up import last_words, set_up_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.forms.closing import ClosingForm
    from deals.models import Deal, Outcome

DAYS_DIGITS = 4


@require_http_methods(["GET", "HEAD", "POST"])
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """Close as lost. Only the reason is needed; its playbook is laid out beside it and can be changed (A1, A6)."""
    user, deal = _workable(request, pk)
    form = LoseForm(sent(request), user=user, initial=_initial(request, deal))
    if "preview" in request.POST:  # without a script: show what the chosen reason sets up
        status: int | None = 200
    else:
        status = _close(form, deal, lambda: closing.lose(deal, by=user, **form.loss(deal)))
    if status is None:
        return _done(request, deal)
    words = last_words(deal)
    if not form.is_bound and words:
        form.initial.setdefault("buyer_words", words.text)
    reasons = reasons_for(user)
    barred = aftercare.barred_for(deal.contact)
    books = aftercare.playbooks(reasons, deal, barred=barred, now=timezone.now())
    context = _context(request, deal, form) | {
        "tiles": tiles_for(form, reasons),
        "also": also_for(form),
        "steps": aftercare.steps_for(form, deal, books),
        "book": books.get(str(form["reason"].value() or "")),
        "books": json.dumps(books),
        "six": six_questions(form, deal, user=user, words=words),
        "words": words,
        "barred": sorted(set(barred.values())),
    }
    return show(request, "lost", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def win(request: HttpRequest, pk: int) -> HttpResponse:
    """Close as won: what decided it, and what it is worth in the customer's words."""
    user, deal = _workable(request, pk)
    form = WinForm(sent(request), user=user, initial=_initial(request, deal))
    status = _close(form, deal, lambda: closing.win(deal, by=user, **form.win(deal)))
    if status is None:
        return _done(request, deal)
    return show(request, "won", _context(request, deal, form), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def disqualify(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of what was never a fit: neither won nor lost (B2, A12)."""
    user, deal = _workable(request, pk)
    form = DisqualifyForm(sent(request), initial=_initial(request, deal))
    status = _close(
        form, deal, lambda: closing.disqualify(deal, by=user, **form.disqualification(deal))
    )
    if status is None:
        return _done(request, deal)
    return show(request, "disqualified", _context(request, deal, form), status=status)


@require_safe
def due_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The date that many days after today, as plain words, for the dialog."""
    _user, deal = deal_of(request, pk)
    days, step = request.GET.get("days", ""), request.GET.get("step", "")
    is_number = days.isascii() and days.isdigit() and len(days) <= DAYS_DIGITS
    if not is_number or int(days) > LONGEST_DAYS or step not in DATED:
        return HttpResponse("", status=INVALID, content_type="text/plain")
    text = aftercare.due_on(step, deal, days=int(days), now=timezone.now())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def closed(request: HttpRequest, pk: int) -> HttpResponse:
    """The calm card: what was set up, the worth of this no (A11), and the way back."""
    user, deal = deal_of(request, pk)
    if deal.outcome is None:
        return redirect("deals:deal", pk=deal.pk)
    return _card(request, deal, deal.outcome, user=user)


@require_POST
def undo_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the deal again and withdraw what its closing had planned."""
    user, deal = deal_of(request, pk)
    back = way_back(request, reverse("deals:deal", args=[pk]))
    if deal.outcome is not None:
        allow(policies.may_undo(user, deal))
    try:
        reopening.undo_close(deal, by=user, now=timezone.now())
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(
            request,
            _("%(deal)s is open again; what was set up is withdrawn.") % {"deal": deal.name},
        )
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def second_chance(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a new deal from a lost one, with its account and people (F5)."""
    user, deal = _workable(request, pk)
    form = SecondChanceForm(sent(request), initial={"title": deal.title})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            opened = reopening.second_chance(deal, by=user, title=form.cleaned_data["title"])
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            toast(request, _("A second chance for %(deal)s is open.") % {"deal": deal.name})
            return redirect("deals:deal", pk=opened.pk)
    elif request.method == "POST":
        status = INVALID
    return show(request, "second_chance", {"deal": deal, "form": form}, status=status)


# ---- what the dialogs have in common -----------------------------------------------------------------


def already(deal: Deal) -> str:
    return _("This deal is %(status)s already.") % {"status": deal.get_status_display().lower()}


def _workable(request: HttpRequest, pk: int) -> tuple[User, Deal]:
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    return user, deal


def _initial(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    """What the form starts with: the version seen now, the way back, and what the address names."""
    return {**request.GET.dict(), "version": deal.version, "next": way_back(request, "")}


def _close(form: ClosingForm, deal: Deal, close: Callable[[], object]) -> int | None:
    """None when the deal is closed; else the status to show the form with, its errors at their fields.

    A stale form takes over the version of now, so that whoever reads the refusal can press again.
    """
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return INVALID
    try:
        close()
    except StaleVersion as refusal:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = str(deal.version)  # type: ignore[index]
        refuse(form, refusal if deal.is_open else ActionRefused(already(deal)))
        return CONFLICT
    except ActionRefused as refusal:
        refuse(form, refusal)
        return INVALID if refusal.fields else CONFLICT
    return None


def _context(request: HttpRequest, deal: Deal, form: ClosingForm) -> dict[str, Any]:
    back = way_back(request, reverse("deals:deal", args=[deal.pk]))
    return {"deal": deal, "form": form, "back": back}


def _done(request: HttpRequest, deal: Deal) -> HttpResponse:
    """The calm card: in place over the page for htmx, as a page of its own without."""
    user, deal = deal_of(request, deal.pk)
    if getattr(request, "htmx", False) and deal.outcome is not None:
        return _card(request, deal, deal.outcome, user=user)
    card = reverse("deals:closed", args=[deal.pk])
    back = way_back(request, "")
    return redirect(f"{card}?{urlencode({'next': back})}" if back else card)


def _card(request: HttpRequest, deal: Deal, outcome: Outcome, *, user: User) -> HttpResponse:
    own_page = reverse("deals:deal", args=[deal.pk])
    back = way_back(request, own_page)
    ends_at = policies.undo_ends_at(outcome)
    context = {
        "deal": deal,
        "outcome": outcome,
        "is_lost": outcome.kind == DealStatus.LOST,
        "set_up": set_up_by(outcome, deal, user=user),
        "panels": panels_for_closing(request, outcome),
        "back": back,
        "comes_from_deal": back.partition("?")[0] == own_page,
        "undo_ends_at": ends_at,
        "may_undo": policies.may_undo(user, deal) and timezone.now() < ends_at,
    }
    return show(request, "closed", context)
