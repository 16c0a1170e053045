"""What is held of a person: all of it as one file, and all of it gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.views.mixins import refuse, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import personal, policies
from deals.actions import erasing
from deals.forms import EraseForm
from deals.models import Contact
from deals.views.answers import CONFLICT, INVALID, allow, sent

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def export_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is held of a person, as JSON to save."""
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user), pk)
    allow(policies.may_export_person(user))
    held = personal.export(found, viewer=user)
    answer = JsonResponse(held, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"person-{found.pk}-{timezone.localdate().isoformat()}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def erase_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes, what stays, and that there is no way back; then do it."""
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user), pk)
    allow(policies.may_erase_person(user))
    form = EraseForm(sent(request), initial={"version": found.version})
    status = 200
    if form.is_bound:
        status = INVALID
        if form.is_valid():
            try:
                erasing.erase(found, by=user, version=form.cleaned_data["version"])
            except (ActionRefused, StaleVersion) as refusal:
                refuse(form, refusal)
                status = CONFLICT
            else:
                toast(request, _("Erased."))
                return redirect("deals:contact", pk=pk)
    context = {"contact": found, "form": form}
    return render(request, "deals/erase.html", context, status=status)
