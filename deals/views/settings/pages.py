"""One set of pages for every kind: the list, adding, editing, retiring, the order, merging two."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.shared.errors import ActionRefused
from crm.shared.roles import Permission
from crm.shared.views.mixins import edited, require, submitted, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.forms.settings import MergeForm
from deals.views.answers import sent, version_of
from deals.views.settings.kinds import KINDS, moved

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User
    from deals.views.settings.kinds import Kind


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """All of them, the retired below; managers read, administrators add another one."""
    kind = KINDS[slug]
    is_post = request.method == "POST"
    user = require(request, Permission.ADMINISTER if is_post else Permission.SET_RULES)
    form = kind.form(sent(request), user=user)
    status = submitted(form, lambda: kind.add(by=user, **form.cleaned_data))
    if status is None:
        toast(request, _("“%(name)s” is added.") % {"name": form.cleaned_data["name"]})
        return redirect(f"deals_settings:{slug}")
    things = list(kind.model.objects.visible_to(user))
    current = [thing for thing in things if thing.archived_at is None]
    counts = kind.counted(current, user) if kind.counted else {}
    context = {
        "kind": kind,
        "form": form,
        "rows": [_row(thing, kind, counts.get(thing.pk)) for thing in current],
        "retired": [thing for thing in things if thing.archived_at is not None],
        "is_counted": kind.counted is not None,
        "may_set_up": policies.may_set_up(user),
        "can_merge": kind.merge is not None,
        "can_move": kind.move is not None,
    }
    return render(request, "settings/things.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rename it, or change what it says."""
    kind, user, thing = _asked(request, slug, pk)
    seen = kind.model.objects.visible_to(user)
    form = kind.form(sent(request), instance=seen.get(pk=pk), user=user)
    edit = functools.partial(kind.edit, thing, by=user)
    form, status = edited(form, edit, now=lambda: seen.get(pk=pk))
    if status is None:
        toast(request, _("Saved."))
        return redirect(f"deals_settings:{slug}")
    context = {"kind": kind, "form": form, "thing": thing}
    return render(request, "settings/thing.html", context, status=status)


@require_POST
def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Out of the choices, or back among them, whichever the person saw that it was not."""
    kind, user, thing = _asked(request, slug, pk)
    act = kind.restore if thing.archived_at else kind.retire
    try:
        act(thing, by=user, version=version_of(request))
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"deals_settings:{slug}")


@require_POST
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up, or down."""
    kind, user, thing = _asked(request, slug, pk)
    assert kind.move is not None  # noqa: S101  (only such a kind has the address)
    try:
        up = request.POST.get("to") == "up"
        kind.move(thing, up=up, by=user, version=version_of(request))
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"deals_settings:{slug}")


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make two that mean the same into one."""
    kind, user, thing = _asked(request, slug, pk)
    assert kind.merge is not None  # noqa: S101  (only such a kind has the address)
    others = kind.model.objects.visible_to(user).current().exclude(pk=pk)
    form = MergeForm(sent(request), others=others)
    act = kind.merge
    status = submitted(form, lambda: act(thing, into=form.cleaned_data["into"], by=user))
    if status is None:
        names = {"name": thing.name, "into": form.cleaned_data["into"].name}
        toast(request, _("“%(name)s” is part of “%(into)s” now.") % names)
        return redirect(f"deals_settings:{slug}")
    context = {"kind": kind, "form": form, "thing": thing, "moved": moved(kind)}
    return render(request, "settings/merge.html", context, status=status)


def _asked(request: HttpRequest, slug: str, pk: int) -> tuple[Kind, User, Any]:
    user = require(request, Permission.ADMINISTER)
    kind = KINDS[slug]
    return kind, user, visible_or_404(kind.model.objects.visible_to(user), pk)


def _row(thing: Any, kind: Kind, count: int | None) -> dict[str, Any]:
    return {
        "thing": thing,
        "count": count,
        "cells": kind.cells(thing),
        "is_system": getattr(thing, "is_system", False),
    }
