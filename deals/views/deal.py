"""The deal with its timeline and the panels of other apps; opening, editing and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from crm.shared.panels import panels_for
from crm.shared.roles import Permission
from crm.shared.views.mixins import refuse, require, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import opening, pipeline
from deals.forms import DealForm, MoveForm, NewDealForm
from deals.forms.deal import QUALIFICATION
from deals.models import Account, Deal, Stage
from deals.states import REFLECTION, Answer, DealStatus, Phase, WinFactor
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent
from deals.views.people import map_of
from deals.views.timeline import timeline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import WithAnnotations

    from crm.shared.models import User
    from deals.models import Outcome, Stakeholder
    from deals.querysets import DealHints


@require_GET
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Left what it is, in the middle what happened, right what other apps know of it."""
    user = signed_in(request)
    deals = Deal.objects.visible_to(user).with_names().with_closing().with_hints()
    deal: WithAnnotations[Deal, DealHints] = visible_or_404(deals, pk)
    people = list(deal.stakeholders.select_related("contact"))
    panels = panels_for(request, deal)
    show = request.GET.get("show", "")
    context = {
        "deal": deal,
        "stages": _stages(deal, user),
        "days_in_stage": (timezone.now() - deal.entered_stage_at).days,
        "qualification": _qualification(deal),
        "people": people,
        "map": map_of(people),
        "show": show,
        "timeline": timeline_of(
            deal, show=show, whole="whole" in request.GET, names=_names(deal, people), user=user
        ),
        "middle": [panel for panel in panels if panel.place == "middle"],
        "right": [panel for panel in panels if panel.place != "middle"],
        "may_work": policies.may_work(user),
        **_closing(deal, user),
    }
    return render(request, "deals/deal.html", context)


def _stages(deal: Deal, user: User) -> list[dict[str, Any]]:
    """The steps of the pipeline: done, now, to come. An open deal gets to Order by being won."""
    stages = Stage.objects.visible_to(user)
    return [
        {
            "stage": stage,
            "is_done": stage.position < deal.stage.position,
            "is_now": stage.pk == deal.stage_id,
            "is_order": stage.phase == Phase.ORDER,
        }
        for stage in stages
        if stage.archived_at is None or stage.pk == deal.stage_id
    ]


def _qualification(deal: Deal) -> list[dict[str, Any]]:
    order = {Answer.YES: 0, Answer.NO: 1, Answer.UNKNOWN: 2}
    rows = [
        {"label": DealForm.base_fields[name].label, "answer": Answer(getattr(deal, name))}
        for name in QUALIFICATION
    ]
    return sorted(rows, key=lambda row: order[row["answer"]])


def _names(deal: Deal, people: Sequence[Stakeholder]) -> dict[int, str]:
    names = {person.contact_id: person.contact.name for person in people}
    return names | ({deal.contact.pk: deal.contact.name} if deal.contact else {})


def _closing(deal: WithAnnotations[Deal, DealHints], user: User) -> dict[str, Any]:
    """What became of it, the way back while it lasts, and the second chances before and after."""
    related = Q(second_chance_of=deal) | Q(pk=deal.second_chance_of_id)
    chain = Deal.objects.visible_to(user).filter(related).with_names().order_by("pk")
    found = list(chain) if deal.has_second_chances or deal.second_chance_of_id else []
    facts: dict[str, Any] = {
        "came_from": next((one for one in found if one.pk == deal.second_chance_of_id), None),
        "second_chances": [one for one in found if one.second_chance_of_id == deal.pk],
    }
    if deal.outcome is None:
        return facts
    ends_at = policies.undo_ends_at(deal.outcome)
    facts |= {
        "outcome": deal.outcome,
        "undo_ends_at": ends_at,
        "may_undo": policies.may_undo(user, deal) and timezone.now() < ends_at,
        "may_reopen": deal.status == DealStatus.LOST
        and not any(one.is_open for one in facts["second_chances"]),
        "other_reasons": _other_reasons(deal.outcome) if deal.has_other_reasons else [],
        "reflection": _reflection(deal.outcome),
        "won_because": [str(WinFactor(code).label) for code in deal.outcome.won_because],
    }
    return facts


def _other_reasons(outcome: Outcome) -> list[str]:
    return [str(other.reason) for other in outcome.other_reasons.select_related("reason")]


def _reflection(outcome: Outcome) -> list[tuple[str, str]]:
    """The six questions (A4) that were answered."""
    return [
        (str(question), str(Answer(outcome.reflection[key]).label))
        for key, question in REFLECTION.items()
        if key in outcome.reflection
    ]


# ---- open, edit, move ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
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
    return {name: request.GET[name] for name in ("account", "title") if request.GET.get(name)}


def _account_of(form: NewDealForm, user: User) -> Account | None:
    """The account that the form was opened from."""
    named = str(form["account"].value() or "")
    seen = Account.objects.visible_to(user)
    return seen.filter(pk=int(named)).first() if named.isascii() and named.isdigit() else None


@require_http_methods(["GET", "POST"])
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


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the deal to another stage."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    form = MoveForm(request.POST, user=user)
    if not form.is_valid():
        messages.error(request, _("Choose one of the stages."))
        return redirect("deals:deal", pk=pk)
    stage = form.cleaned_data["stage"]
    try:
        pipeline.move(deal, to=stage, by=user, version=form.cleaned_data["version"])
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, _("Moved to %(stage)s.") % {"stage": stage.name})
    return redirect(reverse("deals:deal", args=[pk]))
