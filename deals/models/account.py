"""Companies and the people in them."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.folding import phone_digits
from crm.shared.models import (
    Archivable,
    EventRecord,
    Keyed,
    KnownElsewhere,
    Sample,
    Versioned,
    unique_external_id,
)
from deals.querysets import AccountQuerySet, ContactQuerySet, MergeQuerySet


class Account(Keyed, Archivable, Versioned, Sample, KnownElsewhere):
    """A company."""

    FOLDED_FROM: ClassVar = frozenset({"name", "website"})

    name = models.CharField(_("name"), max_length=300, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="accounts", verbose_name=_("owner")
    )
    industry = models.CharField(_("industry"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.CharField(_("website"), max_length=300, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    extra = models.JSONField(
        default=dict, blank=True
    )  # columns of an import that have no field here

    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="merged"
    )

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name_key"], name="account_by_key"),
            # what segments and filters ask for
            models.Index(fields=["country", "industry", "employees"], name="account_by_country"),
            models.Index(fields=["industry", "employees"], name="account_by_industry"),
            models.Index(fields=["employees"], name="account_by_employees"),
        ]
        constraints = [unique_external_id("account")]

    def __str__(self) -> str:
        return self.name

    def names(self) -> list[str]:
        return [self.name, self.website]


class Channel(models.TextChoices):
    """How a person likes to be reached (B4)."""

    CALL = "call", _("Phone")
    EMAIL = "email", _("E-mail")
    MEETING = "meeting", _("Meeting")


class Merge(models.Model):
    """A company or a person went into another of its kind; `before` are the fields of the one that stayed."""

    UNDO_HOURS: ClassVar = 24

    kind = models.CharField(max_length=10)  # account or contact
    kept_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    before = models.JSONField(default=dict)
    event = models.ForeignKey(EventRecord, models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "kept_id"], name="merge_of_kept")]

    def __str__(self) -> str:
        return f"{self.kind} {self.gone_id} → {self.kept_id}"

    @property
    def undo_ends_at(self) -> dt.datetime:
        return self.at + dt.timedelta(hours=self.UNDO_HOURS)


class NoContact(models.TextChoices):
    """What a person does not want: all of it, or one channel."""

    ALL = "all", _("anything")
    EMAIL = "email", _("e-mail")
    CALL = "call", _("calls")
    MEETING = "meeting", _("visits")


class Contact(Keyed, Archivable, Versioned, Sample, KnownElsewhere):
    """A person at an account. Times for this person are in `time_zone`; holidays are those of `country`."""

    FOLDED_FROM: ClassVar = frozenset({"name", "email", "phone", "account"})

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
    do_not_contact_scope = models.CharField(
        _("does not want"), max_length=10, choices=NoContact, default=NoContact.ALL
    )
    do_not_contact_since = models.DateField(_("asked on"), null=True, blank=True)
    consent = models.CharField(_("basis for e-mail"), max_length=100, blank=True)
    consent_on = models.DateField(_("since"), null=True, blank=True)
    consent_source = models.CharField(_("where from"), max_length=200, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    erased_at = models.DateTimeField(null=True, editable=False)  # nothing personal is left then

    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="merged"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name_key"], name="contact_by_key"),
            models.Index(fields=["name", "id"], name="contact_by_name"),
        ]
        constraints = [
            unique_external_id("contact"),
            models.CheckConstraint(
                name="contact_erased_is_nobody",
                condition=models.Q(erased_at=None)
                | models.Q(archived_at__isnull=False, email="", phone="", do_not_contact=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def names(self) -> list[str]:
        """Name, e-mail, phone as it is written and in one piece, company."""
        company = self.account.name if self.account else ""
        return [self.name, self.email, self.phone, phone_digits(self.phone), company]

    def refuses(self, channel: str) -> bool:
        """Whether they do not want to be reached this way; `NoContact.ALL`: in no way."""
        return self.do_not_contact and self.do_not_contact_scope in {NoContact.ALL, channel}

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()
