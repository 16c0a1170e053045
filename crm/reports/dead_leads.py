"""Dead leads: what stop rules have closed, by stage, and the time that had gone into it (B6, E1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, Sum

from crm.reports.base import Figure, Report, Row, Scope
from crm.reports.win_rate import STAGE_NOT_KNOWN
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
    rows = list(
        scope.outcomes()
        .lost()
        .filter(automatic=True)
        .values("stage", "stage__name")
        # The touches of a deal double its row, so the deals are counted apart.
        .annotate(
            n=Count("pk", distinct=True),
            minutes=Sum("deal__touches__minutes"),
            touches=Count("deal__touches"),
        )
        .order_by(F("stage__position").asc(nulls_first=True), "stage")
    )
    whole = {
        "n": sum(row["n"] for row in rows),
        "minutes": _added([row["minutes"] for row in rows]),
        "touches": sum(row["touches"] for row in rows),
    }
    return Report(
        slug=SLUG,
        filters=filters,
        figures=_figures(scope, whole),
        rows=[
            Row(
                by={"stage": row["stage__name"]},
                label=row["stage__name"] or str(STAGE_NOT_KNOWN),
                figures=_figures(
                    scope,
                    row,
                    **(
                        {"closed_in": row["stage"]}
                        if row["stage"]
                        else {"closed_in__isnull": "true"}
                    ),
                ),
            )
            for row in rows
        ],
    )


def _added(minutes: list[int | None]) -> int | None:
    """The sum of those known; None where none is, since nothing logged is not no time."""
    known = [value for value in minutes if value is not None]
    return sum(known) if known else None


def _figures(scope: Scope, counted: Any, **opens: Any) -> dict[str, Figure]:
    n, minutes = counted["n"], counted["minutes"]
    behind = scope.behind(DealStatus.LOST, automatic="true", **opens)
    hours = None if minutes is None else minutes / MINUTES_OF_AN_HOUR
    return {
        "closed_by_rule": scope.count(n, behind),
        "hours": Figure(value=hours, unit="hours", n=n, behind=behind),
        "touches": Figure(value=counted["touches"], n=n, behind=behind),
    }
