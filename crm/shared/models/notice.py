"""A line for a person's bell."""

from django.conf import settings
from django.db import models

from crm.shared.models.event_record import EventRecord
from crm.shared.querysets import NoticeQuerySet


class Notice(models.Model):
    """What happened, for one person or, with `user` empty, for everybody."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices"
    )
    event = models.ForeignKey(EventRecord, models.CASCADE, related_name="notices")
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200, blank=True)  # where it leads, from the site's root
    at = models.DateTimeField()

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="notice_of_user")]

    def __str__(self) -> str:
        return self.text
