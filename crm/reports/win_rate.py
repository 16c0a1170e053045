"""Win rate: won of won and lost, overall and by rival, product, rep and stage. Disqualified deals are neither."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from crm.reports.base import Report, Row, Scope
from crm.reports.people import in_the_order_of_teams
from crm.shared.evidence import ENOUGH, Verdict
from deals.models import Competitor, Product, Stage
from deals.states import Competition, DealStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from crm.reports.base import Figure, Filters
    from crm.shared.models import User

    Names = Callable[[Collection[int]], dict[int, str]]

SLUG = "win-rate"
NOBODY = 0  # the key of what was decided with nobody else considered; no row has it
UNNAMED = {NOBODY: Competition.NONE, None: Competition.UNKNOWN}
WON, LOST = DealStatus.WON, DealStatus.LOST
STAGE_NOT_KNOWN = _("Stage not known")  # closings of the past


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """Decided deals of one group; `unknown` of the won ones have no amount in the organisation's currency."""

    won: int = 0
    decided: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            won=self.won + other.won,
            decided=self.decided + other.decided,
            amount=self.amount + other.amount,
            unknown=self.unknown + other.unknown,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """A way to split decided deals: the column, the filter that opens one part, and names in the order of the rows.

    `nobody` is what a part without a name is called.
    """

    column: Any
    filter: str
    names: Names
    nobody: Any = ""

    def opens(self, scope: Scope, key: int | None) -> dict[str, Any]:
        if self.filter == "competitor" and key in UNNAMED:
            return {"competition": UNNAMED[key].value}
        if key is None:
            return {f"{self.filter}__isnull": "true"}
        return scope.owned_by(key) if self.filter == "owner" else {self.filter: key}


def _competitors(keys: Collection[int]) -> dict[int, str]:
    nobody = {NOBODY: str(_("Nobody else"))} if NOBODY in keys else {}
    found = Competitor.objects.filter(pk__in=keys)
    return nobody | dict(found.order_by("name").values_list("pk", "name"))


def _products(keys: Collection[int]) -> dict[int, str]:
    found = Product.objects.filter(pk__in=keys)
    return dict(found.order_by("name").values_list("pk", "name"))


def _stages(keys: Collection[int]) -> dict[int, str]:
    found = Stage.objects.filter(pk__in=keys).order_by("position", "pk")
    return dict(found.values_list("pk", "name"))


GROUPS = {
    "competitor": Group(
        column=Case(
            When(no_competitor=True, then=NOBODY),
            default=F("competitor_id"),
            output_field=BigIntegerField(),
        ),
        filter="competitor",
        names=_competitors,
        nobody=_("No rival known"),
    ),
    "product": Group(
        column="deal__product", filter="product", names=_products, nobody=_("No product")
    ),
    "stage": Group(column="stage", filter="closed_in", names=_stages, nobody=STAGE_NOT_KNOWN),
    "rep": Group(column="owner", filter="owner", names=in_the_order_of_teams),
}


def win_rate(filters: Filters, viewer: User) -> Report:
    """Won ÷ (won + lost) with its interval, and the won value beside it: a rate never stands alone (C8)."""
    return split(filters, viewer, by=["competitor", "product", "stage", "rep"])


def split(filters: Filters, viewer: User, *, by: Sequence[str]) -> Report:
    """The same by some of the groups: one query for each, and one for its names. A viewer is shown no people."""
    scope = Scope(filters, viewer)
    tallies = {
        name: _tallies(scope, GROUPS[name])
        for name in by
        if not (name == "rep" and scope.is_aggregate)
    }
    whole = sum(next(iter(tallies.values())).values(), Tally())
    return Report(
        slug=SLUG,
        filters=filters,
        figures=_figures(scope, whole, {}, whole=None)
        | {"won_without_amount": scope.count(whole.unknown)},
        rows=[row for name, parts in tallies.items() for row in _rows(scope, name, parts, whole)],
    )


def _tallies(scope: Scope, group: Group) -> dict[int | None, Tally]:
    won = Q(kind=WON)
    rows = (
        scope.outcomes()
        .decided()
        .values_list(group.column)
        .annotate(
            won=Count("at", filter=won),
            decided=Count("*"),
            amount=Sum("base_amount", filter=won, default=Decimal(0)),
            unknown=Count("at", filter=won & Q(base_amount=None)),
        )
    )
    return {
        key: Tally(won=won, decided=decided, amount=amount, unknown=unknown)
        for key, won, decided, amount, unknown in rows
    }


def _rows(scope: Scope, name: str, parts: dict[int | None, Tally], whole: Tally) -> list[Row]:
    """Parts without a name first, the others in the order of their names; never by how well they did."""
    group = GROUPS[name]
    names = group.names([key for key in parts if key is not None])
    hidden = scope.held_back({key: part.won - part.unknown for key, part in parts.items()})
    unnamed = [None] if None in parts else []
    return [
        Row(
            by={name: None if key is None else names[key]},
            label=str(group.nobody) if key is None else names[key],
            figures=_figures(
                scope,
                parts[key],
                group.opens(scope, key),
                whole=whole,
                is_hidden=key in hidden,
            ),
        )
        for key in [*unnamed, *names]
    ]


def _figures(
    scope: Scope,
    part: Tally,
    opens: dict[str, Any],
    *,
    whole: Tally | None,
    is_hidden: bool = False,
) -> dict[str, Figure]:
    won, lost = scope.behind(WON, **opens), scope.behind(LOST, **opens)
    rate = scope.share(part.won, part.decided, scope.behind(WON, LOST, **opens))
    return {
        "win_rate": dataclasses.replace(rate, verdict=_verdict(rate, whole)),
        "won": scope.count(part.won, won),
        "lost": scope.count(part.decided - part.won, lost),
        "won_value": scope.money(
            part.amount, part.won, won, unknown=part.unknown, is_held_back=is_hidden
        ),
    }


def _verdict(rate: Figure, whole: Tally | None) -> Verdict | None:
    """What may be said of a part beside the whole: under 20 nothing; not apart where its interval holds the whole's rate."""
    if rate.n < ENOUGH:
        return Verdict.TOO_FEW
    if whole is None or rate.interval is None:
        return None
    overall = whole.won / whole.decided
    return Verdict.NOT_APART if rate.interval.low <= overall <= rate.interval.high else None
