"""An import as a job that can be watched, left and resumed; and each row that did not come in, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.imports.states import ImportState, Kind
from crm.shared.models import Timestamped
from crm.shared.roles import Role

if TYPE_CHECKING:
    from crm.shared.models import User

COUNTS = ("read", "created", "updated", "unchanged", "rejected")


def no_counts() -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0)


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """One's own; administrators see all."""
        return self if user.role == Role.ADMIN else self.filter(by=user)


class Import(Timestamped):
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
    mapping = models.JSONField(default=list)
    recognised_as = models.CharField(max_length=40, blank=True)
    dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.DRAFT)
    counts = models.JSONField(default=no_counts)
    position = models.PositiveBigIntegerField(default=0)
    progress = models.FloatField(default=0)  # 0 to 1, by bytes read
    why_failed = models.CharField(max_length=500, blank=True)
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="import_to_run",
                condition=models.Q(state__in=[ImportState.QUEUED, ImportState.RUNNING]),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_over(self) -> bool:
        return self.state in {ImportState.DONE, ImportState.FAILED}


class ImportedRow(models.Model):
    """A row that did not come in: the line of the file it starts on, the column and value at fault, and why."""

    belongs_to = models.ForeignKey(Import, models.CASCADE, related_name="rejected")
    line = models.PositiveBigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=500, blank=True)
    why = models.CharField(max_length=500)
    cells = models.JSONField(default=list)  # the whole row, to be mended and imported again

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.why}"
