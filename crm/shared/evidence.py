"""How sure a figure is: intervals, tests and survival, on the standard library alone."""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from statistics import NormalDist
from typing import NamedTuple, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

Z = NormalDist().inv_cdf(0.975)  # two-sided 95 %
SIGNIFICANT = 0.05
HALF = 0.5 + 1e-9  # a product of fractions may miss one half by a rounding
ENOUGH = 20  # below it, a trend is "too few to say" (F4)

K = TypeVar("K", bound=Hashable)


class Interval(NamedTuple):
    """A 95 % confidence interval; shares are 0 to 1."""

    low: float
    high: float


class Verdict(models.TextChoices):
    """What may be said about a difference (F4, C5); values are those of the API."""

    RISING = "rising", _("rising")
    FALLING = "falling", _("falling")
    TOO_FEW = "too few to say", _("too few to say")
    NOT_APART = "cannot be told apart yet", _("cannot be told apart yet")


# ---- shares --------------------------------------------------------------------------------------


def wilson(successes: int, n: int) -> Interval | None:
    """95 % score interval of a share, 0 to 1 (Wilson 1927, J. Am. Stat. Assoc. 22:209). None if n is 0."""
    check_counts(successes, n)
    if n == 0:
        return None
    share = successes / n
    middle = share + Z * Z / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    # At the ends the formula gives 0 and 1 exactly; rounding does not.
    low = 0.0 if successes == 0 else (middle - half) / whole
    high = 1.0 if successes == n else (middle + half) / whole
    return Interval(low, high)


def two_proportions(a: int, n_a: int, b: int, n_b: int) -> float:
    """Two-sided p that `a` of `n_a` and `b` of `n_b` share one rate: pooled z test (Fleiss 1981, ch. 2).

    1.0 where nothing can be told: an empty side, or all alike on both.
    """
    check_counts(a, n_a)
    check_counts(b, n_b)
    if not n_a or not n_b or a + b in {0, n_a + n_b}:
        return 1.0
    pooled = (a + b) / (n_a + n_b)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return math.erfc(abs(a / n_a - b / n_b) / spread / math.sqrt(2))


def cannot_be_told_apart(a: int, n_a: int, b: int, n_b: int) -> bool:
    """Whether the difference may well be chance: p of 0.05 or more (C5)."""
    return two_proportions(a, n_a, b, n_b) >= SIGNIFICANT


def check_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share.")


# ---- trends --------------------------------------------------------------------------------------


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given (Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289)."""
    adjusted = [1.0] * len(p_values)
    smallest = 1.0
    ranked = sorted(enumerate(p_values, 0), key=lambda pair: pair[1])
    for rank in range(len(ranked), 0, -1):
        place, p = ranked[rank - 1]
        smallest = min(smallest, p * len(p_values) / rank)
        adjusted[place] = smallest
    return adjusted


def trends(now: Mapping[K, int], before: Mapping[K, int]) -> dict[K, Verdict | None]:
    """For each kind, whether its share of the whole rises or falls against the period before (F4).

    Counts by kind; None where the data supports neither. Fewer than 20 in either period: too few.
    """
    verdicts: dict[K, Verdict | None] = dict.fromkeys([*now, *before])
    n_now, n_before = sum(now.values()), sum(before.values())
    if min(n_now, n_before) < ENOUGH:
        return dict.fromkeys(verdicts, Verdict.TOO_FEW)
    counts = {kind: (now.get(kind, 0), before.get(kind, 0)) for kind in verdicts}
    seen = {kind: pair for kind, pair in counts.items() if any(pair)}  # the others test nothing
    p_values = [two_proportions(a, n_now, b, n_before) for a, b in seen.values()]
    for (kind, (a, b)), p in zip(seen.items(), benjamini_hochberg(p_values), strict=True):
        verdicts[kind] = verdict(a / n_now - b / n_before, p)
    return verdicts


def verdict(difference: float, p_value: float) -> Verdict | None:
    """Rising or falling, or None where the difference may well be chance."""
    if p_value >= SIGNIFICANT:
        return None
    return Verdict.RISING if difference > 0 else Verdict.FALLING


# ---- how long it takes ---------------------------------------------------------------------------


class Survival(NamedTuple):
    """After `days`: how many were still waiting just before, how many came then, which share waits on."""

    days: float
    at_risk: int
    came: int
    share: float
    standard_error: float  # Greenwood 1926


def kaplan_meier(days: Sequence[float], came: Sequence[bool]) -> list[Survival]:
    """The share still waiting, at each time somebody came (Kaplan & Meier 1958, J. Am. Stat. Assoc. 53:457).

    `days` each was watched; `came` whether it ended by coming, or is waiting still.
    """
    curve: list[Survival] = []
    share, greenwood = 1.0, 0.0
    at_risk = len(days)
    watched = sorted(zip(days, came, strict=True))
    for time, group in groupby(watched, key=lambda pair: pair[0]):
        ended = [has_come for _days, has_come in group]
        events = sum(ended)
        if events:
            share *= (at_risk - events) / at_risk
            # When the last one comes the share is 0, and so is its error.
            greenwood += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
            curve.append(Survival(time, at_risk, events, share, share * math.sqrt(greenwood)))
        at_risk -= len(ended)
    return curve


def median_time(curve: Sequence[Survival]) -> float | None:
    """The first time at which half or fewer still wait; None if more than half wait to the end."""
    return next((point.days for point in curve if point.share <= HALF), None)


# ---- agreement -----------------------------------------------------------------------------------


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """How far two sides agree beyond chance, at most 1 (Cohen 1960, Educ. Psychol. Meas. 20:37).

    None without pairs, or where both sides name one thing only and chance explains all.
    """
    n = len(pairs)
    ours = Counter(one for one, _other in pairs)
    theirs = Counter(other for _one, other in pairs)
    by_chance = sum(count * theirs[kind] for kind, count in ours.items())
    if by_chance == n * n:
        return None
    agreed = sum(one == other for one, other in pairs)
    return (agreed * n - by_chance) / (n * n - by_chance)
