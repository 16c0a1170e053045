"""An import as a job that can be watched, left and resumed; and each row that did not come in, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.imports.reading.records import Layout
from crm.imports.states import LIVE, OVER, Answer, ImportState, InDoubt, Kind
from crm.shared.models import Leased, Timestamped
from crm.shared.roles import Role

if TYPE_CHECKING:
    from crm.shared.models import User

UNDONE = ("changes", "removed", "restored", "kept")
COUNTS = ("read", "created", "updated", "unchanged", "rejected")


def no_counts() -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0)


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """One's own; administrators see all."""
        return self if user.role == Role.ADMIN else self.filter(by=user)


class Import(Leased):
    """`mapping` is a list of {column, field, confidence, samples}; `position` counts the records already committed."""

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="imports"
    )
    file_name = models.CharField(max_length=255)  # as the person called it
    stored_as = models.CharField(
        max_length=255
    )  # our own name, below MEDIA_ROOT, or a path given on the command line
    size = models.BigIntegerField(default=0)
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheet = models.CharField(max_length=100, blank=True)  # of a workbook
    sheets = models.JSONField(default=list)  # all of its sheets that hold anything
    above = models.PositiveIntegerField(default=0)  # records above the header
    has_header = models.BooleanField(default=True)
    mapping = models.JSONField(default=list)
    recognised_as = models.CharField(max_length=40, blank=True)
    dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.DRAFT)
    counts = models.JSONField(default=no_counts)
    position = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)  # since it last got on
    progress = models.FloatField(default=0)  # 0 to 1, by bytes read
    why_failed = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True)  # rows older than that may be what it speaks of
    finished_at = models.DateTimeField(null=True)
    in_doubt = models.CharField(max_length=20, choices=InDoubt, default=InDoubt.ASIDE)
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="followed_by"
    )  # the dry run or import of the same file whose answers hold for this one
    only_answered = models.BooleanField(default=False)  # what that one set aside, once decided
    first_rows = models.JSONField(default=list)  # of a dry run, as they would come out
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    undone = models.JSONField(default=dict)  # counts by UNDONE, from when its undo was asked for

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="import_to_run",
                condition=models.Q(state__in=sorted(LIVE)),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def layout(self) -> Layout:
        """How its file is written."""
        return Layout(
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            above=self.above,
            has_header=self.has_header,
        )

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def counted(self) -> dict[str, int]:
        """`counts` in the order of COUNTS; PostgreSQL keeps the keys of JSON in an order of its own."""
        return {name: self.counts[name] for name in COUNTS}


class RememberedLayout(Timestamped):
    """What a person said the columns of such files mean, for next time; the latest of the company serves who has none.

    `columns` are the columns by their name in normal form: {field, dates, mark}.
    """

    signature = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="remembered_layouts",
        db_index=False,
    )
    columns = models.JSONField(default=dict)

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["signature", "by"], name="layout_once_a_person")
        ]
        indexes = [models.Index(fields=["by"], name="layout_by_person")]

    def __str__(self) -> str:
        return self.signature


class Question(models.Model):
    """Something that may be there already: `candidates` are {id, name, about}, for a person to decide.

    `key` says what of the file it is about: one line, or a company that many lines name. It is the same in each run.
    """

    belongs_to = models.ForeignKey(
        Import, models.CASCADE, related_name="questions", db_index=False
    )  # its constraint serves
    thing = models.CharField(max_length=20)
    key = models.CharField(max_length=320)
    line = models.PositiveBigIntegerField()  # the first that asks it
    said = models.CharField(max_length=300)
    candidates = models.JSONField(default=list)
    answer = models.CharField(max_length=20, choices=Answer, blank=True)
    same_as = models.BigIntegerField(null=True)  # a plain number: the row may be gone
    taken_up_by = models.ForeignKey(
        Import, models.SET_NULL, null=True, related_name="questions_taken_up"
    )

    class Meta:
        ordering = ["line", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["belongs_to", "key"], name="question_once"),
            models.CheckConstraint(
                name="question_same_as_iff_existing",
                condition=models.Q(answer=Answer.EXISTING, same_as__isnull=False)
                | (~models.Q(answer=Answer.EXISTING) & models.Q(same_as=None)),
            ),
        ]
        indexes = [models.Index(fields=["belongs_to", "line"], name="question_in_order")]

    def __str__(self) -> str:
        return self.said


class ImportedRow(models.Model):
    """A row that did not come in: the line of the file it starts on, the column and value at fault, and why.

    One that was set aside names its `question`.
    """

    belongs_to = models.ForeignKey(Import, models.CASCADE, related_name="rejected")
    line = models.PositiveBigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=500, blank=True)
    why = models.CharField(max_length=500)
    cells = models.JSONField(default=list)  # the whole row, to be mended and imported again
    question = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="rows")

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.why}"


class ImportChange(models.Model):
    """A row that an import wrote, so that it can be taken back: new, or changed from what it said before.

    `former` holds [before, after] by column, the version among them; `version` is the row's after this change. `kept` says why an undo left it.
    """

    belongs_to = models.ForeignKey(
        Import, models.CASCADE, related_name="changes", db_index=False
    )  # import_change_in_order serves
    thing = models.CharField(max_length=20)
    row_id = models.BigIntegerField()  # a plain number: the row may be gone
    is_new = models.BooleanField()
    version = models.PositiveIntegerField(default=0)  # 0 for what has none
    former = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    kept = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)  # of what is kept

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["belongs_to", "id"], name="import_change_in_order"),
            models.Index(fields=["row_id", "thing"], name="import_change_of_row"),
        ]

    def __str__(self) -> str:
        return f"{self.thing} {self.row_id}"
