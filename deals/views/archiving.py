"""Companies and people off the lists, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import directory
from deals.models import Account, Contact
from deals.views.answers import allow

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@require_POST
def archive_account(request: HttpRequest, pk: int) -> HttpResponse:
    return _archive(request, Account, pk)


@require_POST
def archive_contact(request: HttpRequest, pk: int) -> HttpResponse:
    return _archive(request, Contact, pk)


@require_POST
def restore_account(request: HttpRequest, pk: int) -> HttpResponse:
    return _restore(request, Account, pk)


@require_POST
def restore_contact(request: HttpRequest, pk: int) -> HttpResponse:
    return _restore(request, Contact, pk)


def _archive(request: HttpRequest, model: type[Any], pk: int) -> HttpResponse:
    undo = reverse(f"deals:restore-{model._meta.model_name}", args=[pk])
    return _done(request, model, pk, directory.archive, _("Archived."), undo=undo)


def _restore(request: HttpRequest, model: type[Any], pk: int) -> HttpResponse:
    return _done(request, model, pk, directory.restore, _("Back on the lists."))


def _done(
    request: HttpRequest,
    model: type[Any],
    pk: int,
    act: Callable[..., object],
    words: str,
    *,
    undo: str = "",
) -> HttpResponse:
    user = signed_in(request)
    row = visible_or_404(model.objects.visible_to(user), pk)
    allow(policies.may_work(user))
    try:
        act(row, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, words, undo=undo)
    return redirect(f"deals:{model._meta.model_name}", pk=pk)
