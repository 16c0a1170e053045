"""One FilterSet for each list of this app: the page and the API say the same with it."""

import django_filters

from crm.shared.api.filters import (
    DayFilter,
    IdFilter,
    IdsFilter,
    NamesFilter,
    StrictFilterSet,
    WordsFilter,
)
from referrals.states import AskState, Origin


class ReferralAskFilters(StrictFilterSet):
    deal = IdFilter()
    deal__in = IdsFilter(field_name="deal", lookup_expr="in")
    outcome = IdFilter()
    contact = IdFilter()
    owner = IdFilter(field_name="deal__owner")
    owner__in = IdsFilter(field_name="deal__owner", lookup_expr="in")
    state = django_filters.ChoiceFilter(choices=AskState.choices)
    state__in = WordsFilter(field_name="state", lookup_expr="in", choices=AskState.choices)
    origin = django_filters.ChoiceFilter(choices=Origin.choices)
    due_on__gte = DayFilter(field_name="due_on", lookup_expr="gte")
    due_on__lte = DayFilter(field_name="due_on", lookup_expr="lte")
    search = NamesFilter("deal", "contact")
    ordering = django_filters.OrderingFilter(fields=["due_on", "asked_at", "id"])
