"""Two accounts or two people side by side, to become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import lookalikes, policies
from deals.actions import directory_merge
from deals.models import Account, Contact, Merge
from deals.views.answers import CONFLICT, allow

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def merge_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Another company goes into this one; `?with=` names it."""
    return _merge(request, Account, pk, lookalikes.accounts_like)


@require_http_methods(["GET", "HEAD", "POST"])
def merge_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person goes into this one; `?with=` names them."""
    return _merge(request, Contact, pk, lookalikes.contacts_like)


def _merge(request: HttpRequest, model: Any, pk: int, alike: Any) -> HttpResponse:
    user = signed_in(request)
    kept = visible_or_404(model.objects.visible_to(user), pk)
    allow(policies.may_work(user))
    named = request.GET.get("with", "")
    others = model.objects.visible_to(user).current().exclude(pk=pk)
    if not (named.isascii() and named.isdigit()):
        typed = request.GET.get("search", "").replace("\x00", "")
        facts = {name: getattr(kept, name, "") for name in ("name", "website", "email", "phone")}
        found = (
            others.first_found_by(typed, most=SHOWN)
            if typed
            else alike(facts | {"account": getattr(kept, "account", None)}, among=others)
        )
        return _show(request, "merge_with", kept, {"found": found, "typed": typed})
    gone = visible_or_404(others, int(named))
    status = 200
    if request.method == "POST":
        try:
            made = _done(request, kept, gone, by=user)
        except (ActionRefused, StaleVersion) as refusal:
            messages.error(request, str(refusal))
            status = CONFLICT
        else:
            words = _("“%(gone)s” went into “%(kept)s”.") % {"gone": gone.name, "kept": kept.name}
            toast(request, words, undo=reverse("deals:undo-merge", args=[made.pk]))
            return redirect(f"deals:{model._meta.model_name}", pk=pk)
    return _show(request, "merge", kept, {"gone": gone, "rows": _rows(kept, gone)}, status=status)


def _done(request: HttpRequest, kept: Any, gone: Any, *, by: User) -> Merge:
    version = request.POST.get("version", "")
    return directory_merge.merge(
        kept,
        gone,
        take=request.POST.getlist("take"),
        by=by,
        version=int(version) if version.isascii() and version.isdigit() else None,
    )


def _rows(kept: Any, gone: Any) -> list[dict[str, Any]]:
    """The fields in which they differ, with what each says."""
    rows = []
    for name in directory_merge.CHOOSABLE[kept._meta.model_name]:
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if mine != theirs:
            label = kept._meta.get_field(name).verbose_name
            is_mine_empty, is_theirs_empty = mine in (None, ""), theirs in (None, "")
            rows.append(
                {
                    "name": name,
                    "label": label,
                    "mine": mine,
                    "theirs": theirs,
                    "takes": is_mine_empty,
                    "is_open": not (is_mine_empty or is_theirs_empty),
                }
            )
    return rows


def _show(
    request: HttpRequest, name: str, kept: Any, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    kind = kept._meta.model_name
    page = {"kept": kept, "kind": kind, "page": f"deals:{kind}", "merge": f"deals:merge-{kind}"}
    return render(request, f"deals/{name}.html", page | context, status=status)


@require_POST
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back, within a day."""
    user = signed_in(request)
    made = visible_or_404(Merge.objects.visible_to(user), pk)
    allow(policies.may_undo_merge(user, made))
    try:
        directory_merge.undo(made, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, _("Both are as they were."))
    return redirect(f"deals:{made.kind}", pk=made.kept_id)
