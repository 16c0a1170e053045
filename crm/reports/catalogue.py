"""All reports. (Not in the package's own file: Django reads that before there are models.)"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.reports import (
    dead_leads,
    losses_by_reason,
    monthly_review,
    review_coverage,
    win_rate,
    worth_of_a_touch,
)
from crm.reports.forms import MonthForm, ReportForm

if TYPE_CHECKING:
    from crm.reports.base import Make


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """A report by the name in its address, what it is called and what it answers."""

    slug: str
    make: Make
    name: Any
    answers: Any
    form: type[ReportForm] = ReportForm


REPORTS = [
    Entry(
        slug=monthly_review.SLUG,
        make=monthly_review.monthly_review,
        name=_("Monthly review"),
        answers=_("The month inside its quarter and its year, on one page to print."),
        form=MonthForm,
    ),
    Entry(
        slug=losses_by_reason.SLUG,
        make=losses_by_reason.losses_by_reason,
        name=_("Losses by reason"),
        answers=_("Why deals were lost, how much of it is in our hands, and what changes."),
    ),
    Entry(
        slug=win_rate.SLUG,
        make=win_rate.win_rate,
        name=_("Win rate"),
        answers=_(
            "Of the deals decided, how many were won: by competitor, product, stage and rep."
        ),
    ),
    Entry(
        slug=worth_of_a_touch.SLUG,
        make=worth_of_a_touch.worth_of_a_touch,
        name=_("Worth of a touch"),
        answers=_("What a call or an e-mail has earned on average, whatever the answer was."),
    ),
    Entry(
        slug=dead_leads.SLUG,
        make=dead_leads.dead_leads,
        name=_("Dead leads"),
        answers=_("What stop rules have closed, and the hours that had gone into it."),
    ),
    Entry(
        slug=review_coverage.SLUG,
        make=review_coverage.review_coverage,
        name=_("Review coverage"),
        answers=_("Of the accounts with a closed deal, how many were heard in a review."),
    ),
]

BY_SLUG = {entry.slug: entry for entry in REPORTS}
