"""The same done to many deals as a job that can be watched, left, resumed and undone; and what became of each deal."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Leased
from deals.models.deal import Deal
from deals.models.outcome import Outcome
from deals.querysets import BulkJobQuerySet
from deals.states import BulkVerb, JobState


class BulkJob(Leased):
    """`query` asks the filters for the deals, in the order of their ids up to `up_to`; those up to `position` are done."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulk_jobs", editable=False
    )
    what = models.CharField(_("what"), max_length=20, choices=BulkVerb)
    values = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    undoes = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="undone_by", editable=False
    )
    state = models.CharField(max_length=20, choices=JobState, default=JobState.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0)
    up_to = models.PositiveBigIntegerField(default=0)
    why_failed = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="bulk_job_to_run",
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {self.total}"

    def get_absolute_url(self) -> str:
        return reverse("deals:bulk-job", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}

    @property
    def percent(self) -> int:
        return 100 * (self.done + self.refused) // self.total if self.total else 100

    @property
    def is_closing(self) -> bool:
        return self.what in {BulkVerb.LOSE, BulkVerb.DISQUALIFY}


class BulkRow(models.Model):
    """What became of one deal: the closing that was written, or why it was refused."""

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="rows", db_index=False)
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="+", db_index=False)
    outcome = models.ForeignKey(
        Outcome, models.CASCADE, null=True, related_name="+", db_index=False
    )
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["deal"]
        constraints = [
            models.UniqueConstraint(fields=["job", "deal"], name="bulk_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.why or 'done'}"
