"""One FilterSet for each list of this app: the page, the API and the links of reports all say the same with it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import django_filters
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shared.api.filters import (
    AmountFilter,
    DayFilter,
    IdFilter,
    IdsFilter,
    MomentFilter,
    NamesFilter,
    StrictFilterSet,
    TextsFilter,
    WholeFilter,
    WordsFilter,
    YesNoFilter,
)
from crm.shared.errors import ActionRefused
from crm.shared.models import Membership, Team, User
from crm.shared.querysets import folded_in
from deals.models import (
    Account,
    Channel,
    Competitor,
    Contact,
    Deal,
    LossReason,
    Product,
    Segment,
    Stage,
    TargetList,
)
from deals.models.loss_reason import NOT_STATED
from deals.states import (
    Competition,
    Control,
    DealStatus,
    Disqualification,
    OrderState,
    Phase,
    ProposalState,
    Role,
)
from deals.suspects import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from deals.models import BulkJob
    from deals.querysets import AccountQuerySet, DealQuerySet


def seen(model: type[Model]) -> Callable[[HttpRequest], QuerySet[Any]]:
    """The rows of `model` that the asking person sees: choices of a filter."""

    def rows(request: HttpRequest | None) -> QuerySet[Any]:
        manager: Any = model._default_manager
        found: QuerySet[Any] = manager.visible_to(request.user) if request else manager.none()
        return found

    return rows


def start_of(day: dt.date) -> dt.datetime:
    """Midnight of a business date, in the organisation's time zone."""
    return dt.datetime.combine(day, dt.time.min, ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def by_names(queryset: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """What a search over a list finds: by a part of the names, or by the whole id in another system."""
    return queryset.filter(folded_in(typed) | Q(external_id=typed))


class DealFilters(StrictFilterSet):
    """`reason`, `competitor`, `control`, `closed_in` and `automatic` speak of the closing that stands.

    `closed_from` and `closed_to` are days of the organisation, both included; `team` takes in the teams below it.
    """

    id__in = IdsFilter(field_name="id", lookup_expr="in")
    external_id = django_filters.CharFilter()
    external_id__in = TextsFilter(field_name="external_id", lookup_expr="in")
    status = django_filters.ChoiceFilter(choices=DealStatus.choices, label=_("Status"))
    status__in = WordsFilter(field_name="status", lookup_expr="in", choices=DealStatus.choices)
    stage = django_filters.ModelChoiceFilter(queryset=seen(Stage), label=_("Stage"))
    stage__in = IdsFilter(field_name="stage", lookup_expr="in")
    phase = django_filters.ChoiceFilter(choices=Phase.choices, method="of_phase")
    closed_in = django_filters.ModelChoiceFilter(field_name="outcome__stage", queryset=seen(Stage))
    closed_in__isnull = YesNoFilter(field_name="outcome__stage", method="of_closing_without")
    owner = django_filters.ModelChoiceFilter(queryset=seen(User), label=_("Owner"))
    owner__in = IdsFilter(field_name="owner", lookup_expr="in")
    team = django_filters.ModelChoiceFilter(queryset=seen(Team), method="of_team", label=_("Team"))
    account = django_filters.ModelChoiceFilter(queryset=seen(Account), label=_("Account"))
    account__in = IdsFilter(field_name="account", lookup_expr="in")
    contact = django_filters.ModelChoiceFilter(queryset=seen(Contact))
    product = django_filters.ModelChoiceFilter(queryset=seen(Product), label=_("Product"))
    product__in = IdsFilter(field_name="product", lookup_expr="in")
    product__isnull = YesNoFilter(field_name="product", lookup_expr="isnull")
    segment = django_filters.ModelChoiceFilter(
        queryset=seen(Segment), method="of_segment", label=_("Segment")
    )
    target_list = django_filters.ModelChoiceFilter(
        queryset=seen(TargetList), label=_("Target list")
    )
    competitor = django_filters.ModelChoiceFilter(
        field_name="outcome__competitor", queryset=seen(Competitor), label=_("Competitor")
    )
    competitor__in = IdsFilter(field_name="outcome__competitor", lookup_expr="in")
    competitor__isnull = YesNoFilter(field_name="outcome__competitor", method="of_closing_without")
    competition = django_filters.ChoiceFilter(
        choices=Competition.choices, method="of_competition", label=_("Competition")
    )
    reason = django_filters.ModelChoiceFilter(
        field_name="outcome__reason",
        queryset=seen(LossReason),
        to_field_name="slug",
        label=_("Reason"),
    )
    reason__in = TextsFilter(field_name="outcome__reason__slug", lookup_expr="in")
    control = django_filters.ChoiceFilter(
        choices=[*Control.choices, (NOT_STATED, _("Not stated"))],
        method="of_control",
        label=_("Control"),
    )
    disqualified_as = django_filters.ChoiceFilter(
        field_name="outcome__disqualified_as", choices=Disqualification.choices
    )
    automatic = YesNoFilter(field_name="outcome__automatic", label=_("Closed by its stop rule"))
    at_risk = YesNoFilter(
        field_name="closes_on", lookup_expr="isnull", exclude=True, label=_("At risk")
    )
    amount__gte = AmountFilter(field_name="amount", lookup_expr="gte", label=_("Amount from"))
    amount__lte = AmountFilter(field_name="amount", lookup_expr="lte", label=_("Amount to"))
    currency = django_filters.CharFilter()
    closed_from = DayFilter(method="from_day", label=_("Closed from"))
    closed_to = DayFilter(method="to_day", label=_("Closed to"))
    closed_at__gte = MomentFilter(field_name="closed_at", lookup_expr="gte")
    closed_at__lte = MomentFilter(field_name="closed_at", lookup_expr="lte")
    opened_at__gte = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_at__lte = MomentFilter(field_name="opened_at", lookup_expr="lte")
    updated_at__gte = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_at__lte = MomentFilter(field_name="updated_at", lookup_expr="lte")
    expected_close_on__gte = DayFilter(
        field_name="expected_close_on", lookup_expr="gte", label=_("Expected from")
    )
    expected_close_on__lte = DayFilter(
        field_name="expected_close_on", lookup_expr="lte", label=_("Expected to")
    )
    unanswered_touches__gte = WholeFilter(field_name="unanswered_touches", lookup_expr="gte")
    unanswered_touches__lte = WholeFilter(field_name="unanswered_touches", lookup_expr="lte")
    second_chance_of = IdFilter()
    is_second_chance = YesNoFilter(
        field_name="second_chance_of", lookup_expr="isnull", exclude=True, label=_("Second chance")
    )
    repeat_of = IdFilter()
    parked_until__gt = MomentFilter(field_name="parked_until", lookup_expr="gt")
    parked_until__lte = MomentFilter(field_name="parked_until", lookup_expr="lte")
    search = django_filters.CharFilter(method="find", label=_("Search"))
    ordering = django_filters.OrderingFilter(
        fields=[
            ("id", "id"),
            ("title", "title"),
            ("account__name", "account"),
            ("owner__name", "owner"),
            ("stage__position", "stage"),
            ("status", "status"),
            ("amount", "amount"),
            ("expected_close_on", "expected_close_on"),
            ("opened_at", "opened_at"),
            ("closed_at", "closed_at"),
            ("entered_stage_at", "entered_stage_at"),
            ("last_touch_at", "last_touch_at"),
            ("last_heard_at", "last_heard_at"),
            ("next_follow_up_at", "next_follow_up_at"),
            ("unanswered_touches", "unanswered_touches"),
            ("closes_on", "closes_on"),
            ("updated_at", "updated_at"),
        ]
    )

    def address(self) -> str:
        """The query string that asks for the same again, in one order and without what is empty.

        A status that is empty stays: it asks for all of them.
        """
        said = self.form.data
        names = sorted(self.form.fields.keys() | {"view", "columns"})
        kept = [name for name in names if said.get(name) or (name == "status" and name in said)]
        return urlencode([(name, said[name]) for name in kept])

    @property
    def asked(self) -> frozenset[str]:
        """The names of the filters at work. Only where they are valid."""
        found = self.form.cleaned_data.items()
        return frozenset(name for name, value in found if value not in (None, "", [], ()))

    def of_phase(self, queryset: QuerySet[Deal], name: str, value: str) -> QuerySet[Deal]:
        """By the ids of its stages, which a database can weigh better than a join."""
        stages = Stage.objects.filter(phase=value).values_list("pk", flat=True)
        return queryset.filter(stage__in=list(stages))

    def of_team(self, queryset: QuerySet[Deal], name: str, value: Team) -> QuerySet[Deal]:
        """Deals whose owner belongs to the team or to one below it."""
        people = Membership.objects.filter(team__path__startswith=value.path).values("user_id")
        return queryset.filter(owner__in=people)

    def of_segment(self, queryset: Any, name: str, value: Segment) -> Any:
        return queryset.in_segment(value)

    def of_closing_without(
        self,
        queryset: QuerySet[Deal],
        name: str,
        value: bool,  # noqa: FBT001  (as django-filter calls it)
    ) -> QuerySet[Deal]:
        """Closed deals whose closing does not name one, or does."""
        return queryset.filter(**{"outcome__isnull": False, f"{name}__isnull": value})

    def of_competition(self, queryset: QuerySet[Deal], name: str, value: str) -> QuerySet[Deal]:
        """Closed deals where somebody was named, where nobody else was considered, or where it is not known."""
        if value == Competition.NAMED:
            return queryset.filter(outcome__competitor__isnull=False)
        is_nobody = value == Competition.NONE
        return queryset.filter(outcome__competitor=None, outcome__no_competitor=is_nobody)

    def of_control(self, queryset: QuerySet[Deal], name: str, value: str) -> QuerySet[Deal]:
        """Who controls the reason of the loss; "not-stated" where nobody said."""
        return queryset.filter(outcome__control="" if value == NOT_STATED else value)

    def from_day(self, queryset: QuerySet[Deal], name: str, value: dt.date) -> QuerySet[Deal]:
        return queryset.filter(closed_at__gte=start_of(value))

    def to_day(self, queryset: QuerySet[Deal], name: str, value: dt.date) -> QuerySet[Deal]:
        return queryset.filter(closed_at__lt=start_of(value + dt.timedelta(days=1)))

    def find(self, queryset: QuerySet[Deal], name: str, value: str) -> QuerySet[Deal]:
        """In the names of the deal, its account and its contact, or by its id elsewhere."""
        return by_names(queryset, value)


@dataclasses.dataclass(frozen=True)
class Asker:
    """Who asks, where there is no request: what filters need to know of one."""

    user: User


def deals_of(job: BulkJob) -> DealQuerySet:
    """The deals that a bulk job means: those of its filters that its person sees, or those that it is to undo.

    Raises ActionRefused when the filters no longer make sense.
    """
    seen_by = Deal.objects.visible_to(job.by)
    if job.undoes:
        closings = job.undoes.rows.filter(outcome__isnull=False).values("outcome_id")
        return seen_by.filter(outcome__in=closings)
    filters = DealFilters(
        QueryDict(job.query),
        queryset=seen_by,
        request=Asker(job.by),
        other_params={"view", "columns"},
    )
    if not filters.is_valid():
        raise ActionRefused(gettext("This address asks for something that the list does not know."))
    found: DealQuerySet = filters.qs.current()
    return found


class AccountFilters(StrictFilterSet):
    id__in = IdsFilter(field_name="id", lookup_expr="in")
    external_id = django_filters.CharFilter()
    external_id__in = TextsFilter(field_name="external_id", lookup_expr="in")
    owner = django_filters.ModelChoiceFilter(queryset=seen(User), label=_("Owner"))
    owner__in = IdsFilter(field_name="owner", lookup_expr="in")
    industry = django_filters.CharFilter(label=_("Industry"))
    country = django_filters.CharFilter(label=_("Country"))
    country__in = TextsFilter(field_name="country", lookup_expr="in")
    employees__gte = WholeFilter(field_name="employees", lookup_expr="gte")
    employees__lte = WholeFilter(field_name="employees", lookup_expr="lte")
    segment = django_filters.ModelChoiceFilter(
        queryset=seen(Segment), method="of_segment", label=_("Segment")
    )
    target_list = django_filters.ModelChoiceFilter(
        field_name="suspect_on__target_list", queryset=seen(TargetList), label=_("Target list")
    )
    lacks = django_filters.ChoiceFilter(
        choices=[*COMPLETE.items()], method="lacking", label=_("Not known")
    )
    updated_at__gte = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_at__lte = MomentFilter(field_name="updated_at", lookup_expr="lte")
    archived = YesNoFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True, label=_("Archived")
    )
    search = django_filters.CharFilter(method="find", label=_("Search"))
    ordering = django_filters.OrderingFilter(
        fields=[
            ("id", "id"),
            ("name", "name"),
            ("owner__name", "owner"),
            ("employees", "employees"),
            ("created_at", "created_at"),
            ("updated_at", "updated_at"),
        ]
    )

    def of_segment(self, queryset: Any, name: str, value: Segment) -> Any:
        return queryset.in_segment(value)

    def lacking(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        """Suspects of which this is not known."""
        return queryset.lacking(value)

    def find(self, queryset: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        """In its name and website, or by its id elsewhere."""
        return by_names(queryset, value)


class ContactFilters(StrictFilterSet):
    id__in = IdsFilter(field_name="id", lookup_expr="in")
    external_id = django_filters.CharFilter()
    external_id__in = TextsFilter(field_name="external_id", lookup_expr="in")
    account = django_filters.ModelChoiceFilter(queryset=seen(Account), label=_("Account"))
    account__in = IdsFilter(field_name="account", lookup_expr="in")
    owner = django_filters.ModelChoiceFilter(queryset=seen(User), label=_("Owner"))
    owner__in = IdsFilter(field_name="owner", lookup_expr="in")
    email = django_filters.CharFilter(lookup_expr="iexact")
    country = django_filters.CharFilter(label=_("Country"))
    preferred_channel = django_filters.ChoiceFilter(choices=Channel.choices)
    do_not_contact = YesNoFilter(label=_("Do not contact"))
    updated_at__gte = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_at__lte = MomentFilter(field_name="updated_at", lookup_expr="lte")
    archived = YesNoFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True, label=_("Archived")
    )
    search = django_filters.CharFilter(method="find", label=_("Search"))
    ordering = django_filters.OrderingFilter(
        fields=[
            ("id", "id"),
            ("name", "name"),
            ("account__name", "account"),
            ("owner__name", "owner"),
            ("created_at", "created_at"),
            ("updated_at", "updated_at"),
        ]
    )

    def find(self, queryset: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        """In the name, e-mail, phone and company, or by the id elsewhere."""
        return by_names(queryset, value)


class StakeholderFilters(StrictFilterSet):
    deal = django_filters.ModelChoiceFilter(queryset=seen(Deal))
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    contact = django_filters.ModelChoiceFilter(queryset=seen(Contact))
    role = django_filters.ChoiceFilter(choices=Role.choices)
    role__in = WordsFilter(field_name="role", lookup_expr="in", choices=Role.choices)
    stance__gte = WholeFilter(field_name="stance", lookup_expr="gte")
    stance__lte = WholeFilter(field_name="stance", lookup_expr="lte")
    in_the_room = YesNoFilter()
    met = YesNoFilter()
    search = NamesFilter("deal", "contact")
    ordering = django_filters.OrderingFilter(fields=["id", "stance", "created_at"])


class ProposalFilters(StrictFilterSet):
    deal = django_filters.ModelChoiceFilter(queryset=seen(Deal))
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    state = django_filters.ChoiceFilter(choices=ProposalState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=ProposalState.choices)
    sent_on__gte = DayFilter(field_name="sent_on", lookup_expr="gte")
    sent_on__lte = DayFilter(field_name="sent_on", lookup_expr="lte")
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["id", "sent_on", "amount", "updated_at"])


class OrderFilters(StrictFilterSet):
    deal = django_filters.ModelChoiceFilter(queryset=seen(Deal))
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    state = django_filters.ChoiceFilter(choices=OrderState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=OrderState.choices)
    promised_on__gte = DayFilter(field_name="promised_on", lookup_expr="gte")
    promised_on__lte = DayFilter(field_name="promised_on", lookup_expr="lte")
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["id", "promised_on", "updated_at"])
