"""Stacked columns: so many of each kind a month, direct labels beside the last column."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from crm.reports.charts.geometry import Scale, Tick, px, shortened, spread, ticks
from crm.shared.display import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEFT, BASE, TOP, PLOT = 28.0, 284.0, 46.0, 420.0
WIDEST_COLUMN, SHARE_OF_SLOT = 28.0, 0.72
LABELS = LEFT + PLOT + 26
GAP, WIDE_GAP = 1.0, 4.0  # cut out of the columns, so that heights stay true to the axis
LINE = 15.0
MOST_LABELLED = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class Series:
    """One kind, from the bottom up; `group` changes where the gap is wider."""

    key: str
    name: str
    css: str
    group: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """How many of a kind, what hovering says, what a click opens."""

    n: int
    title: str
    href: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Column:
    """One month; `note` stands below its label, and it is set stronger."""

    label: str
    parts: Mapping[str, Part]
    note: str = ""
    title: str = ""
    href: str = ""

    @property
    def total(self) -> int:
        return sum(part.n for part in self.parts.values())


@dataclasses.dataclass(frozen=True)
class _Block:
    x: str
    y: str
    width: str
    height: str
    css: str
    title: str
    href: str


@dataclasses.dataclass(frozen=True)
class _Foot:
    x: str
    label: str
    note: str
    total: str
    total_y: str
    is_strong: bool
    title: str
    href: str


@dataclasses.dataclass(frozen=True)
class _Label:
    line: str
    y: str
    text: str
    name: str


class Stacks:
    """The chart, worked out; widths and heights in pixels of its own box."""

    template: ClassVar[str] = "reports/charts/stacks.html"
    width, height = 640, 316

    def __init__(
        self, *, name: str, axis: str, series: Sequence[Series], columns: Sequence[Column]
    ) -> None:
        self.name = name
        self.axis = axis
        steps = ticks(max((column.total for column in columns), default=0), whole=True)
        self._scale = Scale(steps[-1], BASE, TOP)
        self.ticks = [
            Tick(px(self._scale(step)), number(step), px(self._scale(step) + 4)) for step in steps
        ]
        self.left, self.right, self.labels_x = px(LEFT), px(LEFT + PLOT), px(LABELS)
        slot = PLOT / max(len(columns), 1)
        self._bar = min(WIDEST_COLUMN, slot * SHARE_OF_SLOT)
        every = -(-len(columns) // MOST_LABELLED) or 1
        self.blocks: list[_Block] = []
        self.feet: list[_Foot] = []
        for place, column in enumerate(columns):
            middle = LEFT + slot * (place + 0.5)
            self.blocks += self._column(column, series, middle)
            is_labelled = (len(columns) - 1 - place) % every == 0
            self.feet.append(self._foot(column, middle, is_labelled=is_labelled))
        edge = LEFT + PLOT - (slot - self._bar) / 2
        self.labels = self._labels(columns[-1], series, edge) if columns else []

    def _column(self, column: Column, series: Sequence[Series], middle: float) -> list[_Block]:
        blocks, below, group = [], 0, ""
        for kind in series:
            part = column.parts.get(kind.key)
            if part is None or not part.n:
                continue
            cut = WIDE_GAP if group and kind.group != group else GAP if group else 0
            bottom, top = self._scale(below) - cut, self._scale(below + part.n)
            has_edge = kind.css not in {"o1", "o2", "p1"}
            inset = 0.5 if has_edge else 0.0
            blocks.append(
                _Block(
                    x=px(middle - self._bar / 2 + inset),
                    y=px(top + inset),
                    width=px(self._bar - 2 * inset),
                    height=px(max(bottom - top - 2 * inset, 1)),
                    css=kind.css,
                    title=part.title,
                    href=part.href,
                )
            )
            below, group = below + part.n, kind.group
        return blocks

    def _foot(self, column: Column, middle: float, *, is_labelled: bool) -> _Foot:
        return _Foot(
            x=px(middle),
            label=column.label if is_labelled else "",
            note=column.note,
            total=number(column.total) if column.total and is_labelled else "",
            total_y=px(self._scale(column.total) - 8),
            is_strong=bool(column.note),
            title=column.title,
            href=column.href,
        )

    def _labels(self, last: Column, series: Sequence[Series], edge: float) -> list[_Label]:
        """Names beside the last column, each with a line to its block where it has one."""
        below, middles, is_there = 0, [], []
        for kind in series:
            n = last.parts[kind.key].n if kind.key in last.parts else 0
            middles.append(self._scale(below + n / 2))
            is_there.append(bool(n))
            below += n
        upward = [-middle for middle in middles]
        places = spread(upward, gap=LINE, low=-BASE, high=-20.0)
        return [
            _Label(
                line=(
                    f"M{px(edge + 3)} {px(middle)} L{px(LABELS - 10)} {px(-place)} H{px(LABELS - 4)}"
                    if has_block
                    else ""
                ),
                y=px(-place + 4),
                text=shortened(kind.name, self.width - LABELS),
                name=kind.name,
            )
            for kind, middle, place, has_block in zip(
                series, middles, places, is_there, strict=True
            )
        ]
