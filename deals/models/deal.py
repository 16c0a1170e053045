"""Deals, the people on them, and their way through the stages."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Sample, Timestamped, Versioned
from deals.models.account import Account, Contact
from deals.models.catalogue import Product
from deals.models.stage import Stage
from deals.querysets import DealQuerySet, StakeholderQuerySet
from deals.states import Answer, DealStatus, Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _answer(name: "_StrPromise") -> "models.CharField[str, str]":
    return models.CharField(name, max_length=10, choices=Answer, default=Answer.UNKNOWN)


class Deal(Timestamped, Archivable, Versioned, Sample):
    """One chance to sell. The columns under "derived" are kept by the actions alone."""

    title = models.CharField(_("title"), max_length=300)
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("contact"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deals", verbose_name=_("owner")
    )
    collaborators = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="shared_deals",
        verbose_name=_("shared with"),
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("stage"))
    amount = models.DecimalField(
        _("amount"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    expected_close_on = models.DateField(_("expected close"), null=True, blank=True)
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("product"),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    need = _answer(_("need"))
    authority = _answer(_("authority"))
    budget = _answer(_("budget"))
    timing = _answer(_("timing"))
    fit = _answer(_("fit"))
    second_chance_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="second_chances"
    )
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    extra = models.JSONField(default=dict, blank=True)

    # derived
    status = models.CharField(
        max_length=20, choices=DealStatus, default=DealStatus.OPEN, editable=False
    )
    outcome = models.ForeignKey(
        "deals.Outcome", models.PROTECT, null=True, editable=False, related_name="current_of"
    )
    closed_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField(editable=False)
    entered_stage_at = models.DateTimeField(editable=False)
    first_outgoing_at = models.DateTimeField(null=True, editable=False)
    last_touch_at = models.DateTimeField(null=True, editable=False)
    last_heard_at = models.DateTimeField(null=True, editable=False)
    silent_since = models.DateTimeField(null=True, editable=False)
    unanswered_touches = models.PositiveIntegerField(default=0, editable=False)
    touch_count = models.PositiveIntegerField(default=0, editable=False)
    agreed_until = models.DateTimeField(null=True, editable=False)
    next_follow_up_at = models.DateTimeField(null=True, editable=False)
    closes_on = models.DateField(null=True, editable=False)

    objects = DealQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["status", "stage", "silent_since"], name="deal_silent_in_stage"),
            models.Index(
                fields=["status", "stage", "unanswered_touches"], name="deal_unanswered_in_stage"
            ),
            models.Index(
                fields=["status", "stage", "entered_stage_at"], name="deal_in_stage_since"
            ),
            models.Index(fields=["owner", "status", "-amount"], name="deal_of_owner"),
            models.Index(fields=["status", "-amount"], name="deal_by_amount"),
            models.Index(fields=["status", "-closed_at"], name="deal_by_closing"),
            models.Index(fields=["status", "expected_close_on"], name="deal_by_expected_close"),
            models.Index(fields=["next_follow_up_at"], name="deal_next_follow_up"),
            models.Index(
                fields=["closes_on"],
                name="deal_at_risk",
                condition=models.Q(closes_on__isnull=False),
            ),
            models.Index(fields=["title"], name="deal_by_title"),
        ]
        constraints = [
            models.CheckConstraint(
                name="deal_closed_iff_outcome",
                condition=models.Q(status=DealStatus.OPEN, closed_at=None, outcome=None)
                | (
                    ~models.Q(status=DealStatus.OPEN)
                    & models.Q(closed_at__isnull=False, outcome__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="deal_closes_on_only_open",
                condition=models.Q(closes_on=None) | models.Q(status=DealStatus.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == DealStatus.OPEN

    @property
    def name(self) -> str:
        """How the deal is called in a list: its account and its title."""
        return (
            f"{self.account} · {self.title}"
            if self.account and self.account.name != self.title
            else self.title
        )


class StageChange(models.Model):
    """The deal entered a stage. Written once, never changed."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stage_changes")
    from_stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["deal", "at"], name="stage_change_of_deal")]

    def __str__(self) -> str:
        return f"{self.deal} → {self.to_stage}"


class Stakeholder(Timestamped):
    """A person on a deal: role, stance −2 (against) … +2 (for us), in or outside the room, met or not (D5)."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stakeholders")
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="stakes", verbose_name=_("contact")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    stance = models.SmallIntegerField(_("stance"), default=0)
    in_the_room = models.BooleanField(_("in the room"), default=True)
    met = models.BooleanField(_("met"), default=False)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "contact"], name="stakeholder_once"),
            models.CheckConstraint(
                name="stakeholder_stance_range", condition=models.Q(stance__gte=-2, stance__lte=2)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.get_role_display()}"
