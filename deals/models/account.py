"""Companies and the people in them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Sample, Timestamped, Versioned
from deals.querysets import AccountQuerySet, ContactQuerySet


class Account(Timestamped, Archivable, Versioned, Sample):
    """A company. `external_id` is its id in the system that it was imported from."""

    name = models.CharField(_("name"), max_length=300, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="accounts", verbose_name=_("owner")
    )
    industry = models.CharField(_("industry"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.CharField(_("website"), max_length=300, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    extra = models.JSONField(
        default=dict, blank=True
    )  # columns of an import that have no field here

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    """How a person likes to be reached (B4)."""

    CALL = "call", _("Phone")
    EMAIL = "email", _("E-mail")
    MEETING = "meeting", _("Meeting")


class Contact(Timestamped, Archivable, Versioned, Sample):
    """A person at an account. Times for this person are in `time_zone`; holidays are those of `country`."""

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("account"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="contacts", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=20, choices=Channel, default=Channel.EMAIL
    )
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    do_not_contact_why = models.CharField(_("why not"), max_length=300, blank=True)
    consent = models.CharField(_("basis for e-mail"), max_length=100, blank=True)
    consent_on = models.DateField(_("since"), null=True, blank=True)
    consent_source = models.CharField(_("where from"), max_length=200, blank=True)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    extra = models.JSONField(default=dict, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()
