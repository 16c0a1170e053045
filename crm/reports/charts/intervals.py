"""Rates as points on their 95 % intervals; where there are too few cases there is no point."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from crm.reports.charts.geometry import Scale, Tick, px, shortened, ticks
from crm.shared.display import number, percent
from crm.shared.evidence import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.reports.base import Figure

START, END, TOP, PITCH = 150.0, 430.0, 24.0, 38.0
CELL_WIDTH, CELL_HEIGHT = 116.0, 14.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntervalRow:
    """One rate: `counts` stands at the right, `title` says it in words."""

    label: str
    figure: Figure
    counts: str
    title: str
    css: str = "-i"
    href: str = ""


@dataclasses.dataclass(frozen=True)
class _Row:
    y: str
    text_y: str
    label: str
    name: str
    counts: str
    title: str
    href: str
    low: str = ""
    high: str = ""
    at: str = ""
    value: str = ""
    value_x: str = ""
    css: str = ""


class Intervals:
    """The chart, worked out: one row a group, a dashed line where the whole stands."""

    template: ClassVar[str] = "reports/charts/intervals.html"
    width = 524

    def __init__(
        self,
        *,
        name: str,
        axis: str,
        head: str,
        few: str,
        whole: Figure,
        whole_label: str,
        rows: Sequence[IntervalRow],
    ) -> None:
        self.name, self.axis, self.head, self.few = name, axis, head, few
        shown = [row.figure for row in rows if row.figure.is_enough]
        highest = max([figure.high or 0.0 for figure in shown] + [float(whole.value or 0)])
        steps = [min(step, 1.0) for step in ticks(min(highest, 1.0))]
        scale = Scale(steps[-1], START, END)
        foot = TOP + PITCH * len(rows) + 4
        self.top, self.foot = px(TOP), px(foot)
        self.height = int(foot + 48)
        self.axis_y, self.axis_x = px(foot + 42), px((START + END) / 2)
        self.ticks = [Tick(px(scale(step)), number(step * 100), px(foot + 26)) for step in steps]
        self.few_x = px(START + 8)
        self.reference = "" if whole.value is None else px(scale(float(whole.value)))
        self.whole_label = whole_label
        self.rows = [
            _placed(row, TOP + PITCH * place + 22, scale) for place, row in enumerate(rows)
        ]


def _placed(row: IntervalRow, y: float, scale: Scale) -> _Row:
    known: dict[str, Any] = {
        "y": px(y),
        "text_y": px(y + 4),
        "label": shortened(row.label, START - 8),
        "name": row.label,
        "counts": row.counts,
        "title": row.title,
        "href": row.href,
    }
    interval = row.figure.interval
    if interval is None or not row.figure.is_enough:
        return _Row(**known)
    return _Row(
        **known,
        low=px(scale(interval.low)),
        high=px(scale(interval.high)),
        at=px(scale(float(row.figure.value or 0))),
        value=percent(float(row.figure.value or 0)),
        value_x=px(scale(interval.high) + 8),
        css=row.css,
    )


def shade(figure: Figure, whole: Figure) -> str:
    """Ink where it may be chance; where the interval leaves out the whole's rate "" below it, "-w" above it."""
    if figure.verdict in {Verdict.NOT_APART, Verdict.TOO_FEW}:
        return "-i"
    return "-w" if float(figure.value or 0) > float(whole.value or 0) else ""


@dataclasses.dataclass(frozen=True)
class _Cell:
    """A small interval in a table's cell, on a scale of its column; `tick` is the comparison."""

    width: str
    height: str
    middle: str
    low: str
    high: str
    at: str
    tick: str
    css: str
    title: str
    template: str = "reports/charts/interval_cell.html"


def interval_cell(
    figure: Figure,
    *,
    top: float,
    title: str,
    compare: float | None = None,
    width: float = CELL_WIDTH,
    css: str = "-i",
) -> _Cell | None:
    """None where there are too few cases to draw a point."""
    if figure.interval is None or not figure.is_enough:
        return None
    scale = Scale(top or 1.0, 0.0, width)
    return _Cell(
        width=px(width),
        height=px(CELL_HEIGHT),
        middle=px(CELL_HEIGHT / 2),
        low=px(scale(figure.interval.low)),
        high=px(scale(figure.interval.high)),
        at=px(scale(float(figure.value or 0))),
        tick="" if compare is None else px(scale(compare)),
        css=css,
        title=title,
    )
