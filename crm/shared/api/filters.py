"""Strict filters: a name that is not known, or given twice, is an error and never ignored. For pages and API alike."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError

from crm.shared.api.pagination import PAGE_PARAMS
from crm.shared.querysets import folded_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

LARGEST_ID = 2**63 - 1
FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2199, 12, 31)
YES_NO = [("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))]


def check_params(
    params: QueryDict, *, known: Iterable[str], repeatable: Iterable[str] = ()
) -> dict[str, list[str]]:
    """What is wrong with the names of `params`, by name."""
    known, repeatable = set(known), set(repeatable)
    wrong: dict[str, list[str]] = {}
    for name, values in params.lists():
        if name not in known:
            wrong[name] = [_("Unknown parameter: %(name)s.") % {"name": name}]
        elif len(values) > 1 and name not in repeatable:
            wrong[name] = [_("Given more than once: %(name)s.") % {"name": name}]
    return wrong


class StrictForm(forms.Form):
    """The form of a FilterSet; `other_params` are names that belong to the door, such as `limit` or `page`."""

    other_params: frozenset[str] = PAGE_PARAMS

    def clean(self) -> dict[str, Any]:
        many = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)
        repeatable = [name for name, field in self.fields.items() if isinstance(field, many)]
        known = self.fields.keys() | self.other_params
        if isinstance(self.data, QueryDict):
            for name, messages in check_params(
                self.data, known=known, repeatable=repeatable
            ).items():
                self.add_error(name if name in self.fields else None, messages)
        return self.cleaned_data


class StrictFilterSet(django_filters.FilterSet):
    """The base of every FilterSet. A page names its own parameters: `DealFilters(…, other_params={"page"})`."""

    def __init__(self, *args: Any, other_params: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other_params = PAGE_PARAMS | set(other_params)

    def get_form_class(self) -> type[forms.Form]:
        fields = {name: filter_.field for name, filter_ in self.filters.items()}
        return type(
            f"{type(self).__name__}Form",
            (StrictForm,),
            fields | {"other_params": self.other_params},
        )


class StrictFilterBackend(DjangoFilterBackend):
    """Runs the view's FilterSet and refuses what it does not know."""

    filterset_base = StrictFilterSet

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        known = PAGE_PARAMS | (filterset.filters.keys() if filterset else set())
        repeatable = multiple_of(filterset) if filterset else ()
        if wrong := check_params(request.query_params, known=known, repeatable=repeatable):
            raise ValidationError(wrong)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationError({name: list(errors) for name, errors in filterset.errors.items()})
        return filterset.qs


def multiple_of(filterset: StrictFilterSet) -> list[str]:
    many = (django_filters.MultipleChoiceFilter, django_filters.ModelMultipleChoiceFilter)
    return [name for name, filter_ in filterset.filters.items() if isinstance(filter_, many)]


# ---- filters with their limits ---------------------------------------------------------------------


class IdField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)


class IdFilter(django_filters.Filter):
    """A row by its id."""

    field_class = IdField


class IdsFilter(django_filters.BaseInFilter, IdFilter):
    """Rows by their ids, separated by commas: `?owner__in=3,4`."""


class TextsFilter(django_filters.BaseInFilter, django_filters.CharFilter):
    """Several texts, separated by commas: `?reason__in=price-or-value,timing`."""


class WordsFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """Several of a list of choices, separated by commas: `?status__in=won,lost`."""


class NamesFilter(django_filters.CharFilter):
    """`?search=` over what hangs on things that have names: `NamesFilter("deal")` finds by the names of the deal."""

    def __init__(self, *of: str) -> None:
        super().__init__(label=gettext_lazy("Search"))
        self.of = of

    def filter(self, qs: Any, value: str) -> Any:
        """Every word typed is in the names of one of them."""
        if not value:
            return qs
        return qs.filter(reduce(or_, (folded_in(value, of=f"{name}__") for name in self.of)))


class WholeFilter(django_filters.Filter):
    """A whole number that a database column can hold."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=-LARGEST_ID, max_value=LARGEST_ID, **kwargs)


class AmountFilter(django_filters.Filter):
    """Money: 16 digits, 2 of them after the point."""

    field_class = forms.DecimalField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_digits=16, decimal_places=2, **kwargs)


class DayFilter(django_filters.DateFilter):
    """A date of business, 1900 to 2199."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(*args, validators=limits, **kwargs)


class MomentField(forms.DateTimeField):
    def to_python(self, value: Any) -> dt.datetime | None:
        """Whose clock the reader has set must not change what a program finds."""
        if value in self.empty_values:
            return None
        try:
            parsed = parse_datetime(value.strip())
        except ValueError:
            parsed = None
        if parsed is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A time, RFC 3339, 1900 to 2199; without an offset it is UTC."""

    field_class = MomentField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        earliest = dt.datetime.combine(FIRST_DAY, dt.time.min, dt.UTC)
        latest = dt.datetime.combine(LAST_DAY, dt.time.max, dt.UTC)
        limits = [MinValueValidator(earliest), MaxValueValidator(latest)]
        super().__init__(*args, validators=limits, **kwargs)


class YesNoFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`, and nothing that merely looks like it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_NO, coerce=lambda value: value == "true", **kwargs)
