"""Imports for programs: send a file, ask how far it is."""

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, OrderingFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.imports import deciding, policies, preparing, undoing
from crm.imports.models import Import
from crm.imports.states import Answer, InDoubt, Kind
from crm.shared.api.filters import StrictFilterSet
from crm.shared.api.serializers import Shown
from crm.shared.api.verbs import takes, verb
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


class UndoneShown(serializers.Serializer[Any]):
    """How much of an import is to be taken back, and what became of it; empty when nobody asked for it."""

    changes = serializers.IntegerField()
    removed = serializers.IntegerField()
    restored = serializers.IntegerField()
    kept = serializers.IntegerField()


class KeptShown(serializers.Serializer[Any]):
    """A row that an undo left as it was."""

    thing = serializers.CharField()
    id = serializers.IntegerField(source="row_id")
    name = serializers.CharField()
    why = serializers.CharField(source="kept")


class FirstRowShown(serializers.Serializer[Any]):
    """One of the first rows of a dry run, as it would come out; `what` is created, updated, unchanged, rejected or in doubt."""

    line = serializers.IntegerField()
    what = serializers.CharField()
    cells = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()


class CandidateShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    about = serializers.CharField()


class QuestionShown(serializers.Serializer[Any]):
    """Something of the file that may be here already; `answer` is existing, new, or empty while nobody decided."""

    id = serializers.IntegerField()
    thing = serializers.CharField()
    said = serializers.CharField()
    line = serializers.IntegerField()
    candidates = CandidateShown(many=True)
    answer = serializers.CharField()
    same_as = serializers.IntegerField(allow_null=True)


class ImportShown(Shown):
    """A job with its progress and counts; what did not come in, is to be decided, or was kept: a thousand rows of each."""

    counts = CountsShown()
    undone = serializers.SerializerMethodField()
    kept = serializers.SerializerMethodField()
    rejected = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()
    first_rows = FirstRowShown(many=True)
    mapping = MatchShown(many=True)

    class Meta:
        model = Import
        fields = (
            *("id", "kind", "file_name", "state", "dry_run", "progress", "counts", "rejected"),
            *("in_doubt", "questions", "first_rows", "mapping", "recognised_as", "why_failed"),
            *("undone", "kept"),
        )

    def get_rejected(self, job: Import) -> list[dict[str, Any]]:
        return [dict(RejectedShown(row).data) for row in job.rejected.all()[:SHOWN]]

    @extend_schema_field(QuestionShown(many=True))
    def get_questions(self, job: Import) -> list[dict[str, Any]]:
        return [dict(QuestionShown(one).data) for one in job.questions.all()[:SHOWN]]

    @extend_schema_field(UndoneShown(allow_null=True))
    def get_undone(self, job: Import) -> dict[str, int] | None:
        return job.undone or None

    @extend_schema_field(KeptShown(many=True))
    def get_kept(self, job: Import) -> list[dict[str, Any]]:
        return [dict(KeptShown(change).data) for change in undoing.kept(job)[:SHOWN]]


class ImportListShown(Shown):
    """A job without its rows."""

    counts = CountsShown()

    class Meta:
        model = Import
        fields = ("id", "kind", "file_name", "state", "dry_run", "progress", "counts")


class ImportBody(serializers.Serializer[Any]):
    """The file and what it holds; `mapping` is "auto" or JSON {"column": "field"}.

    `in_doubt` says what becomes of rows that may be here already: set aside until somebody decides (the default), the
    existing one where there is just one, or new.
    """

    file = serializers.FileField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    mapping = serializers.CharField(default="auto")
    dry_run = serializers.BooleanField(default=False)
    in_doubt = serializers.ChoiceField(choices=InDoubt.choices, default=InDoubt.ASIDE)

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


class DecideBody(serializers.Serializer[Any]):
    """By the id of a question: the id of what it is the same as, “new”, or "" for not decided; `rest` for all others."""

    answers = serializers.DictField(child=serializers.CharField(allow_blank=True), default=dict)
    rest = serializers.ChoiceField(choices=Answer.choices, required=False)

    def validate_answers(self, value: dict[str, str]) -> dict[int, str]:
        if not all(one.isdecimal() for one in value):
            raise ValidationError(_("Give the ids of the questions."))
        return {int(one): answer for one, answer in value.items()}


class ImportFilters(StrictFilterSet):
    kind = ChoiceFilter(choices=Kind.choices)
    search = CharFilter(field_name="file_name", lookup_expr="icontains")
    ordering = OrderingFilter(fields=["id"])


class ImportViewSet(ReadViewSet[Import]):
    """Imports."""

    queryset = Import.objects.all()
    serializer_class = ImportShown
    filterset_class = ImportFilters
    parser_classes = (MultiPartParser, JSONParser)

    def get_serializer_class(self) -> type[Shown]:
        return ImportListShown if self.is_list else ImportShown

    @takes(ImportBody, status=201)
    def create(self, request: Request) -> Response:
        """Bring in a file."""
        self.require(policies.may_import(self.user))
        body = self.body(ImportBody)
        stored_as, _size = preparing.store(body["file"], name=body["file"].name)
        job = preparing.bring_in(
            kind=body["kind"],
            stored_as=stored_as,
            name=body["file"].name,
            by=self.user,
            dry_run=body["dry_run"],
            mapping=body["mapping"],
            in_doubt=body["in_doubt"],
        )
        return self.created(job)

    @verb("decide", body=DecideBody)
    def decide(self, request: Request, pk: str) -> Response:
        """Say what rows are that may be here already; kept for the import that follows a dry run, or for `take-up`."""
        job = self.get_object()
        self.require(policies.may_import(self.user))
        deciding.decide(job, **self.body(DecideBody))
        return self.answer(job)

    @verb("again", status=201)
    def again(self, request: Request, pk: str) -> Response:
        """After a dry run the same file for real, with what was decided; one that stopped goes on where it stopped."""
        job = self.get_object()
        self.require(policies.may_import(self.user))
        return self.created(preparing.again(job, by=self.user))

    @verb("take-up", status=201)
    def take_up(self, request: Request, pk: str) -> Response:
        """Bring in what was set aside and is decided now."""
        job = self.get_object()
        self.require(policies.may_import(self.user))
        return self.created(preparing.take_up(job, by=self.user))

    @verb("undo")
    def undo(self, request: Request, pk: str) -> Response:
        """Take an import back.

        Within 30 days of its end. What it added is removed, what it changed says again what it said; rows that somebody
        worked on since stay, and are listed with why.
        """
        job = self.get_object()
        self.require(policies.may_undo(self.user, job))
        return self.answer(undoing.ask(job, by=self.user, now=timezone.now()))


ROUTES = [("imports", ImportViewSet)]
