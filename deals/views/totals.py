"""Moving, stuck, dead: what the open deals of the filters are worth, together and stage by stage (B7, E3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.shared import display, money
from crm.shared.roles import Permission
from crm.shared.views.mixins import require
from deals.models import Deal, Stage
from deals.states import Phase
from deals.views.asked import asked_filters, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest, HttpResponse

BAR, LANE_BAR, GAP = 556, 176, 2


@dataclasses.dataclass
class Share:
    """A part of the open pipeline, in the organisation's currency; amounts without a rate are left out."""

    name: str
    label: str
    count: int = 0
    amount: Decimal = Decimal(0)
    x: str = "0"  # place and width in the bar, as SVG wants them whatever the reader's language
    width: str = ""


@dataclasses.dataclass
class Whole:
    """The three parts of a pipeline or of one stage, and how many deals have no amount that could be counted."""

    shares: list[Share]
    unknown: int = 0

    @property
    def count(self) -> int:
        return sum(share.count for share in self.shares)

    @property
    def amount(self) -> Decimal:
        return sum((share.amount for share in self.shares), Decimal(0))

    @property
    def words(self) -> str:
        return ", ".join(f"{display.short_number(one.amount)} {one.label}" for one in self.shares)


@require_safe
def totals(request: HttpRequest) -> HttpResponse:
    """The open deals of the filters as moving, stuck and dead (E3). Asked for apart: it reads all of them."""
    user = require(request, Permission.SEE_DEALS)
    filters = asked_filters(request, user)
    deals = filters.qs.current().open() if filters.is_valid() else Deal.objects.none()
    stages = list(Stage.objects.visible_to(user))
    whole, lanes = counted(deals, stages, now=timezone.now())
    context = {
        "whole": whole,
        "forecast": whole.shares[0].amount + whole.shares[1].amount,
        "dead": whole.shares[2],
        "lanes": [(stage, lanes[stage.pk]) for stage in stages if is_lane(stage)],
        "currency": settings.ORGANISATION_CURRENCY,
        "is_board": request.GET.get("view") == "board",
    }
    name = "_totals" if getattr(request, "htmx", False) else "totals"
    return render(request, f"deals/{name}.html", context)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many deals the filters find, however many: as many as the figure says that leads to them."""
    user = require(request, Permission.SEE_DEALS)
    filters = asked_filters(request, user)
    deals = filters.qs.current() if filters.is_valid() else Deal.objects.none()
    context = {"found": in_words(deals.order_by().count()), "address": filters.address()}
    name = "_count" if getattr(request, "htmx", False) else "count"
    return render(request, f"deals/{name}.html", context)


def is_lane(stage: Stage) -> bool:
    """Whether the board has a column for it: open deals never stand in Order (C7)."""
    return stage.archived_at is None and stage.phase != Phase.ORDER


def counted(
    deals: Any, stages: Sequence[Stage], *, now: dt.datetime
) -> tuple[Whole, dict[int, Whole]]:
    """Moving, stuck, dead (rule 11), together and by stage, in two statements.

    What is parked until a day to come is none of them, unless its stop rule is met meanwhile.
    """
    stuck = Q(pk__in=[])
    for stage in stages:
        since = now - dt.timedelta(days=stage.stuck_days + 1)
        stuck |= Q(stage=stage, entered_stage_at__lte=since)
    dead = Q(closes_on__isnull=False)
    parts = {"moving": ~dead & ~stuck, "stuck": ~dead & stuck, "dead": dead}
    sums = {f"{name}_sum": Sum("amount", filter=part) for name, part in parts.items()}
    counts = {f"{name}_count": Count("pk", filter=part) for name, part in parts.items()}
    empty = Count("pk", filter=Q(amount=None))
    awake = Q(parked_until=None) | Q(parked_until__lte=now) | dead
    found = deals.filter(awake).order_by().values("stage_id", "currency")
    rows = list(found.annotate(**sums, **counts, without_amount=empty))
    whole, lanes = _empty(), {stage.pk: _empty() for stage in stages}
    today = timezone.localdate(now)
    sums_of_rows = [
        (row[f"{name}_sum"] or Decimal(0), row["currency"], today) for row in rows for name in parts
    ]
    worth = iter(money.in_organisation_currency_many(sums_of_rows))
    for row in rows:
        amounts = [next(worth) for _name in parts]
        for one in (whole, lanes[row["stage_id"]]):
            _add(one, row, amounts)
    _lay_out(whole.shares, BAR)
    for lane in lanes.values():
        _lay_out(lane.shares, LANE_BAR)
    return whole, lanes


def _empty() -> Whole:
    labels = {"moving": _("Moving"), "stuck": _("Stuck"), "dead": _("Dead")}
    return Whole([Share(name, label) for name, label in labels.items()])


def _add(whole: Whole, row: dict[str, Any], amounts: Iterable[Decimal | None]) -> None:
    whole.unknown += row["without_amount"]
    for share, amount in zip(whole.shares, amounts, strict=True):
        count = row[f"{share.name}_count"]
        share.count += count
        share.amount += amount or Decimal(0)
        whole.unknown += count if amount is None else 0


def _lay_out(shares: list[Share], bar: int) -> None:
    """Where each part stands in a bar of `bar` units, with a gap of two between them."""
    total, x = sum(share.amount for share in shares), 0.0
    for share in shares:
        if not share.amount:
            continue
        width = float(share.amount / total) * bar
        share.x, share.width = f"{x:.1f}", f"{width:.1f}"
        x += width + GAP
