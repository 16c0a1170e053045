"""What a call or an e-mail has earned on average, in two readings (A11): all of them, and those on won deals."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, F, Q, Sum

from crm.reports.base import TOO_FEW_TO_SHOW, Figure, Report, Row, Scope
from crm.reports.people import in_the_order_of_teams
from crm.shared.money import rounded
from crm.shared.querysets import owned_by_visible
from deals.states import DealStatus

if TYPE_CHECKING:
    from crm.reports.base import Behind, Filters
    from crm.shared.models import User
    from deals.querysets import OutcomeQuerySet

SLUG = "worth-of-a-touch"
WON = DealStatus.WON


@dataclasses.dataclass(kw_only=True)
class Tally:
    """Sales with their commission, of `unpriced` sales nobody knows one; calls and e-mails, and those on won deals."""

    sales: int = 0
    commission: Decimal | None = None
    unpriced: int = 0
    touches: int = 0
    on_won: int = 0


def worth_of_a_touch(filters: Filters, viewer: User) -> Report:
    """Commission on deals won in the period ÷ calls and e-mails made in it: all-in, the default; and on won deals.

    What a touch has earned on average, never a chance that rises with every no. Where no commission is known
    there is no value, and never 0. A person's sales are those of their deals, a person's touches those they made;
    told are those of the people that the reader answers for, without deals that others share with them.
    """
    scope = Scope(filters, viewer)
    total, people = Tally(), defaultdict[int, Tally](Tally)
    _count_sales(scope, total, people)
    _count_touches(scope, total, people)
    names = {} if scope.is_aggregate else in_the_order_of_teams(people)
    return Report(
        slug=SLUG,
        filters=filters,
        figures=_figures(scope, total, scope.behind(WON)),
        rows=[
            Row(
                by={"rep": name},
                label=name,
                figures=_figures(scope, people[pk], scope.behind(WON, **scope.owned_by(pk))),
            )
            for pk, name in names.items()
        ],
    )


def _count_sales(scope: Scope, total: Tally, people: defaultdict[int, Tally]) -> None:
    rows = (
        _won(scope)
        .values_list("owner")
        .annotate(
            n=Count("*"),
            earned=Sum("commission"),
            unpriced=Count("at", filter=Q(commission=None)),
        )
    )
    for owner_id, n, earned, unpriced in rows:
        for tally in (total, people[owner_id]):
            tally.sales += n
            tally.unpriced += unpriced
            if earned is not None:
                tally.commission = (tally.commission or Decimal(0)) + earned


def _won(scope: Scope) -> OutcomeQuerySet:
    people = Q() if scope.is_aggregate else owned_by_visible(scope.viewer)
    return scope.outcomes().won().filter(people)


def _count_touches(scope: Scope, total: Tally, people: defaultdict[int, Tally]) -> None:
    """Two grouped queries. What a colleague did on somebody's won deal counts for the whole, for neither of the two."""
    touches = scope.touches()
    for user_id, n in touches.values_list("by").annotate(n=Count("*")):
        total.touches += n
        if user_id is not None:
            people[user_id].touches += n
    on_won = touches.filter(deal__in=_won(scope).values("deal"))
    rows = on_won.values_list("by").annotate(
        n=Count("*"), own=Count("at", filter=Q(deal__owner=F("by")))
    )
    for user_id, n, own in rows:
        total.on_won += n
        if user_id is not None:
            people[user_id].on_won += own


def _figures(scope: Scope, tally: Tally, behind: Behind | None) -> dict[str, Figure]:
    hidden = scope.is_aggregate and 0 < tally.sales - tally.unpriced < TOO_FEW_TO_SHOW

    commission = None if tally.commission is None else scope.told(tally.commission)

    def per_touch(touches: int) -> Figure:
        known = None if hidden else commission
        return Figure(
            value=_ratio(known, touches),
            unit="money",
            numerator=known,
            denominator=touches,
            n=tally.sales,
            currency=settings.ORGANISATION_CURRENCY,
            behind=behind,
            is_withheld=hidden,
        )

    return {
        "all_in": per_touch(tally.touches),
        "on_won_deals": per_touch(tally.on_won),
        "touches_per_sale": Figure(
            value=tally.touches / tally.sales if tally.sales else None,
            unit="ratio",
            numerator=tally.touches,
            denominator=tally.sales,
            n=tally.sales,
            behind=behind,
        ),
        "sales": scope.count(tally.sales, behind),
        "sales_without_commission": scope.count(tally.unpriced),
        "commission": dataclasses.replace(
            per_touch(0),
            value=None if hidden else commission,
            denominator=None,
            numerator=None,
        ),
        "touches": Figure(value=tally.touches, n=tally.touches),
        "touches_on_won_deals": Figure(value=tally.on_won, n=tally.on_won),
    }


def _ratio(amount: Decimal | None, count: int) -> Decimal | None:
    if amount is None or not count:
        return None
    return rounded(amount / count, settings.ORGANISATION_CURRENCY)
