"""Views of the pipeline under a name: keep one, open one, share one, let one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shared.errors import ActionRefused
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import saved_views
from deals.forms import SavedViewForm
from deals.models import SavedView
from deals.views.answers import CONFLICT, INVALID, allow, sent, show
from deals.views.asked import filters_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """All views that one may open; and the view of the address `?of=`, to be kept under a name."""
    user = require(request, Permission.SEE_DEALS)
    asked = QueryDict(request.POST.get("of") or request.GET.get("of", ""))
    filters = filters_of(asked, user, request=request)
    form = SavedViewForm(sent(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        if filters.is_valid():
            kept = saved_views.keep(by=user, query=filters.address(), **form.cleaned_data)
            toast(request, _("Kept as “%(name)s”.") % {"name": kept.name})
            return redirect(kept.address)
        form.add_error(None, _("This address asks for something that the list does not know."))
    if form.is_bound:
        status = INVALID
    context = {
        "form": form,
        "of": asked.urlencode(),
        "saved": SavedView.objects.visible_to(user).select_related("owner"),
    }
    return render(request, "deals/views.html", context, status=status)


@require_safe
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The lasting address of a view: where it leads follows what is kept under it."""
    user = require(request, Permission.SEE_DEALS)
    return redirect(visible_or_404(SavedView.objects.visible_to(user), pk).address)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, sharing, whether the pipeline opens with it: for who keeps it."""
    user = require(request, Permission.SEE_DEALS)
    view = visible_or_404(SavedView.objects.visible_to(user), pk)
    allow(policies.may_change_view(user, view))
    form = SavedViewForm(sent(request), instance=view)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            saved_views.change(view, by=user, **form.cleaned_data)
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            return redirect("deals:views")
    elif request.method == "POST":
        status = INVALID
    back = reverse("deals:views")
    return show(request, "view", {"form": form, "view": view, "back": back}, status=status)


@require_POST
def forget_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go, for everybody it is shared with."""
    user = require(request, Permission.SEE_DEALS)
    view = visible_or_404(SavedView.objects.visible_to(user), pk)
    allow(policies.may_change_view(user, view))
    saved_views.forget(view)
    toast(request, _("“%(name)s” is gone.") % {"name": view.name})
    return redirect("deals:views")
