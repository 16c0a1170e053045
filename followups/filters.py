"""Filters of touches, plans, follow-ups and stop rules: for the API, and for links of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.shared.api.filters import (
    DayFilter,
    IdFilter,
    IdsFilter,
    MomentFilter,
    NamesFilter,
    StrictFilterSet,
    WordsFilter,
    YesNoFilter,
)
from crm.shared.querysets import folded_in
from followups.states import Channel, Direction, FollowUpState, Purpose, Result, Signal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from followups.models import StopRule


class OnDealFilters(StrictFilterSet):
    """What hangs on a deal."""

    deal = IdFilter()
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    owner = IdFilter(field_name="deal__owner")
    contact = IdFilter()


class TouchFilters(OnDealFilters):
    account = IdFilter(field_name="deal__account")
    by = IdFilter()
    by__in = IdsFilter(field_name="by", lookup_expr="in")
    at__gte = MomentFilter(field_name="at", lookup_expr="gte")
    at__lte = MomentFilter(field_name="at", lookup_expr="lte")
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    channel__in = WordsFilter(field_name="channel", lookup_expr="in", choices=Channel.choices)
    direction = django_filters.ChoiceFilter(choices=Direction.choices)
    result = django_filters.ChoiceFilter(choices=Result.choices)
    result__in = WordsFilter(field_name="result", lookup_expr="in", choices=Result.choices)
    signal = django_filters.ChoiceFilter(choices=Signal.choices)
    external_id = django_filters.CharFilter()
    search = django_filters.CharFilter(
        field_name="note", lookup_expr="icontains", label=_("Search")
    )
    ordering = django_filters.OrderingFilter(fields=["at", "id"])


class PlanFilters(OnDealFilters):
    agreed = YesNoFilter(field_name="agreed_on", lookup_expr="isnull", exclude=True)
    agreed_on__gte = DayFilter(field_name="agreed_on", lookup_expr="gte")
    agreed_on__lte = DayFilter(field_name="agreed_on", lookup_expr="lte")
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["agreed_on", "interval_days", "id"])


class FollowUpFilters(OnDealFilters):
    state = django_filters.ChoiceFilter(choices=FollowUpState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=FollowUpState.choices)
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices)
    purpose__in = WordsFilter(field_name="purpose", lookup_expr="in", choices=Purpose.choices)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    due_at__gte = MomentFilter(field_name="due_at", lookup_expr="gte")
    due_at__lte = MomentFilter(field_name="due_at", lookup_expr="lte")
    is_agreed = YesNoFilter()
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["due_at", "id"])


class StopRuleFilters(StrictFilterSet):
    stage = IdFilter()
    deal = IdFilter()
    of_stages = YesNoFilter(field_name="stage", lookup_expr="isnull", exclude=True)
    search = django_filters.CharFilter(method="find", label=_("Search"))
    ordering = django_filters.OrderingFilter(fields=["id"])

    def find(self, queryset: QuerySet[StopRule], name: str, value: str) -> QuerySet[StopRule]:
        """In the name of the stage, or in the names of the deal that has a rule of its own."""
        return queryset.filter(Q(stage__name__icontains=value) | folded_in(value, of="deal__"))
