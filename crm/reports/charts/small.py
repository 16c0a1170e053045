"""Small charts inside a line: a bullet, a row of dots."""

from __future__ import annotations

from typing import ClassVar

from crm.reports.charts.geometry import Scale, px

MOST_DOTS = 16


class Bullet:
    """A fill on its track, with a tick to compare with; as wide as its place. The numbers stand beside it."""

    template: ClassVar[str] = "reports/charts/bullet.html"
    width = 240

    def __init__(self, *, value: float, tick: float | None = None, whole: float = 0.0) -> None:
        top = max(value, tick or 0.0, whole) or 1.0
        scale = Scale(top, 0.0, float(self.width))
        self.fill = px(scale(max(value, 0.0)))
        self.tick = px(min(scale(tick), self.width - 1)) if tick else ""


class Dots:
    """One dot a thing, those that are done filled; a bar where they would be too many."""

    template: ClassVar[str] = "reports/charts/dots.html"
    pitch, radius, height = 20, 6, 16

    def __init__(self, *, done: int, whole: int, most: int) -> None:
        self.is_bar = most > MOST_DOTS
        self.width = self.pitch * min(most, MOST_DOTS)
        self.dots = (
            []
            if self.is_bar
            else [
                (px(self.pitch * place + self.radius + 1), place < done) for place in range(whole)
            ]
        )
        scale = Scale(most or 1, 0.0, float(self.width))
        self.fill, self.track = px(scale(done)), px(scale(whole))
