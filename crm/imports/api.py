"""Imports for programs: send a file, ask how far it is."""

import json
from typing import Any

from django.utils.translation import gettext as _
from django_filters import ChoiceFilter, OrderingFilter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.imports import policies, running
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared.api.filters import StrictFilterSet
from crm.shared.api.serializers import Shown
from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import ReadViewSet

SHOWN = 1000


class RejectedShown(serializers.Serializer[Any]):
    """A row that did not come in."""

    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    why = serializers.CharField()


class MatchShown(serializers.Serializer[Any]):
    """What a column means, and how sure that is (0 to 1)."""

    column = serializers.CharField()
    field = serializers.CharField()
    confidence = serializers.FloatField()


class CountsShown(serializers.Serializer[Any]):
    read = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()


class ImportShown(Shown):
    """A job with its progress, counts, and what did not come in: the first thousand rows."""

    counts = CountsShown()
    rejected = serializers.SerializerMethodField()
    mapping = MatchShown(many=True)

    class Meta:
        model = Import
        fields = (
            *("id", "kind", "file_name", "state", "dry_run", "progress", "counts", "rejected"),
            *("mapping", "recognised_as", "why_failed"),
        )

    def get_rejected(self, job: Import) -> list[dict[str, Any]]:
        return [dict(RejectedShown(row).data) for row in job.rejected.all()[:SHOWN]]


class ImportListShown(Shown):
    """A job without its rows."""

    counts = CountsShown()

    class Meta:
        model = Import
        fields = ("id", "kind", "file_name", "state", "dry_run", "progress", "counts")


class ImportBody(serializers.Serializer[Any]):
    """The file and what it holds; `mapping` is "auto" or JSON {"column": "field"}."""

    file = serializers.FileField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    mapping = serializers.CharField(default="auto")
    dry_run = serializers.BooleanField(default=False)

    def validate_mapping(self, value: str) -> dict[str, str] | None:
        if value == "auto":
            return None
        try:
            mapping = json.loads(value)
        except ValueError:
            mapping = None
        if not isinstance(mapping, dict) or not all(
            isinstance(one, str) for one in mapping.values()
        ):
            raise ValidationError(_('"auto", or JSON as {"column": "field"}.'))
        return mapping


class ImportFilters(StrictFilterSet):
    kind = ChoiceFilter(choices=Kind.choices)
    ordering = OrderingFilter(fields=["id"])


class ImportViewSet(ReadViewSet[Import]):
    """Imports."""

    queryset = Import.objects.all()
    serializer_class = ImportShown
    filterset_class = ImportFilters
    parser_classes = (MultiPartParser,)

    def get_serializer_class(self) -> type[Shown]:
        return ImportListShown if self.is_list else ImportShown

    @takes(ImportBody, status=201)
    def create(self, request: Request) -> Response:
        """Bring in a file."""
        self.require(policies.may_import(self.user))
        body = self.body(ImportBody)
        stored_as, _size = running.store(body["file"], name=body["file"].name)
        job = running.bring_in(
            kind=body["kind"],
            stored_as=stored_as,
            name=body["file"].name,
            by=self.user,
            dry_run=body["dry_run"],
            mapping=body["mapping"],
        )
        return self.created(job)


ROUTES = [("imports", ImportViewSet)]
