"""Dead leads: what stop rules have closed, by stage, and the time that had gone into it (B6, E1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from crm.reports.base import Figure, Report, Row, Scope
from deals.states import DealStatus

if TYPE_CHECKING:
    from typing import Any

    from crm.reports.base import Filters
    from crm.shared.models import User

SLUG = "dead-leads"
MINUTES_OF_AN_HOUR = 60


def dead_leads(filters: Filters, viewer: User) -> Report:
    """Losses that a stop rule made in the period, by the stage they were in; hours are the minutes logged on their touches."""
    scope = Scope(filters, viewer)
    rows = (
        scope.outcomes()
        .lost()
        .filter(automatic=True)
        .values_list("stage", "stage__name")
        # The touches of a deal double its row, so the deals are counted apart.
        .annotate(
            n=Count("pk", distinct=True),
            minutes=Sum("deal__touches__minutes"),
            touches=Count("deal__touches"),
        )
        .order_by("stage__position", "stage")
    )
    stages = [(name, pk, n, minutes, touches) for pk, name, n, minutes, touches in rows]
    return Report(
        slug=SLUG,
        filters=filters,
        figures=_figures(
            scope,
            n=sum(n for _name, _pk, n, _minutes, _touches in stages),
            minutes=_added([minutes for _name, _pk, _n, minutes, _touches in stages]),
            touches=sum(touches for *_, touches in stages),
        ),
        rows=[
            Row(
                by={"stage": name},
                label=name,
                figures=_figures(scope, n=n, minutes=minutes, touches=touches, closed_in=pk),
            )
            for name, pk, n, minutes, touches in stages
        ],
    )


def _added(minutes: list[int | None]) -> int | None:
    """The sum of those known; None where none is, since nothing logged is not no time."""
    known = [value for value in minutes if value is not None]
    return sum(known) if known else None


def _figures(
    scope: Scope, *, n: int, minutes: int | None, touches: int, **opens: Any
) -> dict[str, Figure]:
    behind = scope.behind(DealStatus.LOST, automatic="true", **opens)
    hours = None if minutes is None else minutes / MINUTES_OF_AN_HOUR
    return {
        "closed_by_rule": scope.count(n, behind),
        "hours": Figure(value=hours, unit="hours", n=n, behind=behind),
        "touches": Figure(value=touches, n=n, behind=behind),
    }
