"""The monthly review: a month inside its quarter and its year, the other reports on one page (A9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.reports import periods
from crm.reports.base import Report
from crm.reports.dead_leads import dead_leads
from crm.reports.losses_by_reason import in_halves
from crm.reports.review_coverage import review_coverage
from crm.reports.win_rate import split
from crm.reports.won_amounts import won_amounts
from crm.reports.worth_of_a_touch import worth_of_a_touch

if TYPE_CHECKING:
    from crm.reports.base import Filters
    from crm.shared.models import User

SLUG = "monthly-review"


def monthly_review(filters: Filters, viewer: User) -> Report:
    """The month of the last day of the filters. What is rare is counted over its year, so that there is enough to say.

    Losses and win rates over the twelve months that end with it, losses tested half against half; what a touch
    earned and what was let go since January; coverage of the quarter. Its own figures are those of the month.
    """
    month = periods.month_of(filters.end)
    end = periods.last_day_of(month)
    year = filters.of(periods.months_later(month, -11), end)
    since_january = filters.of(periods.year_of(end), end)
    won = won_amounts(filters.of(month, end), viewer)
    losses = in_halves(year, viewer)
    of_month = [row for row in losses.by("month") if row.by["month"] == month.strftime("%Y-%m")]
    return Report(
        slug=SLUG,
        filters=filters.of(month, end),
        figures={
            **{f"won_in_{name}": won.figures[name] for name in ("month", "quarter", "year")},
            "losses": of_month[0].figures["losses"],
            "lost_amount": of_month[0].figures["amount"],
        },
        rows=[
            row
            for row in losses.by("month", "reason")
            if row.by["month"] == month.strftime("%Y-%m")
        ],
        parts=[
            won,
            losses,
            split(year, viewer, by=["competitor", "rep"]),
            dead_leads(since_january, viewer),
            review_coverage(filters.of(periods.quarter_of(end), end), viewer),
            worth_of_a_touch(since_january, viewer),
        ],
    )
