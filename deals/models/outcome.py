"""What became of a deal: one row for each closing, kept when it is undone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Timestamped
from deals.models.catalogue import Competitor
from deals.models.deal import Deal
from deals.models.loss_reason import LossReason
from deals.models.stage import Stage
from deals.querysets import OutcomeQuerySet
from deals.states import Competition, Control, DealStatus, Disqualification


class Outcome(Timestamped):
    """A closing with what was true then. `base_amount` and `commission` are in the organisation's currency.

    `at` may lie in the past; `created_at` is when it was recorded, from which the time to undo counts.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="outcomes")
    kind = models.CharField(
        max_length=20, choices=[(s.value, s.label) for s in DealStatus if s != DealStatus.OPEN]
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    automatic = models.BooleanField(default=False)
    historical = models.BooleanField(default=False)  # came in by import

    # An index with the time of closing serves each of stage, reason and competitor.
    # The stage it was in; unknown only for a closing of the past.
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="outcomes")
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    base_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    commission = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    touches = models.PositiveIntegerField(default=0)

    reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, related_name="outcomes", db_index=False
    )
    control = models.CharField(
        max_length=10, choices=Control, blank=True
    )  # the reason's, or set for this one loss
    competitor = models.ForeignKey(
        Competitor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcomes",
        db_index=False,
    )
    no_competitor = models.BooleanField(
        default=False, db_default=False
    )  # nobody else was considered; without a name and without this, it is not known
    disqualified_as = models.CharField(max_length=20, choices=Disqualification, blank=True)
    won_because = models.JSONField(default=list)
    buyer_words = models.TextField(_("in the buyer’s words"), blank=True)
    note = models.TextField(_("note"), blank=True)
    reflection = models.JSONField(default=dict)

    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["reason", "at"], name="outcome_by_reason"),
            models.Index(fields=["competitor", "at"], name="outcome_by_competitor"),
            models.Index(fields=["stage", "at"], name="outcome_by_stage"),
            models.Index(
                fields=["kind", "at"],
                name="outcome_by_kind",
                condition=models.Q(undone_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "kind", "at"],
                name="outcome_of_owner",
                condition=models.Q(undone_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(undone_at=None), name="outcome_one_standing"
            ),
            models.CheckConstraint(
                name="outcome_lost_iff_reason",
                condition=models.Q(kind=DealStatus.LOST, reason__isnull=False)
                | (~models.Q(kind=DealStatus.LOST) & models.Q(reason=None)),
            ),
            models.CheckConstraint(
                name="outcome_competitor_or_none",
                condition=models.Q(no_competitor=False) | models.Q(competitor=None),
            ),
            models.CheckConstraint(
                name="outcome_disqualified_iff_why",
                condition=(models.Q(kind=DealStatus.DISQUALIFIED) & ~models.Q(disqualified_as=""))
                | (~models.Q(kind=DealStatus.DISQUALIFIED) & models.Q(disqualified_as="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.get_kind_display()}"

    @property
    def competition(self) -> Competition:
        """Somebody named, nobody, or not known."""
        if self.competitor_id is not None:
            return Competition.NAMED
        return Competition.NONE if self.no_competitor else Competition.UNKNOWN


class OtherReason(models.Model):
    """A further reason of a loss, in order."""

    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="other_reasons")
    reason = models.ForeignKey(LossReason, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "reason"], name="other_reason_once")
        ]

    def __str__(self) -> str:
        return str(self.reason)
