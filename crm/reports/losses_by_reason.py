"""Losses by primary reason and month, and how much of them is in our hands (A1, A2, F4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count

from crm.reports import loss_counts, periods
from crm.reports.base import Report, Row, Scope
from crm.reports.loss_counts import CONTROLS, Tally
from deals.models import LossReason
from deals.models.loss_reason import NOT_STATED
from deals.states import DealStatus

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from typing import Any

    from crm.reports.base import Behind, Figure, Filters
    from crm.reports.loss_counts import Cell, Trends
    from crm.shared.evidence import Verdict
    from crm.shared.models import User


SLUG = "losses-by-reason"
LOST = DealStatus.LOST


def losses_by_reason(filters: Filters, viewer: User) -> Report:
    """Losses of the period, their shares tested against the equal period before it.

    Without a first day there is no period before, and nothing rises or falls.
    """
    scope = Scope(filters, viewer)
    cells = loss_counts.cells(scope)
    if filters.start is None:
        return _report(scope, cells, loss_counts.trends(loss_counts.counts(cells), None, None))
    compared = periods.equal_period_before(filters.start, filters.end)
    lost = Scope(filters.of(*compared), viewer).outcomes().lost()
    rows = lost.values_list("reason", "control").annotate(n=Count("*"))
    before = Counter({(reason, control): n for reason, control, n in rows})
    return _report(scope, cells, loss_counts.trends(loss_counts.counts(cells), before, compared))


def in_halves(filters: Filters, viewer: User) -> Report:
    """The same, with the later half of the period's months tested against its earlier half."""
    scope = Scope(filters, viewer)
    cells = loss_counts.cells(scope)
    assert filters.start is not None  # noqa: S101  (a half needs two ends)
    months = periods.months_between(filters.start, filters.end)
    middle = months[len(months) // 2]
    before = loss_counts.counts(cell for cell in cells if cell.month < middle)
    now = loss_counts.counts(cell for cell in cells if cell.month >= middle)
    return _report(
        scope, cells, loss_counts.trends(now, before, (filters.start, periods.day_before(middle)))
    )


# ---- telling -----------------------------------------------------------------------------------------


def _report(scope: Scope, cells: list[Cell], told: Trends) -> Report:
    total = sum((cell.tally for cell in cells), Tally())
    reasons = LossReason.objects.in_bulk([*told.reasons])
    judged_otherwise = sum(
        cell.tally.n for cell in cells if cell.control != reasons[cell.reason].control
    )
    teller = _Teller(scope, cells, total)
    return Report(
        slug=SLUG,
        filters=scope.filters,
        figures={
            "losses": scope.count(total.n, scope.behind(LOST)),
            "amount": teller.amount(total, scope.behind(LOST)),
            "without_amount": scope.count(total.unknown),
            "judged_otherwise": scope.count(judged_otherwise),
        },
        rows=[
            *teller.by_reason(reasons, told),
            *teller.by_control(told),
            *teller.by_month(),
            *teller.by_month_and_reason(reasons),
        ],
        compared=told.compared,
    )


class _Teller:
    """Puts the cells into rows: how many, which share of the whole, what they were worth."""

    def __init__(self, scope: Scope, cells: list[Cell], total: Tally) -> None:
        self.scope = scope
        self.cells = cells
        self.total = total
        known: Counter[int] = Counter()
        for cell in cells:
            known[cell.reason] += cell.tally.known
        self.hidden = scope.held_back(known)

    def by_reason(self, reasons: Mapping[int, LossReason], told: Trends) -> list[Row]:
        """Those in our hands first, then the most frequent."""
        tallies = self._grouped("reason")
        order = list(CONTROLS)
        ranked = sorted(
            reasons.values(),
            key=lambda reason: (
                order.index(reason.control),
                -tallies[reason.pk].n,
                reason.position,
            ),
        )
        return [
            Row(
                by={"reason": reason.slug},
                within=reason.control,
                label=reason.name,
                figures=self._figures(
                    tallies[reason.pk],
                    self.scope.behind(LOST, reason=reason.slug),
                    told.reasons.get(reason.pk),
                    is_hidden=reason.pk in self.hidden,
                ),
            )
            for reason in ranked
        ]

    def by_control(self, told: Trends) -> list[Row]:
        """Ours, partly, theirs, as each loss was judged; what nobody stated stands apart, last."""
        tallies = self._grouped("control")
        hidden = {cell.control for cell in self.cells if cell.reason in self.hidden}
        return [
            Row(
                by={"control": control},
                label=str(label),
                figures=self._figures(
                    tallies[control],
                    self.scope.behind(LOST, control=control or NOT_STATED),
                    told.controls.get(control),
                    is_hidden=control in hidden,
                ),
            )
            for control, label in CONTROLS.items()
            if control or tallies[control].n
        ]

    def by_month(self) -> list[Row]:
        tallies = self._grouped("month")
        hidden = self.scope.held_back({month: tally.known for month, tally in tallies.items()})
        first = self.scope.filters.start or min(tallies, default=self.scope.filters.end)
        return [
            self._of_month(
                month, {}, periods.month_and_year(month), tallies[month], is_hidden=month in hidden
            )
            for month in periods.months_between(first, self.scope.filters.end)
        ]

    def by_month_and_reason(self, reasons: Mapping[int, LossReason]) -> list[Row]:
        """Only where there are any. A viewer sees no amounts here: two ways of adding up would tell single deals."""
        tallies = self._grouped("month", "reason")
        return [
            self._of_month(
                month, {"reason": reasons[pk].slug}, reasons[pk].name, tally, is_hidden=True
            )
            for (month, pk), tally in sorted(tallies.items())
        ]

    def _grouped(self, *names: str) -> defaultdict[Any, Tally]:
        tallies: defaultdict[Any, Tally] = defaultdict(Tally)
        for cell in self.cells:
            key = tuple(getattr(cell, name) for name in names)
            tallies[key if len(key) > 1 else key[0]] += cell.tally
        return tallies

    def _figures(
        self, tally: Tally, behind: Behind | None, verdict: Verdict | None, *, is_hidden: bool
    ) -> dict[str, Figure]:
        everything = self.scope.behind(LOST)
        return {
            "losses": self.scope.count(tally.n, behind),
            "share": self.scope.share(tally.n, self.total.n, everything, verdict),
            "amount": self.amount(tally, behind, is_hidden=is_hidden),
        }

    def _of_month(
        self, month: dt.date, by: dict[str, str], label: str, tally: Tally, *, is_hidden: bool
    ) -> Row:
        first, last = self.scope.filters.start, self.scope.filters.end
        behind = self.scope.behind(
            LOST,
            closed_from=max(month, first or month),
            closed_to=min(periods.last_day_of(month), last),
            **by,
        )
        return Row(
            by={"month": month.strftime("%Y-%m"), **by},
            label=label,
            figures={
                "losses": self.scope.count(tally.n, behind),
                "amount": self.amount(tally, behind, is_hidden=is_hidden),
            },
        )

    def amount(self, tally: Tally, behind: Behind | None, *, is_hidden: bool = False) -> Figure:
        return self.scope.money(
            tally.amount, tally.n, behind, unknown=tally.unknown, is_held_back=is_hidden
        )
