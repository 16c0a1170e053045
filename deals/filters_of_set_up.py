"""The filters of lists that somebody sets up: retired rows are there, and can be left out."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.shared.api.filters import StrictFilterSet, YesNoFilter
from crm.shared.models import User
from deals.filters import seen
from deals.states import Control, Phase


class SetUpFilters(StrictFilterSet):
    """What these lists have in common."""

    archived = YesNoFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True, label=_("Retired")
    )
    search = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label=_("Search")
    )


class CatalogueFilters(SetUpFilters):
    """Products, competitors and segments."""

    ordering = django_filters.OrderingFilter(fields=["name", "id"])


class TargetListFilters(SetUpFilters):
    owner = django_filters.ModelChoiceFilter(queryset=seen(User))
    ordering = django_filters.OrderingFilter(fields=["name", "id", "updated_at"])


class StageFilters(SetUpFilters):
    phase = django_filters.ChoiceFilter(choices=Phase.choices)
    ordering = django_filters.OrderingFilter(fields=["position", "name", "id"])


class LossReasonFilters(SetUpFilters):
    slug = django_filters.CharFilter()
    control = django_filters.ChoiceFilter(choices=Control.choices)
    ordering = django_filters.OrderingFilter(fields=["position", "name", "id"])
