"""One endpoint for all reports: the figures as numbers, each with what it rests on and the deals behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from crm.reports import periods
from crm.reports.catalogue import BY_SLUG
from crm.shared.api.filters import check_params
from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import ApiView
from crm.shared.policies import allows
from crm.shared.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request

    from crm.reports.base import Figure, Report, Row

PLACES = 4
WITHHELD = "too few to show"
DAY = {"type": "string", "format": "date"}
ID = {"type": "integer", "minimum": 1}


class FigureShown(serializers.Serializer[Any]):
    """A number with what it rests on. `deals` lists as many deals as `n` says; shares have a 95 % interval."""

    value = serializers.JSONField(allow_null=True)
    numerator = serializers.JSONField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    verdict = serializers.CharField(allow_null=True)
    currency = serializers.CharField(required=False)
    deals = serializers.CharField(allow_null=True)


class RowShown(serializers.Serializer[Any]):
    """The figures of one group; `by` names it."""

    by = serializers.DictField(child=serializers.CharField(allow_null=True))
    label = serializers.CharField()  # type: ignore[assignment]
    figures = serializers.DictField(child=FigureShown())


class PartShown(serializers.Serializer[Any]):
    """A report: its filters, figures of the whole, then of its groups."""

    report = serializers.CharField()
    filters = serializers.DictField(child=serializers.JSONField(allow_null=True))
    currency = serializers.CharField()
    figures = serializers.DictField(child=FigureShown())
    rows = RowShown(many=True)


class ReportShown(PartShown):
    """A report; the monthly review has others as its parts."""

    parts = PartShown(many=True, required=False)


class ReportView(ApiView):
    """Reports."""

    params = {
        "": {
            "from": (
                DAY,
                "First day, in the organisation's time zone; left out: from the beginning.",
            ),
            "to": (DAY, "Last day; left out: today."),
            "month": (
                {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
                "Of the monthly review.",
            ),
            "team": (ID, "A team, with those below it."),
            "rep": (ID, "The owner of the deals."),
            "product": (ID, "The product of the deals."),
            "segment": (ID, "The segment that their accounts are in today."),
            "target_list": (ID, "The target list that the deals came from."),
        }
    }

    @takes(shown=ReportShown)
    def get(self, request: Request, slug: str) -> Response:
        """Read a report.

        Figures of what one may see; a viewer gets those of everybody, without the deals, and no amount that
        rests on fewer than three of them.
        """
        entry = BY_SLUG.get(slug)
        if entry is None:
            raise Http404
        self.require(allows(self.user, Permission.SEE_REPORTS))
        today = periods.organisation_day(timezone.now())
        form = entry.form(request.query_params, viewer=self.user, today=today)
        if wrong := check_params(request.query_params, known=form.fields):
            raise ValidationError(wrong)
        if not form.is_valid():
            raise ValidationError(
                {name: list(map(str, texts)) for name, texts in form.errors.items()}
            )
        return Response(told(entry.make(form.filters(), self.user)))


def told(report: Report) -> dict[str, Any]:
    """A report as the API says it."""
    found: dict[str, Any] = {
        "report": report.slug,
        "filters": report.filters.named,
        "currency": report.currency,
        "figures": _figures(report),
        "rows": [_row(row) for row in report.rows],
    }
    return found | ({"parts": [told(part) for part in report.parts]} if report.parts else {})


def _row(row: Row) -> dict[str, Any]:
    return {"by": dict(row.by), "label": row.label, "figures": _figures(row)}


def _figures(of: Report | Row) -> dict[str, Any]:
    return {name: _figure(figure) for name, figure in of.figures.items()}


def _figure(figure: Figure) -> dict[str, Any]:
    found = {
        "value": _number(figure.value),
        "numerator": _number(figure.numerator),
        "denominator": figure.denominator,
        "low": _number(figure.low),
        "high": _number(figure.high),
        "n": figure.n,
        "verdict": WITHHELD if figure.is_withheld else figure.verdict and figure.verdict.value,
        "deals": figure.behind and figure.behind.api,
    }
    return found | ({"currency": figure.currency} if figure.currency else {})


def _number(value: float | Decimal | None) -> float | str | None:
    """Money as text, exact; other fractions to four places."""
    if isinstance(value, Decimal):
        return str(value)
    return round(value, PLACES) if isinstance(value, float) else value
