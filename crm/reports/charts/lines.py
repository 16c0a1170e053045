"""A year's line that only rises, with the quarter and the month as bands behind it and the year before beside it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from crm.reports.charts.geometry import Scale, Tick, px, round_amount, spread, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT, RIGHT, BASE, TOP = 52.0, 706.0, 266.0, 26.0
LABELS = RIGHT + 10
MONTHS = 12
LINE = 17.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Month:
    """What a month added; `reached` is how much of it is over, 0 to 1."""

    label: str
    amount: Decimal
    title: str
    href: str = ""
    reached: float = 1.0


@dataclasses.dataclass(frozen=True)
class _Point:
    x: str
    y: str
    title: str
    href: str
    radius: str


@dataclasses.dataclass(frozen=True)
class _Label:
    y: str
    note_y: str
    line: str
    text: str
    note: str
    css: str


@dataclasses.dataclass(frozen=True)
class _Band:
    x: str
    width: str
    css: str
    label: str
    label_x: str
    label_y: str
    label_css: str


class Cumulative:
    """The chart, worked out. `months` are this year's so far, `before` all twelve of the year before."""

    template: ClassVar[str] = "reports/charts/cumulative.html"
    width, height = 826, 300

    def __init__(
        self,
        *,
        name: str,
        axis: Sequence[str],
        months: Sequence[Month],
        before: Sequence[Decimal],
        quarter: tuple[int, str],
        words: tuple[str, str],
        words_before: str,
    ) -> None:
        self.name = name
        sums = _running([month.amount for month in months])
        past = _running(before) if any(before) else []
        steps = ticks(float(max([*sums, *past], default=Decimal(0))))
        self._y = Scale(steps[-1], BASE, TOP)
        self.left, self.right, self.base = px(LEFT), px(RIGHT), px(BASE)
        self.ticks = [
            Tick(px(self._y(step)), round_amount(step), px(self._y(step) + 4)) for step in steps
        ]
        current = len(months) - 1
        self.axis = [
            (px(self._x(place + 0.5)), label, place == current) for place, label in enumerate(axis)
        ]
        self.bands = self._bands(quarter, current, axis[current])
        reached = [place + month.reached for place, month in enumerate(months)]
        self.line = self._path([0.0, *reached], [Decimal(0), *sums])
        self.past = self._path(range(len(past) + 1), [Decimal(0), *past]) if past else ""
        self.points = [
            _Point(
                x=px(self._x(at)),
                y=px(self._y(float(total))),
                title=month.title,
                href=month.href,
                radius="4.5" if place == current else "3",
            )
            for place, (at, total, month) in enumerate(zip(reached, sums, months, strict=True))
        ]
        self.labels = self._labels(reached[-1], sums[-1], past, words, words_before)

    def _x(self, months: float) -> float:
        return LEFT + (RIGHT - LEFT) * months / MONTHS

    def _path(self, places: Sequence[float], totals: Sequence[Decimal]) -> str:
        points = zip(places, totals, strict=True)
        return "M" + " L".join(
            f"{px(self._x(at))} {px(self._y(float(sum_)))}" for at, sum_ in points
        )

    def _bands(self, quarter: tuple[int, str], current: int, month: str) -> list[_Band]:
        first, name = quarter
        wide, narrow = self._x(first), self._x(current)
        return [
            _Band(
                px(wide),
                px(self._x(first + 3) - wide),
                "band1",
                name,
                px(wide + 8),
                px(BASE - 10),
                "f",
            ),
            _Band(
                px(narrow),
                px(self._x(current + 1) - narrow),
                "band2",
                month,
                px(narrow + 4),
                px(TOP + 6),
                "s",
            ),
        ]

    def _labels(
        self,
        at: float,
        total: Decimal,
        past: Sequence[Decimal],
        words: tuple[str, str],
        words_before: str,
    ) -> list[_Label]:
        """This year's sum and last year's, at the right edge, not upon each other."""
        here = self._y(float(total))
        there = self._y(float(past[-1])) if past else None
        wanted = sorted([(here, "w"), *([(there, "f")] if there is not None else [])])
        # The first takes two lines where it is ours.
        gap = 2 * LINE if wanted[0][1] == "w" else LINE
        places = spread([place for place, _css in wanted], gap=gap, low=TOP, high=BASE - LINE)
        labels = []
        for (_wanted, css), place in zip(wanted, places, strict=True):
            is_ours = css == "w"
            line = f"M{px(self._x(at) + 6)} {px(here)} L{px(LABELS - 4)} {px(place)}"
            labels.append(
                _Label(
                    y=px(place + 4),
                    note_y=px(place + 20),
                    line=line if is_ours else "",
                    text=words[0] if is_ours else words_before,
                    note=words[1] if is_ours else "",
                    css=css,
                )
            )
        return labels


def _running(amounts: Sequence[Decimal]) -> list[Decimal]:
    sums, total = [], Decimal(0)
    for amount in amounts:
        total += amount
        sums.append(total)
    return sums
