"""Review coverage: of the accounts with a closed deal, how many were heard in a review, as a whole and by rep (D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from crm.reports.base import Report, Row, Scope
from crm.reports.people import in_the_order_of_teams
from crm.shared.working_days import DAY
from deals.filters import start_of
from reviews.models import Review
from reviews.states import ReviewState

if TYPE_CHECKING:
    from crm.reports.base import Figure, Filters
    from crm.shared.models import User
    from reviews.querysets import ReviewQuerySet

SLUG = "review-coverage"


def review_coverage(filters: Filters, viewer: User) -> Report:
    """Accounts with a deal won or lost in the period and a review held ÷ those with such a deal.

    A review counts for the period in which it was held and for that of its closing, as where reviews are planned.
    """
    scope = Scope(filters, viewer)
    closed = scope.outcomes().decided().filter(deal__account__isnull=False)
    heard = Q(deal__account__in=_held(scope).values("deal__account"))
    counts = {
        "accounts": Count("deal__account", distinct=True),
        "heard": Count("deal__account", distinct=True, filter=heard),
    }
    whole = closed.aggregate(**counts)
    people: dict[int, tuple[int, int]] = {}
    if not scope.is_aggregate:
        rows = closed.values_list("owner").annotate(**counts)
        people = {owner_id: (accounts, heard) for owner_id, accounts, heard in rows}
    return Report(
        slug=SLUG,
        filters=filters,
        figures=_figures(scope, whole["accounts"], whole["heard"]),
        rows=[
            Row(by={"rep": name}, label=name, figures=_figures(scope, *people[pk]))
            for pk, name in in_the_order_of_teams(people).items()
        ],
    )


def _held(scope: Scope) -> ReviewQuerySet:
    reviews = (
        Review.objects.all() if scope.is_aggregate else Review.objects.visible_to(scope.viewer)
    )
    until = start_of(scope.filters.end + DAY)
    held, closed = Q(held_at__lt=until), Q(outcome__at__lt=until, outcome__undone_at=None)
    if scope.filters.start is not None:
        since = start_of(scope.filters.start)
        held, closed = held & Q(held_at__gte=since), closed & Q(outcome__at__gte=since)
    return reviews.filter(
        held | closed, state=ReviewState.HELD, deal__account__isnull=False
    ).order_by()


def _figures(scope: Scope, accounts: int, heard: int) -> dict[str, Figure]:
    """Counted in accounts, so there is no list of deals behind them."""
    return {"coverage": scope.share(heard, accounts)}
