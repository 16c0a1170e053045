"""The pipeline as a board: open deals in columns by stage, the next step first; more of a column as one scrolls."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.panels import meters_for
from crm.shared.roles import Permission
from crm.shared.views.keyset import cursor_after, first_of, keyset_page
from crm.shared.views.mixins import require, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import pipeline
from deals.forms import MoveForm
from deals.models import Deal, Stage
from deals.states import Phase
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, show, way_back
from deals.views.asked import asked_filters
from deals.views.rows import Row, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.querysets import DealQuerySet

CARDS = 50
ORDER = "next_follow_up_at"
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
STALE = 412
JSON = "application/json"


@dataclasses.dataclass(frozen=True)
class Lane:
    """A column: its stage, the first cards, and where the next ones begin."""

    stage: Stage
    cards: list[Row]
    next: str = ""


def lanes_of(deals: DealQuerySet, *, viewer: User, now: dt.datetime) -> list[Lane]:
    """The columns with the first cards of each, in three statements whatever the number of stages and deals."""
    stages = list(Stage.objects.visible_to(viewer).current().exclude(phase=Phase.ORDER))
    by_stage: dict[int, list[Deal]] = {stage.pk: [] for stage in stages}
    for deal in sorted(_first_of_each(deals, stages), key=_place):
        by_stage[deal.stage_id].append(deal)
    shown = {pk: found[:CARDS] for pk, found in by_stage.items()}
    meters = meters_for([deal for found in shown.values() for deal in found], now=now)
    return [
        Lane(
            stage,
            [row_of(deal, now=now, meter=meters.get(deal.pk)) for deal in shown[stage.pk]],
            cursor_after(deals.order_by(ORDER), shown[stage.pk][-1])
            if len(by_stage[stage.pk]) > CARDS
            else "",
        )
        for stage in stages
    ]


def _first_of_each(deals: DealQuerySet, stages: Sequence[Stage]) -> Iterable[Deal]:
    """The first cards of every stage and one more. Each stage is a slice of an index; together they are one statement."""
    if not stages:
        return []
    ordered = deals.order_by(ORDER, "pk")
    slices = [ordered.filter(stage=stage)[: CARDS + 1] for stage in stages]
    return first_of(slices, named_by=deals.ON_CARDS)


def _place(deal: Deal) -> tuple[dt.datetime, int]:
    """As the statement orders them: without a next step last."""
    return deal.next_follow_up_at or NEVER, deal.pk


@require_safe
def column(request: HttpRequest, pk: int) -> HttpResponse:
    """More cards of one column, after those shown."""
    user = require(request, Permission.SEE_DEALS)
    stage = visible_or_404(Stage.objects.visible_to(user), pk)
    filters = asked_filters(request, user)
    deals = filters.qs.current().open() if filters.is_valid() else Deal.objects.none()
    found = deals.filter(stage=stage).order_by(ORDER)
    cursor = request.GET.get("cursor", "")
    page = keyset_page(found, cursor=cursor, size=CARDS, named_by=found.ON_CARDS)
    now = timezone.now()
    meters = meters_for(page.rows, now=now)
    cards = [row_of(deal, now=now, meter=meters.get(deal.pk)) for deal in page.rows]
    context = {
        "lane": Lane(stage, cards, page.next),
        "may_work": policies.may_work(user),
        "shows_owner": user.visible_owner_ids is None or len(user.visible_owner_ids) > 1,
    }
    return render(request, "deals/_cards.html", context)


# ---- moving ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask where to, or move the deal: the board gets the card as it is now, everybody else the page they came from."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    back = way_back(request, reverse("deals:deal", args=[pk]))
    if request.method != "POST":
        stages = Stage.objects.visible_to(user).current().exclude(phase=Phase.ORDER)
        closings = [
            ("deals:win", _("Won")),
            ("deals:lose", _("Lost")),
            ("deals:disqualify", _("Not a fit")),
        ]
        context = {"deal": deal, "stages": stages, "closings": closings, "back": back}
        return show(request, "move", context)
    form = MoveForm(request.POST, user=user)
    status, said = 200, ""
    if not form.is_valid():
        status, said = INVALID, _("Choose one of the stages.")
    else:
        stage = form.cleaned_data["stage"]
        try:
            pipeline.move(deal, to=stage, by=user, version=form.cleaned_data["version"])
        except StaleVersion as refusal:
            status, said = STALE, refusal.message
        except ActionRefused as refusal:
            status, said = CONFLICT, refusal.message
        else:
            said = _("Moved to %(stage)s.") % {"stage": stage.name}
    if request.headers.get("Accept") == JSON:
        return _as_card(request, pk, status=status, said=said)
    toast(request, said, is_error=status >= CONFLICT)
    return redirect(back)


def _as_card(request: HttpRequest, pk: int, *, status: int, said: str) -> JsonResponse:
    """Where the card belongs and how it looks now, moved or not, and what is to be said."""
    user, deal = deal_of(request, pk)
    now = timezone.now()
    meter = meters_for([deal], now=now).get(deal.pk) if deal.is_open else None
    context: dict[str, Any] = {
        "card": row_of(deal, now=now, meter=meter),
        "may_work": True,
        "shows_owner": user.visible_owner_ids is None or len(user.visible_owner_ids) > 1,
    }
    card = render_to_string("deals/_card.html", context, request) if deal.is_open else ""
    return JsonResponse({"stage": deal.stage_id, "card": card, "said": said}, status=status)
