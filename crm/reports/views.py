"""Pages of reports: the list of them, one view for all of them, and the monthly review among them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.reports import monthly_review, periods
from crm.reports.catalogue import BY_SLUG, REPORTS
from crm.reports.findings import findings_of
from crm.shared.roles import Permission
from crm.shared.views.mixins import require

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from crm.reports.base import Filters

BAD_REQUEST = 400
MONTHS_TO_CHOOSE = 3


@dataclasses.dataclass(frozen=True)
class Choice:
    """An address to go to; `is_current` is where one is."""

    label: str
    href: str
    is_current: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All reports, each with what it answers; opened from here they begin with twelve months."""
    require(request, Permission.SEE_REPORTS)
    today = periods.organisation_day(timezone.now())
    since = periods.months_later(today, -11)
    rows = [
        {
            "entry": entry,
            "href": reverse("reports:report", args=[entry.slug])
            + ("" if entry.slug == monthly_review.SLUG else f"?from={since}"),
        }
        for entry in REPORTS
    ]
    return render(request, "reports/index.html", {"rows": rows})


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """One report by the filters of the address; without any from the beginning to today."""
    entry = BY_SLUG.get(slug)
    if entry is None:
        raise Http404
    user = require(request, Permission.SEE_REPORTS)
    today = periods.organisation_day(timezone.now())
    form = entry.form(request.GET, viewer=user, today=today)
    is_valid = form.is_valid()
    context: dict[str, Any] = {"entry": entry, "form": form}
    if is_valid:
        filters = form.filters()
        context["findings"] = findings_of(entry.make(filters, user))
        context["filters"] = filters
        if slug == monthly_review.SLUG:
            context["month"] = periods.month_and_year(filters.end)
            context["is_running"] = filters.end >= today
            context["months"] = _months(request, filters, today)
        else:
            context["spans"] = _spans(request, filters, today)
    name = "monthly_review" if slug == monthly_review.SLUG else "report"
    return render(request, f"reports/{name}.html", context, status=200 if is_valid else BAD_REQUEST)


def _months(request: HttpRequest, filters: Filters, today: dt.date) -> list[Choice]:
    """The month with its neighbours; no month that has not begun."""
    chosen = periods.month_of(filters.end)
    last = min(periods.months_later(chosen, 1), max(periods.month_of(today), chosen))
    months = [periods.months_later(last, place - MONTHS_TO_CHOOSE + 1) for place in range(3)]
    return [
        Choice(
            label=periods.month_name(month),
            href=_with(request, month=month.strftime("%Y-%m")),
            is_current=month == chosen,
        )
        for month in months
    ]


def _spans(request: HttpRequest, filters: Filters, today: dt.date) -> list[Choice]:
    """Periods one asks for most."""
    starts = [
        (_("This quarter"), periods.quarter_of(today)),
        (_("This year"), periods.year_of(today)),
        (_("Twelve months"), periods.months_later(today, -11)),
        (_("All"), None),
    ]
    return [
        Choice(
            label=label,
            href=_with(request, **({"from": start} if start else {})),
            is_current=filters.start == start and filters.end == today,
        )
        for label, start in starts
    ]


def _with(request: HttpRequest, **days: Any) -> str:
    """This address for other days, with everything else that it asks."""
    names = ("team", "rep", "product", "segment", "target_list")
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    asked = urlencode(kept | days)
    return f"{request.path}?{asked}" if asked else request.path
