"""The deal with its timeline and the panels of other apps; opening, editing and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from crm.shared.panels import panels_after, panels_for, relations_of_panels
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import opening, pipeline
from deals.forms import DealForm, NewDealForm
from deals.models import Account, Deal
from deals.views import standing
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent, show
from deals.views.people import map_of, missing_roles
from deals.views.timeline import timeline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import WithAnnotations

    from crm.shared.models import User
    from deals.models import Stakeholder
    from deals.querysets import DealHints


@require_safe
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Left what it is, in the middle what happened, right what other apps know of it."""
    user = signed_in(request)
    deals = Deal.objects.visible_to(user).with_names().with_closing().with_hints()
    deal: WithAnnotations[Deal, DealHints] = visible_or_404(
        deals.select_related(*relations_of_panels()), pk
    )
    now = timezone.now()
    people = list(deal.stakeholders.select_related("contact"))
    panels = panels_for(request, deal)
    show = request.GET.get("show", "")
    context = {
        "deal": deal,
        "people": people,
        "map": map_of(people),
        "missing_roles": missing_roles(people) if deal.is_open else [],
        "show": show,
        "timeline": timeline_of(
            deal, show=show, whole="whole" in request.GET, names=_names(deal, people), user=user
        ),
        "middle": [panel for panel in panels if panel.place == "middle"],
        "right": [panel for panel in panels if panel.place != "middle"],
        **standing.standing_of(deal, user=user, now=now),
        **standing.became_of(deal, user=user, now=now),
    }
    return render(request, "deals/deal.html", context)


@require_safe
def aftermath(request: HttpRequest, pk: int) -> HttpResponse:
    """What other apps know of what followed a closing. Asked for apart, below what one works with."""
    _user, deal = deal_of(request, pk)
    return show(request, "aftermath", {"deal": deal, "panels": panels_after(request, deal)})


def _names(deal: Deal, people: Sequence[Stakeholder]) -> dict[int, str]:
    names = {person.contact_id: person.contact.name for person in people}
    return names | ({deal.contact.pk: deal.contact.name} if deal.contact else {})


# ---- open, edit, move ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a deal, with a new account and contact if they are not there yet. `?account=` names a known one."""
    user = require(request, Permission.WORK_DEALS)
    form = NewDealForm(sent(request), user=user, initial=_start(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            opened = opening.open_with(by=user, **form.opening())
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            toast(request, _("%(deal)s is open.") % {"deal": opened.name})
            return redirect("deals:deal", pk=opened.pk)
    elif request.method == "POST":
        status = INVALID
    account = _account_of(form, user)
    return render(request, "deals/new.html", {"form": form, "account": account}, status=status)


def _start(request: HttpRequest) -> dict[str, str]:
    return {
        name: request.GET[name]
        for name in ("account", "title", "target_list")
        if request.GET.get(name)
    }


def _account_of(form: NewDealForm, user: User) -> Account | None:
    """The account that the form was opened from."""
    named = str(form["account"].value() or "")
    seen = Account.objects.visible_to(user)
    return seen.filter(pk=int(named)).first() if named.isascii() and named.isdigit() else None


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts. A stale form shows what somebody else changed, and keeps what was typed."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    form = DealForm(sent(request), instance=deal, user=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        current = Deal.objects.with_names().get(pk=deal.pk)
        version = form.cleaned_data["version"]
        try:
            pipeline.edit(current, by=user, version=version, **form.changes())
        except StaleVersion:
            form, status = form.over(current), CONFLICT
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = INVALID
        else:
            toast(request, _("Saved."))
            return redirect("deals:deal", pk=deal.pk)
    elif request.method == "POST":
        status = INVALID
    context = {
        "deal": deal,
        "form": form,
        "changed_by": _changed_by(deal) if form.differences else "",
    }
    return render(request, "deals/edit.html", context, status=status)


def _changed_by(deal: Deal) -> str:
    """Who edited the deal last."""
    edits = EventRecord.objects.of_deal(deal.pk).filter(name="deal.edited").select_related("actor")
    last = edits.first()
    return last.actor.name if last and last.actor else ""
