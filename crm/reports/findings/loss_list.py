"""The list of reasons: share, interval and trend of each, under who controls it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from crm.reports import periods
from crm.reports.charts import interval_cell
from crm.reports.findings import base
from crm.shared import display
from crm.shared.evidence import Verdict
from deals.models.loss_reason import NOT_STATED

if TYPE_CHECKING:
    from crm.reports.base import Report, Row
    from crm.reports.charts.intervals import _Cell

CELL = 84.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the list: a reason, or who controls those that follow it."""

    name: str
    control: str
    is_group: bool
    count: base.Cell
    month: base.Cell | None
    share: str
    range: str
    dot: _Cell | None
    verdict: str


def top_of(report: Report) -> float:
    highs = [row.figures["share"].high or 0.0 for row in report.by("reason")]
    highest = max(highs, default=1.0)
    return min(1.0, -(-highest * 10 // 1) / 10) or 1.0


def lines(report: Report, month: str) -> list[Line]:
    """Each control with its own share, its reasons below; a reason without losses stays only where that is news."""
    of_month = {
        row.by["reason"]: row for row in report.by("month", "reason") if row.by["month"] == month
    }
    top, found = top_of(report), []
    for group in report.by("control"):
        control = group.by["control"] or ""
        reasons = [
            row
            for row in report.by("reason")
            if row.within == control and (row.figures["losses"].n or trend(row))
        ]
        if [row.by["reason"] for row in reasons] == [NOT_STATED]:
            reasons = []  # the group says it already
        if not group.figures["losses"].n and not reasons:
            continue
        found.append(_line(group, control, top=top, is_group=True))
        found += [
            _line(
                row, control, top=top, month=of_month.get(row.by["reason"]), is_monthly=bool(month)
            )
            for row in reasons
        ]
    return found


def _line(
    row: Row,
    control: str,
    *,
    top: float,
    is_group: bool = False,
    month: Row | None = None,
    is_monthly: bool = False,
) -> Line:
    count, share = row.figures["losses"], row.figures["share"]
    name = f"{row.label}: {display.number(count.n)}"
    in_month = None
    if month is not None:
        of_month = month.figures["losses"]
        in_month = base.count_cell(of_month, f"{row.label}: {display.number(of_month.n)}")
    elif is_monthly:
        in_month = base.text_cell(display.number(0))
    return Line(
        name=row.label,
        control=control,
        is_group=is_group,
        count=base.count_cell(count, name),
        month=in_month,
        share=base.rate(share) if share.is_enough else display.NOTHING,
        range=base.range_of(share) if share.is_enough else base.too_few(),
        dot=None
        if is_group
        else interval_cell(share, top=top, title=base.rate_with_range(share), width=CELL, css=""),
        verdict=trend(row),
    )


def trend(row: Row) -> str:
    verdict = row.figures["share"].verdict
    return str(verdict.label) if verdict in {Verdict.RISING, Verdict.FALLING} else ""


def month_name(month: str) -> str:
    return periods.short_month(dt.date.fromisoformat(f"{month}-01")) if month else ""
