"""Chance, the same for the same seed. Drawn a dozen times a deal: the library's general draws would take longer than the rest."""

from __future__ import annotations

import bisect
import itertools
import random
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


class Dice(random.Random):
    """Numbers by chance, with equal shares."""

    def below(self, end: int) -> int:
        """A whole number from 0, less than `end`."""
        return int(self.random() * end)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both among them."""
        return low + int(self.random() * (high - low + 1))

    def one_of(self, things: Sequence[T]) -> T:
        return things[int(self.random() * len(things))]


class Weighted(Generic[T]):
    """Things with shares of their own: {thing: share, …}, of any sum."""

    def __init__(self, shares: Mapping[T, float]) -> None:
        self.things = list(shares)
        self.sums = list(itertools.accumulate(shares.values()))
        self.total = self.sums[-1]

    def draw(self, dice: Dice) -> T:
        return self.things[bisect.bisect(self.sums, dice.random() * self.total)]
