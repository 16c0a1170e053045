"""Small dialogs alike: a form over the page, a page of its own without a script, one action behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.views.mixins import refuse
from crm.shared.views.toasts import toast
from deals.views.answers import CONFLICT, INVALID, show, way_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest, HttpResponse

    from deals.models import Deal


def ask(
    request: HttpRequest,
    deal: Deal,
    form: forms.Form | forms.ModelForm[Any],
    act: Callable[[], Deal | None],
    *,
    title: str,
    submit: str,
    said: str,
    lead: str = "",
    icon: str = "check",
    template: str = "ask",
    **context: Any,
) -> HttpResponse:
    """Show `form`; sent and in order, do it and go back to where one was, or to the deal that `act` opened.

    What is wrong stands at its field, and what was typed stays (422, 409).
    """
    back = way_back(request, reverse("deals:deal", args=[deal.pk]))
    status = 200
    if form.is_bound:
        status = INVALID
        if form.is_valid():
            try:
                opened = act()
            except (ActionRefused, StaleVersion) as refusal:
                refuse(form, refusal)
                status = INVALID if refusal.fields else CONFLICT
            else:
                toast(request, said)
                return redirect("deals:deal", pk=opened.pk) if opened else redirect(back)
    context |= {
        "deal": deal,
        "form": form,
        "back": back,
        "path": request.get_full_path(),
        "title": title,
        "lead": lead,
        "submit": submit,
        "icon": icon,
        "close": _("Close"),
    }
    return show(request, template, context, status=status)
