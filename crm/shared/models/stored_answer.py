"""First answers, kept so that a repeated request gets the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from crm.shared.querysets import OwnRows

if TYPE_CHECKING:
    import datetime as dt


class StoredAnswerQuerySet(OwnRows["StoredAnswer"]):
    def older_than(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__lt=moment)


class StoredAnswer(models.Model):
    """The answer to one Idempotency-Key of one person. `request` is method and path, `body_hash` SHA-256.

    Written in the transaction of the work that it answers, so both are there or neither: a request that dies leaves no
    key behind, and nobody else ever sees a row whose `status` is still empty.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="stored_answers"
    )
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=500)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="stored_answer_once_per_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="stored_answer_age")]

    def __str__(self) -> str:
        return f"{self.key} · {self.request}"
