"""Places on a chart. Numbers leave here as text with a point, whatever the reader's language writes."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from django.utils.translation import pgettext

from crm.shared.display import number

if TYPE_CHECKING:
    from collections.abc import Sequence

THOUSAND = 1000
CHARACTER = 6.6  # pixels that a letter of 12 px text takes, on the safe side


def px(value: float) -> str:
    """A length or place in pixels, as SVG wants it."""
    return f"{value:.1f}"


def shortened(text: str, width: float) -> str:
    """`text` as far as it fits."""
    fits = max(3, int(width / CHARACTER))
    return text if len(text) <= fits else f"{text[: fits - 1].rstrip()}…"


def round_amount(value: float) -> str:
    """A round amount for an axis: 250k, 1,250k."""
    if value < THOUSAND:
        return number(value)
    return pgettext("short amount, thousands", "%sk") % number(value / THOUSAND)


def ticks(highest: float, *, at_most: int = 5, whole: bool = False) -> list[float]:
    """Round numbers from 0 up to the first that is not below `highest`; `whole` ones where half a thing is none."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / at_most
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.9999)
    if whole:
        step = max(1, math.ceil(step))
    count = math.ceil(highest / step * 0.9999)
    return [step * place for place in range(count + 1)]


@dataclasses.dataclass(frozen=True)
class Scale:
    """From a value, 0 to `top`, to a place between two others."""

    top: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * value / self.top


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart, from low to high, each as near as may be to where it is wanted.

    `wanted` rises. Pushed up from below first, then back from the upper end.
    """
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + gap if places else low))
    limit = high
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], limit)
        limit = places[index] - gap
    return places


@dataclasses.dataclass(frozen=True)
class Tick:
    """A line of the grid and its label."""

    at: str
    label: str
    label_at: str
