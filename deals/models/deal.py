"""Deals, the people on them, and their way through the stages."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import (
    Archivable,
    KnownElsewhere,
    Sample,
    Searchable,
    Timestamped,
    Versioned,
    VersionedByContent,
    unique_external_id,
)
from deals.models.account import Account, Contact
from deals.models.catalogue import Product
from deals.models.stage import Stage
from deals.models.target_list import TargetList
from deals.querysets import DealQuerySet, StakeholderQuerySet
from deals.states import Answer, DealStatus, Role

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.functional import _StrPromise


def _answer(name: "_StrPromise") -> "models.CharField[str, str]":
    return models.CharField(name, max_length=10, choices=Answer, default=Answer.UNKNOWN)


# What lists are ordered by: each index is read either way, the rows of one status at a time, with its empty ones apart.
ORDERED_BY = (
    *("title", "amount", "expected_close_on", "opened_at", "closed_at", "entered_stage_at"),
    *("last_touch_at", "last_heard_at", "next_follow_up_at", "unanswered_touches"),
    *("closes_on", "updated_at"),
)


def _by(column: str) -> models.Index:
    return models.Index(fields=["status", column, "id"], name=f"deal_by_{column}")


class Deal(Searchable, Archivable, Versioned, Sample, KnownElsewhere):
    """One chance to sell. The columns under "derived" are kept by the actions alone."""

    FOLDED_FROM: ClassVar = frozenset({"title", "account", "contact"})

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
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deals",
        verbose_name=_("owner"),
        db_index=False,  # deal_of_owner serves
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
    # The file of suspects that it came from (C2).
    target_list = models.ForeignKey(
        TargetList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("target list"),
        db_index=False,  # deal_of_target_list serves
    )
    need = _answer(_("need"))
    authority = _answer(_("authority"))
    budget = _answer(_("budget"))
    timing = _answer(_("timing"))
    fit = _answer(_("fit"))
    second_chance_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="second_chances"
    )
    # The won deal that this one is repeat business of (C7).
    repeat_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="repeats",
        db_index=False,  # deal_repeat_of serves
    )
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
    confidence = models.PositiveSmallIntegerField(null=True, editable=False)  # as last stated, in %
    parked_until = models.DateTimeField(null=True, editable=False)  # midnight where the owner is
    parked_because = models.CharField(max_length=300, blank=True, editable=False)

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
            models.Index(
                fields=["stage", "next_follow_up_at", "id"],
                name="deal_open_by_next_step",
                condition=models.Q(status=DealStatus.OPEN, archived_at=None),
            ),
            models.Index(fields=["owner", "status", "-amount"], name="deal_of_owner"),
            models.Index(fields=["currency"], name="deal_in_currency"),
            *(_by(column) for column in ORDERED_BY),
            models.Index(
                fields=["parked_until"],
                name="deal_parked",
                condition=models.Q(parked_until__isnull=False),
            ),
            models.Index(
                fields=["target_list", "status", "stage"],
                name="deal_of_target_list",
                condition=models.Q(target_list__isnull=False),
            ),
            models.Index(
                fields=["repeat_of"],
                name="deal_repeat_of",
                condition=models.Q(repeat_of__isnull=False),
            ),
        ]
        constraints = [
            unique_external_id("deal"),
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
            models.CheckConstraint(
                name="deal_parked_iff_because",
                condition=models.Q(parked_until=None, parked_because="")
                | (models.Q(parked_until__isnull=False) & ~models.Q(parked_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def names(self) -> list[str]:
        """Title, company, person."""
        related = [one.name for one in (self.account, self.contact) if one]
        return [self.title, *related]

    @property
    def is_open(self) -> bool:
        return self.status == DealStatus.OPEN

    def is_parked(self, *, now: "dt.datetime") -> bool:
        """Set aside until a day that has not come; on that day it wakes by itself."""
        return self.is_open and self.parked_until is not None and self.parked_until > now

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

    # One index serves deal and at; nobody asks for the changes of a stage.
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stage_changes", db_index=False)
    from_stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, related_name="+", db_index=False
    )
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="entries", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["deal", "at"], name="stage_change_of_deal")]

    def __str__(self) -> str:
        return f"{self.deal} → {self.to_stage}"


class Stakeholder(Timestamped, VersionedByContent):
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
