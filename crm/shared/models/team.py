"""Teams as a tree, and who belongs to which."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.models.base import Sample, Timestamped, VersionedByContent
from crm.shared.querysets import TeamQuerySet


class Team(Timestamped, Sample, VersionedByContent):
    """A node of the tree. `path` holds the ids from the root, as "/1/4/", so a subtree is one prefix."""

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=500, blank=True, editable=False, db_index=True)
    review_threshold = models.DecimalField(
        _("review every deal from this amount"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name


class Membership(Timestamped):
    """One person in one team."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")

    class Meta:
        ordering = ["team__path", "user__name"]
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"
