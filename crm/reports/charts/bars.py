"""Lying bars: one quantity by group."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from crm.reports.charts.geometry import Scale, px, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

START, END, TOP, PITCH, THICK = 100.0, 250.0, 32.0, 42.0, 18.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bar:
    """`value` None = not known: no bar, and `text` says so."""

    label: str
    value: float | None
    text: str
    count: str
    title: str
    href: str = ""


@dataclasses.dataclass(frozen=True)
class _Bar:
    y: str
    text_y: str
    width: str
    text_x: str
    label: str
    name: str
    text: str
    count: str
    title: str
    href: str


class Bars:
    """The chart, worked out."""

    template: ClassVar[str] = "reports/charts/bars.html"
    width = 326

    def __init__(self, *, name: str, axis: str, head: str, bars: Sequence[Bar]) -> None:
        self.name, self.axis, self.head = name, axis, head
        self.start = px(START)
        self.thick = px(THICK)
        self.height = int(TOP + PITCH * len(bars))
        scale = Scale(max([bar.value or 0 for bar in bars] + [0]) or 1, 0.0, END - START)
        self.bars = [
            _Bar(
                y=px(TOP + PITCH * place),
                text_y=px(TOP + PITCH * place + 13),
                width=px(scale(bar.value)) if bar.value else "",
                text_x=px(START + scale(bar.value or 0) + (8 if bar.value else 0)),
                label=shortened(bar.label, START - 8),
                name=bar.label,
                text=bar.text,
                count=bar.count,
                title=bar.title,
                href=bar.href,
            )
            for place, bar in enumerate(bars)
        ]
