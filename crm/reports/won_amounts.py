"""What was won in a month, inside its quarter and its year, beside the year before (A9)."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from crm.reports import periods
from crm.reports.base import Report, Row, Scope
from deals.filters import start_of
from deals.states import DealStatus

if TYPE_CHECKING:
    import datetime as dt

    from crm.reports.base import Figure, Filters
    from crm.shared.models import User

SLUG = "won-amounts"
WON = DealStatus.WON


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """Won deals; `unknown` of them have no amount in the organisation's currency."""

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
class Month:
    """What a month has won, and what of it by the day to compare with."""

    first: dt.date
    whole: Tally
    by_then: Tally


def won_amounts(filters: Filters, viewer: User) -> Report:
    """The month of the last day of the filters with its quarter and year, up to that day; one grouped query.

    Beside each stands what the same quarter and year had won a year before, by the same day.
    """
    end = min(filters.end, filters.today)
    year = periods.year_of(end)
    scope = Scope(filters.of(periods.months_later(year, -12), end), viewer)
    months = _months(scope)
    by_then = periods.a_year_before(end)
    spans = {
        "month": periods.month_of(end),
        "quarter": periods.quarter_of(end),
        "year": year,
    }
    hidden = scope.held_back({month.first: month.whole.known for month in months})
    figures: dict[str, Figure] = {}
    for name, first in spans.items():
        inside = [month for month in months if first <= month.first]
        is_hidden = name != "year" and any(month.first in hidden for month in inside)
        tally = sum((month.whole for month in inside), Tally())
        figures[name] = _figure(scope, tally, first, end, is_hidden=is_hidden)
        before = periods.months_later(first, -12)
        past = [month.by_then for month in months if before <= month.first <= by_then]
        # Beside the whole months, what was won by a certain day would tell a viewer of single deals.
        figures[f"{name}_of_last_year"] = _figure(
            scope, sum(past, Tally()), before, by_then, is_hidden=True
        )
    unknown = sum(month.whole.unknown for month in months if month.first >= year)
    figures["without_amount"] = scope.count(unknown)
    return Report(
        slug=SLUG,
        filters=filters.of(year, end),
        figures=figures,
        rows=[_row(scope, month, end, is_hidden=month.first in hidden) for month in months],
    )


def _months(scope: Scope) -> list[Month]:
    """Every month of the year and of the year before up to the last day, whether anything was won in it or not."""
    filters = scope.filters
    assert filters.start is not None  # noqa: S101  (made by won_amounts)
    firsts = periods.months_between(filters.start, filters.end)
    then = Q(at__lt=start_of(periods.day_after(periods.a_year_before(filters.end))))
    unknown = Q(base_amount=None)
    groups = (
        scope.outcomes()
        .won()
        .annotate(month=periods.month_number(firsts))
        .values_list("month")
        .annotate(
            n=Count("*"),
            amount=Sum("base_amount", default=Decimal(0)),
            unknown=Count("at", filter=unknown),
            n_then=Count("at", filter=then),
            amount_then=Sum("base_amount", filter=then, default=Decimal(0)),
            unknown_then=Count("at", filter=then & unknown),
        )
    )
    found = {
        place: (
            Tally(n=n, amount=amount, unknown=unknown),
            Tally(n=n_then, amount=amount_then, unknown=unknown_then),
        )
        for place, n, amount, unknown, n_then, amount_then, unknown_then in groups
    }
    none = (Tally(), Tally())
    return [
        Month(first=first, whole=whole, by_then=by_then)
        for place, first in enumerate(firsts)
        for whole, by_then in [found.get(place, none)]
    ]


def _row(scope: Scope, month: Month, end: dt.date, *, is_hidden: bool) -> Row:
    last = min(periods.last_day_of(month.first), end)
    return Row(
        by={"month": month.first.strftime("%Y-%m")},
        label=periods.month_and_year(month.first),
        figures={"won": _figure(scope, month.whole, month.first, last, is_hidden=is_hidden)},
    )


def _figure(
    scope: Scope, tally: Tally, first: dt.date, last: dt.date, *, is_hidden: bool
) -> Figure:
    behind = scope.behind(WON, closed_from=first, closed_to=last)
    return scope.money(tally.amount, tally.n, behind, unknown=tally.unknown, is_held_back=is_hidden)
