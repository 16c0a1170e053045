"""How often and by which channel, as agreed with the buyer, and what is due when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Versioned
from deals.models import Contact, Deal, Outcome
from followups.models.touch import Touch
from followups.querysets import FollowUpQuerySet, PlanQuerySet
from followups.states import Channel, FollowUpState, Purpose


class Plan(Versioned):
    """The interval in days and the channel for one deal (B3, B4); a deal without a row goes by its stage."""

    deal = models.OneToOneField(Deal, models.CASCADE, related_name="plan", verbose_name=_("deal"))
    interval_days = models.PositiveSmallIntegerField(_("every … days"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("agreed with"),
    )
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(interval_days__gte=1), name="plan_interval_at_least_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.interval_days}"

    @property
    def is_agreed(self) -> bool:
        """Agreed with the buyer, not only set by us or by the stage."""
        return self.agreed_on is not None


class FollowUp(Versioned):
    """Something to do for a deal at `due_at` (UTC). `is_agreed`: this very date was agreed with the buyer.

    `outcome` planned it and `cancelled_by` cancelled it: by both an undone closing finds what is to be withdrawn or restored.
    """

    deal = models.ForeignKey(
        Deal,
        models.CASCADE,
        related_name="follow_ups",
        verbose_name=_("deal"),
        db_index=False,  # follow_up_of_deal serves
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("contact"),
    )
    due_at = models.DateTimeField(_("due"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.CLOSE)
    state = models.CharField(
        max_length=10, choices=FollowUpState, default=FollowUpState.DUE, editable=False
    )
    what = models.CharField(_("what"), max_length=300, blank=True)
    is_agreed = models.BooleanField(_("agreed with the buyer"), default=False)
    outcome = models.ForeignKey(
        Outcome, models.CASCADE, null=True, related_name="+", editable=False
    )
    cancelled_by = models.ForeignKey(
        Outcome, models.SET_NULL, null=True, related_name="+", editable=False
    )
    done_by = models.ForeignKey(
        Touch, models.SET_NULL, null=True, related_name="answers", editable=False
    )
    done_at = models.DateTimeField(null=True, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_at"], name="follow_up_due", condition=models.Q(state=FollowUpState.DUE)
            ),
            models.Index(fields=["deal", "state"], name="follow_up_of_deal"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=models.Q(state=FollowUpState.DUE, purpose=Purpose.CLOSE),
                name="follow_up_one_next_step",
            ),
            models.CheckConstraint(
                name="follow_up_done_at_iff_done",
                condition=models.Q(
                    state__in=[FollowUpState.DONE, FollowUpState.SKIPPED], done_at__isnull=False
                )
                | models.Q(state__in=[FollowUpState.DUE, FollowUpState.CANCELLED], done_at=None),
            ),
            models.CheckConstraint(
                name="follow_up_cancelled_by_only_cancelled",
                condition=models.Q(cancelled_by=None) | models.Q(state=FollowUpState.CANCELLED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.due_at:%Y-%m-%d}"

    @property
    def is_fixed(self) -> bool:
        """A date of its own, agreed or promised, which an earlier touch leaves standing."""
        return self.is_agreed or bool(self.what)
