"""What every report is made of: filters, figures with the deals behind them, and what the reader may see of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shared.evidence import ENOUGH, Interval, Verdict, wilson
from crm.shared.models import Membership, Team, User
from crm.shared.money import rounded
from crm.shared.querysets import owned_by_visible
from crm.shared.roles import Role
from crm.shared.working_days import DAY
from deals.filters import start_of
from deals.models import Outcome, Product, Segment, TargetList
from deals.suspects import ids_in
from followups.models import Touch
from followups.states import Channel, Direction

if TYPE_CHECKING:
    import datetime as dt

    from deals.querysets import OutcomeQuerySet
    from deals.states import DealStatus

TOO_FEW_TO_SHOW = 3  # fewer deals than this would tell a viewer a single deal's amount
DIGITS_TO_SHOW = 2  # of an amount, to a viewer
WITHHELD = _("too few to show")

Unit = Literal["count", "share", "money", "ratio", "hours"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Filters:
    """Which closings a report looks at: days of the organisation, both included; `start` None = from the beginning.

    `today` is the day on which it is asked. Team takes in the teams below it.
    """

    today: dt.date
    end: dt.date
    start: dt.date | None = None
    team: Team | None = None
    rep: User | None = None
    product: Product | None = None
    segment: Segment | None = None
    target_list: TargetList | None = None

    def of(self, start: dt.date | None, end: dt.date) -> Filters:
        """The same for other days."""
        return dataclasses.replace(self, start=start, end=end)

    @property
    def named(self) -> dict[str, Any]:
        """As the API says them back."""
        return {
            "from": self.start and self.start.isoformat(),
            "to": self.end.isoformat(),
            "team": self.team and self.team.pk,
            "rep": self.rep and self.rep.pk,
            "product": self.product and self.product.pk,
            "segment": self.segment and self.segment.pk,
            "target_list": self.target_list and self.target_list.pk,
        }

    @property
    def query(self) -> dict[str, str]:
        """As the address of a page says them, without those that are not set."""
        return {name: str(value) for name, value in self.named.items() if value is not None}


@dataclasses.dataclass(frozen=True)
class Behind:
    """The deals behind a figure: a query that the list of deals and the API understand alike."""

    query: str

    @property
    def page(self) -> str:
        return f"{reverse('deals:pipeline')}?{self.query}"

    @property
    def api(self) -> str:
        return f"{reverse('api-deals-list')}?{self.query}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that never comes alone. `n` is how many deals it rests on, and how many `behind` opens.

    Shares are 0 to 1, with `low` and `high` a 95 % interval; money is in `currency`. `value` None = not known.
    """

    value: int | float | Decimal | None
    n: int
    unit: Unit = "count"
    numerator: int | Decimal | None = None
    denominator: int | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None
    currency: str = ""
    behind: Behind | None = None
    is_withheld: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether there are cases enough to say anything of a share (F4)."""
        return self.n >= ENOUGH

    @property
    def interval(self) -> Interval | None:
        return None if self.low is None or self.high is None else Interval(self.low, self.high)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one group; `by` says which, in words that stay (slugs, states, names), `label` for people.

    `within` is the larger group that it belongs to, such as who controls a reason.
    """

    by: Mapping[str, str | None]
    label: str
    figures: Mapping[str, Figure]
    within: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Figures of the whole, then those of its groups. `compared` is the period that trends are against."""

    slug: str
    filters: Filters
    figures: Mapping[str, Figure]
    rows: list[Row] = dataclasses.field(default_factory=list)
    parts: list[Report] = dataclasses.field(default_factory=list)
    compared: tuple[dt.date, dt.date] | None = None
    currency: str = dataclasses.field(default_factory=lambda: settings.ORGANISATION_CURRENCY)

    @property
    def is_empty(self) -> bool:
        """Nothing was counted, here or in any part."""
        counted = any(figure.n for figure in self.figures.values())
        return not counted and all(part.is_empty for part in self.parts)

    def by(self, *names: str) -> list[Row]:
        """The rows that are grouped by exactly these."""
        return [row for row in self.rows if tuple(row.by) == names]


Make = Callable[[Filters, User], Report]


class Scope:
    """One reader's view of one set of filters: the rows to count, and what may be shown of them.

    A viewer reads aggregates over everything, opens no deal, and learns no single deal's amount.
    """

    def __init__(self, filters: Filters, viewer: User) -> None:
        self.filters = filters
        self.viewer = viewer
        self.is_aggregate = viewer.role == Role.VIEWER

    # ---- what is counted ----

    def outcomes(self) -> OutcomeQuerySet:
        """Standing closings of the period by `at`, the day the deal was closed, and by no other date."""
        if self.is_aggregate:
            found = Outcome.objects.standing()
        else:
            found = Outcome.objects.standing_visible_to(self.viewer)
        return found.filter(self._in_period(), self._who("owner"), self._deal("deal__")).order_by()

    def touches(self) -> QuerySet[Touch]:
        """Calls and e-mails that we made in the period, by their own date (A11).

        Those of the people that the reader answers for, wherever they made them: their work is theirs to count.
        """
        ours = Q(channel__in=[Channel.CALL, Channel.EMAIL], direction=Direction.OUT)
        people = Q() if self.is_aggregate else owned_by_visible(self.viewer, "by")
        return Touch.objects.filter(
            ours, people, self._in_period(), self._who("by"), self._deal("deal__")
        ).order_by()

    def _in_period(self) -> Q:
        until = Q(at__lt=start_of(self.filters.end + DAY))
        return (
            until if self.filters.start is None else until & Q(at__gte=start_of(self.filters.start))
        )

    def _who(self, field: str) -> Q:
        condition = Q()
        if self.filters.team is not None:
            people = Membership.objects.filter(team__path__startswith=self.filters.team.path)
            condition &= Q(**{f"{field}__in": people.values("user_id")})
        if self.filters.rep is not None:
            condition &= Q(**{field: self.filters.rep.pk})
        return condition

    def _deal(self, path: str) -> Q:
        filters, condition = self.filters, Q()
        if filters.product is not None:
            condition &= Q(**{f"{path}product": filters.product.pk})
        if filters.target_list is not None:
            condition &= Q(**{f"{path}target_list": filters.target_list.pk})
        if filters.segment is not None:
            condition &= Q(**{f"{path}account__in": ids_in(filters.segment)})
        return condition

    # ---- what is shown ----

    def behind(self, *statuses: DealStatus, **narrowed: Any) -> Behind | None:
        """The deals closed so in the period, narrowed further by filters of the list of deals; nothing for a viewer."""
        if self.is_aggregate:
            return None
        filters = self.filters
        wanted = {
            ("status" if len(statuses) == 1 else "status__in"): ",".join(statuses),
            "closed_from": filters.start,
            "closed_to": filters.end,
            "team": filters.team and filters.team.pk,
            "owner": filters.rep and filters.rep.pk,
            "product": filters.product and filters.product.pk,
            "segment": filters.segment and filters.segment.pk,
            "target_list": filters.target_list and filters.target_list.pk,
        } | narrowed
        given = {name: value for name, value in wanted.items() if value is not None}
        return Behind(urlencode(given, safe=","))

    def owned_by(self, owner_id: int) -> dict[str, int]:
        """The filter for the deals of a person, who may be one that the reader only shares deals with."""
        owners = self.viewer.visible_owner_ids
        return {"owner" if owners is None or owner_id in owners else "owner__in": owner_id}

    def count(self, n: int, behind: Behind | None = None) -> Figure:
        return Figure(value=n, n=n, behind=behind)

    def share(
        self, part: int, whole: int, behind: Behind | None = None, verdict: Verdict | None = None
    ) -> Figure:
        """`part` of `whole` with its interval; no denominator, no value. `behind` opens the whole."""
        interval = wilson(part, whole)
        return Figure(
            value=part / whole if whole else None,
            unit="share",
            numerator=part,
            denominator=whole,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            n=whole,
            verdict=verdict,
            behind=behind,
        )

    def money(
        self,
        amount: Decimal | None,
        n: int,
        behind: Behind | None = None,
        *,
        unknown: int = 0,
        is_held_back: bool = False,
    ) -> Figure:
        """An amount in the organisation's currency over `n` deals, `unknown` of them without one.

        No deals are worth 0; deals of which none has an amount are worth nobody knows what.
        """
        known = n - unknown
        hidden = self.is_aggregate and (is_held_back or 0 < known < TOO_FEW_TO_SHOW)
        currency = settings.ORGANISATION_CURRENCY
        exact = self.told(amount or Decimal(0))
        value = rounded(exact, currency) if known or not n else None
        return Figure(
            value=None if hidden else value,
            unit="money",
            n=n,
            currency=currency,
            behind=behind,
            is_withheld=hidden,
        )

    def told(self, amount: Decimal) -> Decimal:
        """The amount as this reader may know it: a viewer two digits of it, so that no two of them differ by one deal's."""
        if not self.is_aggregate:
            return amount
        return Context(prec=DIGITS_TO_SHOW).create_decimal(amount).quantize(Decimal("0.01"))

    def held_back(self, counts: Mapping[Any, int]) -> set[Any]:
        """Of the groups of a whole, by how many known amounts each has, those whose money a viewer is not shown.

        Those with fewer than three; and where these alone could be worked out from the sum, the next larger.
        """
        if not self.is_aggregate:
            return set()
        hidden = {key for key, n in counts.items() if 0 < n < TOO_FEW_TO_SHOW}
        shown = sorted(
            (key for key, n in counts.items() if n >= TOO_FEW_TO_SHOW), key=counts.__getitem__
        )
        if hidden and shown and sum(counts[key] for key in hidden) < TOO_FEW_TO_SHOW:
            hidden.add(shown[0])
        return hidden
