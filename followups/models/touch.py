"""What went to the buyer and what came from them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import KnownElsewhere, unique_external_id
from deals.models import Contact, Deal
from followups.querysets import TouchQuerySet
from followups.states import Channel, Direction, Result, Signal


class Touch(KnownElsewhere):
    """One call, e-mail, meeting …, by us or by the buyer. Written once, never changed.

    `at` may lie in the past. `commitment` is what the buyer committed to, in words: a date, a budget, a colleague, a pilot.
    """

    # Without indexes of their own: deal and by each begin one below.
    deal = models.ForeignKey(
        Deal,
        models.CASCADE,
        related_name="touches",
        verbose_name=_("deal"),
        db_index=False,
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="touches",
        verbose_name=_("contact"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="touches",
        db_index=False,
    )
    at = models.DateTimeField(_("when"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    direction = models.CharField(
        _("direction"), max_length=3, choices=Direction, default=Direction.OUT
    )
    result = models.CharField(_("result"), max_length=20, choices=Result)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    resource = models.CharField(_("resource given"), max_length=300, blank=True)
    signal = models.CharField(_("signal"), max_length=20, choices=Signal, blank=True)
    commitment = models.CharField(_("what the buyer committed to"), max_length=300, blank=True)
    extra = models.JSONField(default=dict, blank=True)  # columns of an import without a field here
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TouchQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "touches"
        indexes = [
            models.Index(fields=["deal", "at"], name="touch_of_deal"),
            models.Index(fields=["by", "at"], name="touch_by_person"),
            models.Index(fields=["at", "channel"], name="touch_by_time"),
        ]
        constraints = [unique_external_id("touch")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_result_display()}"
