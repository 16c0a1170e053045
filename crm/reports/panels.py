"""What reports say on other pages: what this no was worth, and a person's figures beside their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from crm.reports import periods
from crm.reports.base import Filters
from crm.reports.findings import touches, won
from crm.reports.won_amounts import won_amounts
from crm.reports.worth_of_a_touch import worth_of_a_touch
from crm.shared import display
from crm.shared.panels import Panel
from crm.shared.roles import Role
from crm.shared.views.mixins import signed_in
from deals.states import DealStatus

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.reports.base import Report
    from crm.shared.models import User
    from deals.models import Outcome

MONTHS = 12  # long enough for a worth that one unlucky quarter does not turn round


def worth_of_this_no(request: HttpRequest, outcome: Outcome) -> Panel | None:
    """What a touch has earned the owner on average, on the card after a loss (A11).

    None where no commission is known, or the reader does not answer for the owner: it is the owner's affair.
    """
    user = signed_in(request)
    owners = user.visible_owner_ids
    if outcome.kind != DealStatus.LOST or not (owners is None or outcome.owner_id in owners):
        return None
    return _worth(user, outcome.owner, "reports/_worth_of_this_no.html")


def worth_of_my_touch(request: HttpRequest) -> Panel | None:
    """What a call or an e-mail has earned this person on average, or the people they answer for (A2); None where not known."""
    user = signed_in(request)
    if user.role == Role.VIEWER:
        return None
    return _worth(user, _own(user), "reports/_worth_of_my_touch.html")


def my_quarter_and_year(request: HttpRequest) -> Panel | None:
    """What the quarter and the year have won so far, beside the year before (A9); None before the first win."""
    user = signed_in(request)
    if user.role == Role.VIEWER:
        return None
    report = won_amounts(_today(rep=_own(user)), user)
    if not any(row.figures["won"].n for row in report.rows):
        return None
    year, quarter, month = won.stats(report, is_running=True)
    context = {"stats": [quarter, year], "month": month, "is_own": user.role == Role.REP}
    return Panel(template="reports/_my_quarter_and_year.html", context=context)


def _worth(user: User, rep: User | None, template: str) -> Panel | None:
    report: Report = worth_of_a_touch(_today(rep=rep, months=MONTHS), user)
    all_in, on_won = report.figures["all_in"], report.figures["on_won_deals"]
    if all_in.value is None:
        return None
    context = {
        "all_in": display.exact_money(all_in.value),
        "on_won": None if on_won.value is None else display.exact_money(on_won.value),
        "currency": report.currency,
        "per_sale": report.figures["touches_per_sale"].value,
        "words": touches.sums(report.figures),
    }
    return Panel(template=template, context=context)


def _own(user: User) -> User | None:
    """Reps see themselves; who answers for others sees all of them together."""
    return user if user.role == Role.REP else None


def _today(*, rep: User | None, months: int = 0) -> Filters:
    today = periods.organisation_day(timezone.now())
    start = periods.months_later(today, 1 - months) if months else None
    return Filters(today=today, start=start, end=today, rep=rep)
