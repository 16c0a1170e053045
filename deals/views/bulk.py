"""The same for many deals at once: choose what, see how far it is, what was refused and why, and take it back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shared import display
from crm.shared.errors import ActionRefused
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import bulk as bulk_edits
from deals.filters import deals_of
from deals.forms.bulk import BULK_FORMS
from deals.models import BulkJob, Deal
from deals.states import BulkVerb
from deals.views.answers import CONFLICT, INVALID, allow, sent, show, way_back
from deals.views.reasons import reasons_for, tiles_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User
    from deals.querysets import DealQuerySet

MOST = 200
SHOWN = 50
LONGEST_ID = 19  # digits of the largest id that a column holds


@dataclasses.dataclass(frozen=True)
class Chosen:
    """The deals chosen: those ticked, or all of a filter. `query` asks the filters for them."""

    query: str
    deals: DealQuerySet
    count: int
    ids: list[int]


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing to the deals named by `deal`, or with `all` to every deal of the filters in `of`."""
    user = require(request, Permission.WORK_DEALS)
    said = request.POST if request.method == "POST" else request.GET
    what = said.get("what") or BulkVerb.LOSE
    if what not in BULK_FORMS:
        raise Http404
    chosen = _chosen(said, user)
    form = BULK_FORMS[what](sent(request), user=user)
    status = 200
    if request.method == "POST" and form.is_valid() and chosen.count:
        try:
            job = bulk_edits.start(
                by=user, what=what, selection=deals_of, query=chosen.query, values=form.values()
            )
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            return _answer(request, job)
    elif request.method == "POST":
        status = INVALID
    context = {
        "form": form,
        "what": BulkVerb(what),
        "whats": [(verb, BulkVerb(verb).label) for verb in BULK_FORMS],
        "chosen": chosen,
        "deals": chosen.deals.with_names().order_by("pk")[:SHOWN],
        "of": said.get("of", ""),
        "all": said.get("all", ""),
        "at_once": bulk_edits.AT_ONCE,
        "back": way_back(request, reverse("deals:pipeline")),
        "tiles": tiles_for(form, reasons_for(user)) if what == BulkVerb.LOSE else None,
    }
    return show(request, "bulk", context, status=status)


def _chosen(said: QueryDict, user: User) -> Chosen:
    """The deals asked for; one ticked and unseen is as if it did not exist."""
    named = set(said.getlist("deal"))
    ids = sorted(int(pk) for pk in named if pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID)
    query = said.get("of", "") if said.get("all") else f"id__in={','.join(map(str, ids))}"
    if not said.get("all") and not ids:
        if named:
            raise Http404
        return Chosen("", Deal.objects.none(), 0, [])
    try:
        deals = deals_of(BulkJob(by=user, query=query))
    except ActionRefused:
        raise Http404 from None
    count = deals.count()
    if not said.get("all") and (count < len(named) or len(named) > MOST):
        raise Http404
    return Chosen(query, deals, count, [] if said.get("all") else ids)


def _answer(request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Back to the list when all is done; to the job when it goes on or something was refused."""
    if not job.is_over or job.refused or job.why_failed:
        return redirect(job)
    words = ngettext("%(n)s deal: %(what)s.", "%(n)s deals: %(what)s.", job.done)
    told = words % {"n": display.number(job.done), "what": job.get_what_display()}
    undo_path = reverse("deals:undo-bulk", args=[job.pk]) if job.is_closing else ""
    toast(request, told, undo=undo_path)
    return redirect(way_back(request, reverse("deals:pipeline")))


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, what was refused and why, and the way back."""
    user = require(request, Permission.WORK_DEALS)
    found = visible_or_404(BulkJob.objects.visible_to(user).select_related("undoes"), pk)
    seen = Deal.objects.visible_to(user).values("pk")
    refused = found.rows.exclude(why="").filter(deal__in=seen).select_related("deal__account")
    context: dict[str, Any] = {
        "job": found,
        "refused": refused[:SHOWN],
        "may_undo": found.is_closing and found.is_over and found.done,
    }
    name = "_bulk_job" if getattr(request, "htmx", False) else "bulk_job"
    return render(request, f"deals/{name}.html", context)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take all closings of a job back in one go; what may not be undone is listed with why."""
    user = require(request, Permission.WORK_DEALS)
    found = visible_or_404(BulkJob.objects.visible_to(user), pk)
    allow(policies.may_work(user) and found.is_closing)
    undone = bulk_edits.start(by=user, what=BulkVerb.UNDO, selection=deals_of, undoes=found)
    if not undone.total:
        toast(request, _("There is nothing left to undo."), is_error=True)
        return redirect(found)
    return _answer(request, undone)
