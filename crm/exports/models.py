"""An export: which list, with which filters, who asked, and the file that came of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.exports.states import ExportState, FileFormat, Kind
from crm.shared.models import Leased
from crm.shared.roles import Role

if TYPE_CHECKING:
    from crm.shared.models import User

KEPT_DAYS = 7


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> Self:
        """One's own; administrators see all."""
        return self if user.role == Role.ADMIN else self.filter(by=user)


class Export(Leased):
    """`query` holds the filters as an address does; `stored_as` is empty until the file is whole, and after it is gone."""

    kind = models.CharField(_("list"), max_length=20, choices=Kind)
    file_format = models.CharField(_("file"), max_length=10, choices=FileFormat)
    query = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="exports"
    )
    state = models.CharField(max_length=20, choices=ExportState, default=ExportState.QUEUED)
    rows = models.PositiveBigIntegerField(default=0)  # as counted when it was asked for
    position = models.PositiveBigIntegerField(default=0)  # rows written so far
    stored_as = models.CharField(max_length=255, blank=True)  # below MEDIA_ROOT
    why_failed = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="export_to_run",
                condition=models.Q(state__in=[ExportState.QUEUED, ExportState.RUNNING]),
            ),
            models.Index(
                fields=["finished_at"],
                name="export_to_forget",
                condition=~models.Q(stored_as=""),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_over(self) -> bool:
        return self.state in {ExportState.DONE, ExportState.FAILED}

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to fetch."""
        return self.stored_as != ""

    @property
    def kept_until(self) -> dt.datetime | None:
        if self.finished_at is None or not self.is_kept:
            return None
        return self.finished_at + dt.timedelta(days=KEPT_DAYS)

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.state == ExportState.DONE:
            return 1.0
        return min(self.position / self.rows, 1.0) if self.rows else 0.0

    @property
    def file_name(self) -> str:
        """As the person is given it: deals-2026-04-20.csv."""
        day = timezone.localdate(self.created_at).isoformat()
        return f"{self.kind}-{day}.{self.file_format}"

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.stored_as
