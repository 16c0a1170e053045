"""The file of suspects, and the segments that its criteria give (C2)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.shared.models import Archivable, Sample, Timestamped, Versioned, VersionedByContent
from deals.models.account import Account
from deals.querysets import SegmentQuerySet, TargetListQuerySet


class TargetList(Archivable, Versioned, Sample):
    """Accounts that somebody means to approach. `criteria` says in words who belongs on it, `source` where they are from."""

    name = models.CharField(_("name"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="target_lists",
        verbose_name=_("owner"),
    )
    criteria = models.CharField(_("who belongs on it"), max_length=500, blank=True)
    source = models.CharField(_("where it is from"), max_length=200, blank=True)

    objects = TargetListQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("target list")

    def __str__(self) -> str:
        return self.name


class Suspect(models.Model):
    """An account on a target list, once."""

    # One index serves the list and its accounts.
    target_list = models.ForeignKey(
        TargetList, models.CASCADE, related_name="suspects", db_index=False
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="suspect_on")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["target_list", "account"], name="suspect_once_a_list")
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.target_list}"


class Segment(Timestamped, Archivable, Sample, VersionedByContent):
    """Accounts that fit all of its criteria; an empty one asks for nothing. Without any, only those put in by hand."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    countries = models.JSONField(_("countries"), default=list, blank=True)
    industries = models.JSONField(_("industries"), default=list, blank=True)
    employees_from = models.PositiveIntegerField(_("employees from"), null=True, blank=True)
    employees_to = models.PositiveIntegerField(_("employees to"), null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="segment_employees_in_order",
                condition=Q(employees_from=None)
                | Q(employees_to=None)
                | Q(employees_from__lte=models.F("employees_to")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def condition(self) -> Q | None:
        """The criteria, as a condition on accounts; None where there are none."""
        wanted = {
            "country__in": self.countries or None,
            "industry__in": self.industries or None,
            "employees__gte": self.employees_from,
            "employees__lte": self.employees_to,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return Q(**given) if given else None


class SegmentPin(models.Model):
    """An account that somebody put into a segment by hand: it belongs there whatever the criteria say."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="pins", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="pins")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "account"], name="pin_once_a_segment")
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.segment}"
