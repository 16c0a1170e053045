"""What was offered, what the buyer said to it, and what the owner believed meanwhile."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Versioned
from deals.models.deal import Deal
from deals.querysets import ConfidenceQuerySet, ProposalQuerySet
from deals.states import ProposalState


class Proposal(Versioned):
    """An offer to a buyer and its answer. `words` are the buyer's.

    `objections` is a list of {"objection", "reply", "is_settled"}: theirs, ours, and whether that settled it.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="proposals", db_index=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    sent_on = models.DateField(_("sent on"))
    amount = models.DecimalField(
        _("amount"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    offer = models.TextField(_("what it offers, in short"), blank=True)
    state = models.CharField(
        max_length=10, choices=ProposalState, default=ProposalState.SENT, editable=False
    )
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    words = models.TextField(_("in the buyer’s words"), blank=True)
    objections = models.JSONField(default=list, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_on", "-pk"]
        indexes = [
            models.Index(fields=["deal", "-sent_on"], name="proposal_of_deal"),
            models.Index(fields=["state", "sent_on"], name="proposal_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="proposal_answered_on_iff_answered",
                condition=models.Q(
                    state__in=[ProposalState.SENT, ProposalState.WITHDRAWN], answered_on=None
                )
                | models.Q(
                    state__in=[ProposalState.ACCEPTED, ProposalState.DECLINED],
                    answered_on__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.sent_on}"

    @property
    def is_open(self) -> bool:
        """Waits for the buyer."""
        return self.state == ProposalState.SENT

    @property
    def unsettled(self) -> int:
        """How many objections stand."""
        return sum(not one["is_settled"] for one in self.objections)


class ConfidenceStated(models.Model):
    """How sure the owner was, 0–100 %, kept each time it is stated: hope to be compared with what came of it."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="confidences", db_index=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    percent = models.PositiveSmallIntegerField(_("confidence, %"))
    at = models.DateTimeField()

    objects = ConfidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["deal", "-at"], name="confidence_of_deal")]
        constraints = [
            models.CheckConstraint(name="confidence_percent", condition=models.Q(percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.percent} %"
