"""The question whom else we could help."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Versioned
from deals.models import Contact, Deal, Outcome
from referrals.querysets import ReferralAskQuerySet
from referrals.states import AskState, Origin

ANSWERED = (AskState.GIVEN, AskState.DECLINED)


class ReferralAsk(Versioned):
    """Ask this person for a referral: due on a working day of theirs, until it is asked or waived (A6).

    `contact` is empty where nobody may be asked yet. `letter` is what was sent.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="referral_asks")
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="referral_asks")
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="referral_asks", verbose_name=_("whom")
    )
    origin = models.CharField(max_length=10, choices=Origin)
    due_on = models.DateField(_("due"))
    state = models.CharField(max_length=10, choices=AskState, default=AskState.DUE)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    why_waived = models.CharField(_("why not"), max_length=300, blank=True)
    letter = models.TextField(_("letter"), blank=True)

    objects = ReferralAskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], name="ask_due", condition=models.Q(state=AskState.DUE))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "origin"],
                condition=models.Q(state=AskState.DUE),
                name="ask_one_due_of_a_closing",
            ),
            models.CheckConstraint(
                name="ask_asked_at_once_asked",
                condition=~models.Q(state__in=[AskState.ASKED, *ANSWERED])
                | models.Q(asked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ask_answered_at_iff_answered",
                condition=models.Q(state__in=ANSWERED, answered_at__isnull=False)
                | (~models.Q(state__in=ANSWERED) & models.Q(answered_at=None)),
            ),
            models.CheckConstraint(
                name="ask_waived_iff_why",
                condition=(models.Q(state=AskState.WAIVED) & ~models.Q(why_waived=""))
                | (~models.Q(state=AskState.WAIVED) & models.Q(why_waived="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.get_state_display()}"
