"""Exports for programs: ask for a list as a file, ask how far it is, fetch it."""

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django_filters import ChoiceFilter, OrderingFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from crm.exports import lists, policies, running
from crm.exports.models import Export
from crm.exports.states import FileFormat, Kind
from crm.exports.views import answer
from crm.shared.api.filters import StrictFilterSet
from crm.shared.api.serializers import Body, Shown
from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import ReadViewSet

FILE_TYPES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class ExportShown(Shown):
    """A job with its progress; `file` is where to fetch it, null before it is written and a week after."""

    progress = serializers.FloatField(help_text="0 to 1.")
    file = serializers.SerializerMethodField()
    kept_until = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Export
        fields = (
            *("id", "kind", "file_format", "query", "state", "progress", "rows", "file"),
            *("kept_until", "why_failed", "created_at"),
        )

    def get_file(self, job: Export) -> str | None:
        if not job.is_kept:
            return None
        found: str = reverse("api-exports-file", args=[job.pk], request=self.context["request"])
        return found


class ExportBody(Body):
    """Which list, with the filters that it takes as a list, and as what."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    file_format = serializers.ChoiceField(choices=FileFormat.choices, default=FileFormat.CSV)
    filters = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        default=dict,
        help_text='As in the address of the list: {"status": "lost", "owner": "3"}.',
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        query = urlencode(attrs.pop("filters"))
        filters = lists.filtered(attrs["kind"], query, by=self.context["request"].user)
        if not filters.is_valid():
            raise ValidationError({"filters": dict(filters.errors)})
        return attrs | {"query": query}


class ExportFilters(StrictFilterSet):
    kind = ChoiceFilter(choices=Kind.choices)
    ordering = OrderingFilter(fields=["id"])


class ExportViewSet(ReadViewSet[Export]):
    """Lists as files."""

    queryset = Export.objects.all()
    serializer_class = ExportShown
    filterset_class = ExportFilters

    @takes(ExportBody, status=201)
    def create(self, request: Request) -> Response:
        """Take a list out, with its filters. A short one is written at once."""
        self.require(policies.may_export(self.user))
        return self.created(running.ask(by=self.user, **self.body(ExportBody)))

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in FILE_TYPES})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """Fetch the file."""
        return answer(self.get_object())


ROUTES = [("exports", ExportViewSet)]
