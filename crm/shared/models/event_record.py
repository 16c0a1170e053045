"""What happened, caused by what, and its place in the feed."""

from django.conf import settings
from django.db import models

from crm.shared.querysets import EventRecordQuerySet


class EventRecord(models.Model):
    """One event as a row: only ever added. `position` is given when it is taken up into the feed."""

    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    deal_id = models.BigIntegerField(null=True)  # a plain number: the ground names nobody above
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    cause = models.ForeignKey("self", models.CASCADE, null=True, related_name="consequences")
    position = models.BigIntegerField(null=True, unique=True)

    objects = EventRecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["deal_id", "-at", "-id"], name="event_of_deal"),
            models.Index(
                fields=["id"], name="event_not_in_feed", condition=models.Q(position=None)
            ),
            models.Index(
                fields=["subject_id", "subject_kind"],
                name="event_of_no_deal",
                condition=models.Q(deal_id=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.at:%Y-%m-%d %H:%M}"


class FeedHead(models.Model):
    """One row: the last position given. Whoever locks it gives the next ones, so none becomes visible late."""

    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
