"""Taking data out: ask, watch, fetch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from crm.exports import lists, running
from crm.exports.forms import ExportForm
from crm.exports.models import Export
from crm.exports.states import Kind
from crm.shared.errors import ActionRefused
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require, visible_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from crm.shared.models import User

SHOWN = 50
INVALID, BAD_REQUEST = 422, 400


@dataclasses.dataclass(frozen=True)
class Asked:
    """The list that a person came from, with its filters in words."""

    kind: str
    label: str
    filters: list[tuple[str, str]]
    is_valid: bool


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponseBase:
    """A list to take out, by the address of its page; and the files of the last days."""
    user = require(request, Permission.SEE_DEALS)
    form = ExportForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            job = running.ask(by=user, **form.cleaned_data)
        except ActionRefused as refusal:
            refuse(form, refusal)
        else:
            return answer(job) if job.is_kept else redirect("exports:export", job.pk)
    asked = _asked(form["kind"].value(), form["query"].value() or "", user=user)
    context = {
        "form": form,
        "asked": asked,
        "jobs": Export.objects.visible_to(user).select_related("by")[:SHOWN],
    }
    status = INVALID if form.errors else BAD_REQUEST if asked and not asked.is_valid else 200
    return render(request, "exports/exports.html", context, status=status)


def _initial(request: HttpRequest) -> dict[str, str]:
    """`?kind=deals&status=lost` as a list and its filters."""
    query = request.GET.copy()
    kind = query.pop("kind", [""])[-1]
    return {"kind": kind, "query": query.urlencode()} if kind else {}


def _asked(kind: Any, query: str, *, user: User) -> Asked | None:
    """None where no list is named by the address."""
    if kind not in Kind.values or not query:
        return None
    filters = lists.filtered(kind, query, by=user)
    is_valid = filters.is_valid()
    named = filters.form.cleaned_data if is_valid else {}
    words = [
        (str(filters.filters[name].label or name), _words(filters, name, value))
        for name, value in named.items()
        if name != "ordering" and value not in (None, "", [])
    ]
    return Asked(kind, str(Kind(kind).label), words, is_valid)


def _words(filters: Any, name: str, value: Any) -> str:
    """The value of a filter as a person reads it."""
    names = {
        str(key): str(label) for key, label in getattr(filters.form.fields[name], "choices", ())
    }
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(names.get(str(one), str(one)) for one in values)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: how far it is, then the file."""
    user = require(request, Permission.SEE_DEALS)
    job = visible_or_404(Export.objects.visible_to(user).select_related("by"), pk)
    template = "_progress" if getattr(request, "htmx", False) else "export"
    context = {"job": job, "percent": round(job.progress * 100)}
    return render(request, f"exports/{template}.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it and for administrators, while it is kept."""
    user = require(request, Permission.SEE_DEALS)
    return answer(visible_or_404(Export.objects.visible_to(user), pk))


def answer(job: Export) -> FileResponse:
    """The file under its name. Raises Http404 before it is written, and after it was thrown away."""
    try:
        content = job.path.open("rb") if job.is_kept else None
    except FileNotFoundError:
        content = None
    if content is None:
        raise Http404
    return FileResponse(content, as_attachment=True, filename=job.file_name)
