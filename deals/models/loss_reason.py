"""Why deals are lost, and what then happens: each reason carries its playbook."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Timestamped, VersionedByContent
from deals.querysets import NOT_STATED as NOT_STATED
from deals.querysets import LossReasonQuerySet
from deals.states import Control

NO_ANSWER = "no-answer"  # the stop rule's own
OTHER = "other"


class LossReason(Timestamped, Archivable, VersionedByContent):
    """A reason and its playbook: days count from the closing, empty = not done. Rules go by `slug`, never by `name`."""

    slug = models.SlugField(max_length=60, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    category = models.CharField(_("category"), max_length=60, blank=True)
    control = models.CharField(_("who controls it"), max_length=10, choices=Control, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))
    needs_note = models.BooleanField(_("asks for a note"), default=False)
    is_system = models.BooleanField(default=False, editable=False)

    revisit_after_days = models.PositiveSmallIntegerField(
        _("call again after days"), null=True, blank=True
    )
    nurture_track = models.CharField(_("stay in touch on track"), max_length=100, blank=True)
    ask_referral_after_days = models.PositiveSmallIntegerField(
        _("ask for a referral after days"), null=True, blank=True
    )
    ask_buyer_after_days = models.PositiveSmallIntegerField(
        _("ask the buyer why after days"), null=True, blank=True
    )

    objects = LossReasonQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name
