"""When a lead is dead, and who kept one open."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Versioned
from deals.models import Deal, Stage
from followups.querysets import KeptOpenQuerySet, StopRuleQuerySet
from followups.states import Channel


class StopRule(Versioned):
    """So many tries or days of silence, whichever comes first, then days of grace (B6): of a stage, or of one deal."""

    stage = models.OneToOneField(
        Stage,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="stop_rule",
        verbose_name=_("stage"),
    )
    deal = models.OneToOneField(
        Deal,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="stop_rule",
        verbose_name=_("deal"),
    )
    max_unanswered = models.PositiveSmallIntegerField(_("tries without an answer"))
    max_silent_days = models.PositiveSmallIntegerField(_("days of silence"))
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=7)

    objects = StopRuleQuerySet.as_manager()

    class Meta:
        ordering = ["stage__position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="stop_rule_of_stage_or_deal",
                condition=models.Q(stage=None, deal__isnull=False)
                | models.Q(stage__isnull=False, deal=None),
            ),
            models.CheckConstraint(
                name="stop_rule_leaves_a_try_and_a_day",
                condition=models.Q(max_unanswered__gte=1, max_silent_days__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.max_unanswered} / {self.max_silent_days}"


class KeptOpen(models.Model):
    """Somebody kept a deal open whose stop rule was met, up to and including `until`, with a next step (E5)."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="kept_open")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateField()
    what = models.CharField(_("what"), max_length=300)
    due_at = models.DateTimeField(_("when"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)

    objects = KeptOpenQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.deal} · {self.until}"
