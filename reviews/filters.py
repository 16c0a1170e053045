"""One FilterSet for each list of this app: the page and the API say the same with it."""

import django_filters

from crm.shared.api.filters import (
    DayFilter,
    IdFilter,
    IdsFilter,
    MomentFilter,
    NamesFilter,
    StrictFilterSet,
    WordsFilter,
)
from reviews.states import InvitationState, ReviewState, Why


class ReviewFilters(StrictFilterSet):
    deal = IdFilter()
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    outcome = IdFilter()
    owner = IdFilter(field_name="deal__owner")
    owner__in = IdsFilter(field_name="deal__owner", lookup_expr="in")
    state = django_filters.ChoiceFilter(choices=ReviewState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=ReviewState.choices)
    why = django_filters.ChoiceFilter(choices=Why.choices)
    due_on__gte = DayFilter(field_name="due_on", lookup_expr="gte")
    due_on__lte = DayFilter(field_name="due_on", lookup_expr="lte")
    held_at__gte = MomentFilter(field_name="held_at", lookup_expr="gte")
    held_at__lte = MomentFilter(field_name="held_at", lookup_expr="lte")
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["due_on", "held_at", "id"])


class FeedbackInvitationFilters(StrictFilterSet):
    deal = IdFilter()
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    outcome = IdFilter()
    state = django_filters.ChoiceFilter(choices=InvitationState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=InvitationState.choices)
    due_at__gte = MomentFilter(field_name="due_at", lookup_expr="gte")
    due_at__lte = MomentFilter(field_name="due_at", lookup_expr="lte")
    search = NamesFilter("deal")
    ordering = django_filters.OrderingFilter(fields=["due_at", "id"])
