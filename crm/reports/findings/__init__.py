"""What is found in each report: its panels, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.reports import (
    dead_leads,
    losses_by_reason,
    monthly_review,
    periods,
    review_coverage,
    win_rate,
    worth_of_a_touch,
)
from crm.reports.findings import coverage, dead, losses, touches, win_rates, won
from crm.reports.findings.base import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.reports.base import Report

__all__ = ["Finding", "findings_of"]


def findings_of(report: Report) -> list[Finding]:
    """None where nothing was counted: the page then says what will stand there."""
    return [] if report.is_empty else FINDINGS[report.slug](report)


def _losses(report: Report) -> list[Finding]:
    found = [losses.losses(report)]
    return [*found, losses.by_month(report)] if report.figures["losses"].n else found


def _win_rate(report: Report) -> list[Finding]:
    found = [win_rates.overall(report)]
    if report.figures["win_rate"].n:
        found += [win_rates.by(report, name) for name in ("competitor", "product", "stage")]
    if report.by("rep"):
        found.append(win_rates.by_rep(report))
    return found


def _monthly_review(report: Report) -> list[Finding]:
    """A month inside its year (A9); what a month alone could not say is told of twelve."""
    won_part, losses_part, rates, dead_part, coverage_part, worth_part = report.parts
    end = report.filters.end
    twelve = _("Twelve months.")
    year = _("Since January.")
    quarter = _("Quarter %(number)s.") % {"number": periods.quarter_number(end)}
    found = [
        won.won(won_part),
        losses.losses(losses_part, month=end.strftime("%Y-%m")),
        win_rates.by(rates, "competitor", period=twelve),
        coverage.coverage(coverage_part, period=quarter, width="c6"),
    ]
    if rates.by("rep"):
        found.append(win_rates.by_rep(rates, period=twelve))
    return [
        *found,
        touches.worth(worth_part, period=year, width="c7"),
        dead.let_go(dead_part, period=year, width="c5"),
    ]


FINDINGS: dict[str, Callable[[Report], list[Finding]]] = {
    monthly_review.SLUG: _monthly_review,
    losses_by_reason.SLUG: _losses,
    win_rate.SLUG: _win_rate,
    worth_of_a_touch.SLUG: lambda report: [touches.worth(report)],
    dead_leads.SLUG: lambda report: [dead.let_go(report)],
    review_coverage.SLUG: lambda report: [coverage.coverage(report)],
}
