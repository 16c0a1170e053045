"""What follows a win: delivery, satisfaction, and whether the value came (C7)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Timestamped, Versioned
from deals.models.deal import Deal
from deals.models.outcome import Outcome
from deals.querysets import OrderQuerySet, ValueCheckQuerySet
from deals.states import CheckState, OrderState


class Order(Versioned):
    """The order of a win; with the win undone it is withdrawn. `satisfaction` is 0–10, as the customer last said."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="orders")
    outcome = models.OneToOneField(Outcome, models.CASCADE, related_name="order")
    state = models.CharField(
        max_length=10, choices=OrderState, default=OrderState.CONFIRMED, editable=False
    )
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction, 0–10"), null=True, blank=True)
    issue = models.TextField(_("what the issue is"), blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "promised_on"], name="order_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=~models.Q(state=OrderState.WITHDRAWN),
                name="order_one_standing",
            ),
            models.CheckConstraint(
                name="order_satisfaction_range",
                condition=models.Q(satisfaction=None) | models.Q(satisfaction__lte=10),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.get_state_display()}"


class ValueCheck(Timestamped):
    """Some days after delivery: did the customer get what they bought it for?"""

    order = models.ForeignKey(Order, models.CASCADE, related_name="checks")
    after_days = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=CheckState, default=CheckState.DUE)
    done_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction, 0–10"), null=True, blank=True)
    words = models.TextField(_("in the customer’s words"), blank=True)

    objects = ValueCheckQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["due_on"], name="value_check_due", condition=models.Q(state=CheckState.DUE)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "after_days"], name="value_check_once"),
            models.CheckConstraint(
                name="value_check_done_at_iff_done",
                condition=models.Q(state=CheckState.DUE, done_at=None)
                | (~models.Q(state=CheckState.DUE) & models.Q(done_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order.deal} · {self.after_days}"
