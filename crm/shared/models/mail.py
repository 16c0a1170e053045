"""Mail that waits to go out, and addresses that want none."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models.base import Timestamped
from crm.shared.querysets import OutgoingMailQuerySet, SuppressionQuerySet
from crm.shared.states import HELD, LIVE, Audience, MailState, Scope


class OutgoingMail(models.Model):
    """One message to one address, rendered once; created twice under one `key` it is still one.

    `user` is the reader of a rep's mail, and answers for a buyer's. `dated_at` becomes the Date header at
    the first attempt and stays, so that a repeat is the same bytes. `sent_at` is when it went, or, when
    uncertain, may have gone. `message` is emptied once it can no longer be sent.
    """

    key = models.CharField(max_length=200, unique=True)
    audience = models.CharField(max_length=10, choices=Audience)
    scope = models.CharField(max_length=20, choices=Scope, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="mails"
    )
    contact_id = models.BigIntegerField(null=True)  # plain numbers: the ground names nobody above
    deal_id = models.BigIntegerField(null=True)

    to_address = models.CharField(max_length=320)
    normal_address = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    message = models.BinaryField(default=bytes)
    message_id = models.CharField(max_length=200, unique=True)
    time_zone = models.CharField(max_length=64, blank=True)
    country = models.CharField(max_length=2, blank=True)

    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MailState, default=MailState.SCHEDULED)
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dated_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="mail_waiting",
                condition=models.Q(state__in=sorted(LIVE)),
            ),
            models.Index(
                fields=["contact_id"], name="mail_of_contact", condition=~models.Q(contact_id=None)
            ),
            models.Index(
                fields=["deal_id"], name="mail_of_deal", condition=~models.Q(deal_id=None)
            ),
            models.Index(
                fields=["normal_address"],
                name="mail_waiting_for_address",
                condition=models.Q(state__in=sorted(LIVE)),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_held_iff_claimed",
                condition=models.Q(
                    state__in=sorted(HELD), claim_token__isnull=False, lease_until__isnull=False
                )
                | (
                    ~models.Q(state__in=sorted(HELD))
                    & models.Q(claim_token__isnull=True, lease_until__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="mail_sent_at_iff_gone",
                condition=models.Q(
                    state__in=[MailState.SENT, MailState.UNCERTAIN], sent_at__isnull=False
                )
                | (
                    ~models.Q(state__in=[MailState.SENT, MailState.UNCERTAIN])
                    & models.Q(sent_at__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="mail_to_buyer_names_contact",
                condition=models.Q(audience=Audience.REP) | models.Q(contact_id__isnull=False),
            ),
            models.UniqueConstraint(
                name="mail_one_in_hand_per_contact",
                fields=["contact_id"],
                condition=models.Q(audience=Audience.BUYER, state__in=sorted(HELD)),
            ),
            models.CheckConstraint(
                name="mail_only_buyers_are_uncertain",
                condition=~models.Q(state=MailState.UNCERTAIN) | models.Q(audience=Audience.BUYER),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_address}"


class Suppression(Timestamped):
    """No mail of this scope goes to this address, whoever asks (rule 8)."""

    address = models.CharField(_("address"), max_length=320)  # as `normal_address` of a mail
    scope = models.CharField(_("covers"), max_length=20, choices=Scope, default=Scope.ALL)
    why = models.CharField(_("why"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["address", "scope"]
        constraints = [
            models.UniqueConstraint(fields=["address", "scope"], name="suppression_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_scope_display()})"


class MailLane(models.Model):
    """One of the few passes over the mail that may run at once; closed while one does, or rests."""

    closed_until = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.pk}"
