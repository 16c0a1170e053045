"""Losses counted by the database, by month, reason and who controls it; and what of it rises or falls."""

from __future__ import annotations

import dataclasses
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from crm.reports import periods
from crm.shared.evidence import ENOUGH, Verdict
from crm.shared.evidence import trends as tested
from deals.states import Control

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from crm.reports.base import Scope

    Counts = Counter[tuple[int, str]]  # losses by reason and by who controls it

CONTROLS: dict[str, Any] = {**dict(Control.choices), "": _("Not stated")}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """So many losses, worth so much together; `unknown` of them have no amount in the organisation's currency."""

    n: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0

    @property
    def known(self) -> int:
        return self.n - self.unknown

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            n=self.n + other.n,
            amount=self.amount + other.amount,
            unknown=self.unknown + other.unknown,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """The losses of one month with one reason, judged one way: what the database has summed up."""

    month: dt.date
    reason: int
    control: str
    tally: Tally


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trends:
    """What rises and falls, by reason and by who controls it; `compared` is the period before."""

    reasons: Mapping[int, Verdict | None]
    controls: Mapping[str, Verdict | None]
    compared: tuple[dt.date, dt.date] | None


def cells(scope: Scope) -> list[Cell]:
    """One grouped query; a second one for the first month where the filters name none."""
    lost = scope.outcomes().lost()
    first = scope.filters.start
    if first is None:
        earliest = lost.aggregate(at=Min("at"))["at"]
        if earliest is None:
            return []
        first = periods.organisation_day(earliest)
    months = periods.months_between(first, scope.filters.end)
    groups = (
        lost.annotate(month=periods.month_number(months))
        .values_list("month", "reason", "control")
        .annotate(
            n=Count("*"),
            amount=Sum("base_amount", default=Decimal(0)),
            unknown=Count("at", filter=Q(base_amount=None)),
        )
    )
    return [
        Cell(
            month=months[month],
            reason=reason,
            control=control,
            tally=Tally(n=n, amount=amount, unknown=unknown),
        )
        for month, reason, control, n, amount, unknown in groups
    ]


def counts(cells: Iterable[Cell]) -> Counts:
    counts: Counts = Counter()
    for cell in cells:
        counts[cell.reason, cell.control] += cell.tally.n
    return counts


def trends(now: Counts, before: Counts | None, compared: tuple[dt.date, dt.date] | None) -> Trends:
    """Reasons are one family of tests, controls another; where nothing is compared, only that there are too few."""
    if before is None:
        few = Verdict.TOO_FEW if now.total() < ENOUGH else None
        return Trends(
            reasons=dict.fromkeys((reason for reason, _control in now), few),
            controls=dict.fromkeys(CONTROLS, few),
            compared=None,
        )
    by_reason, by_control = [
        [_summed(counts, place) for counts in (now, before)] for place in (0, 1)
    ]
    return Trends(reasons=tested(*by_reason), controls=tested(*by_control), compared=compared)


def _summed(counts: Counts, place: int) -> Counter[Any]:
    summed: Counter[Any] = Counter()
    for key, n in counts.items():
        summed[key[place]] += n
    return summed
