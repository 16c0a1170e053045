"""The buyer's word: an invitation to give it, and the one answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import OutgoingMail, Timestamped
from deals.models import Contact, Deal, LossReason, Outcome
from reviews.querysets import BuyerFeedbackQuerySet, FeedbackInvitationQuerySet
from reviews.states import Factor, InvitationState, Withdrawal

UNUSED = (InvitationState.PLANNED, InvitationState.WITHDRAWN)


class FeedbackInvitation(Timestamped):
    """One question to one buyer about one closing (A3). Of each link only the SHA-256 of its token is kept."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="feedback_invitations")
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="feedback_invitations")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="feedback_invitations")
    state = models.CharField(
        max_length=10, choices=InvitationState, default=InvitationState.PLANNED
    )
    due_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  (unique when known)
    reminder_token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001
    mail = models.ForeignKey(OutgoingMail, models.SET_NULL, null=True, related_name="+")
    reminder_mail = models.ForeignKey(OutgoingMail, models.SET_NULL, null=True, related_name="+")
    withdrawn_because = models.CharField(max_length=10, choices=Withdrawal, blank=True)

    objects = FeedbackInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="invitation_due",
                condition=models.Q(state=InvitationState.PLANNED),
            ),
            models.Index(
                fields=["invited_at"],
                name="invitation_to_remind",
                condition=models.Q(state=InvitationState.INVITED),
            ),
            models.Index(
                fields=["expires_at"],
                name="invitation_running",
                condition=models.Q(state__in=[InvitationState.INVITED, InvitationState.REMINDED]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"],
                condition=~models.Q(state=InvitationState.WITHDRAWN),
                name="invitation_one_of_a_closing",
            ),
            models.CheckConstraint(
                name="invitation_token_iff_invited",
                condition=models.Q(
                    state__in=UNUSED, invited_at=None, expires_at=None, token_hash=None
                )
                | (
                    ~models.Q(state=InvitationState.PLANNED)
                    & models.Q(
                        invited_at__isnull=False, expires_at__isnull=False, token_hash__isnull=False
                    )
                ),
            ),
            models.CheckConstraint(
                name="invitation_reminder_token_iff_reminded",
                condition=models.Q(reminded_at=None, reminder_token_hash=None)
                | models.Q(reminded_at__isnull=False, reminder_token_hash__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_withdrawn_iff_why",
                condition=(
                    models.Q(state=InvitationState.WITHDRAWN) & ~models.Q(withdrawn_because="")
                )
                | (~models.Q(state=InvitationState.WITHDRAWN) & models.Q(withdrawn_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.get_state_display()}"


class BuyerFeedback(Timestamped):
    """What the buyer told us; every answer may be left out. `contact` is empty unless they let us show their name.

    Reason and factors come from the lists that our own side chooses from, so that the two can be laid side by side (F3).
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="buyer_feedback")
    invitation = models.OneToOneField(FeedbackInvitation, models.CASCADE, related_name="feedback")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.ForeignKey(
        LossReason,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("what mattered most"),
    )
    factors = models.JSONField(_("what else weighed in"), default=list)
    value_statement = models.TextField(_("the value of what they chose"), blank=True)
    words = models.TextField(_("what we should have done differently"), blank=True)
    show_name = models.BooleanField(_("may be seen with their name"), default=False)
    may_contact = models.BooleanField(_("may be contacted again"), default=False)
    contact_again_on = models.DateField(_("contact again"), null=True)
    can_help = models.TextField(_("somebody else we could help"), blank=True)
    read_at = models.DateTimeField(null=True)

    objects = BuyerFeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"], name="feedback_unread", condition=models.Q(read_at=None))
        ]
        constraints = [
            models.CheckConstraint(
                name="feedback_nameless_unless_shown",
                condition=models.Q(show_name=True) | models.Q(contact=None),
            ),
            models.CheckConstraint(
                name="feedback_contact_again_only_if_wanted",
                condition=models.Q(may_contact=True) | models.Q(contact_again_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} · {self.at:%Y-%m-%d}"

    @property
    def factor_names(self) -> list[str]:
        return [str(Factor(code).label) for code in self.factors if code in Factor.values]
