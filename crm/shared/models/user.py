"""People who sign in, by e-mail."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.shared.models.base import Sample, Timestamped, VersionedByContent
from crm.shared.models.team import Membership
from crm.shared.querysets import UserQuerySet
from crm.shared.roles import Role

MONDAY_TO_FRIDAY = [0, 1, 2, 3, 4]


def monday_to_friday() -> list[int]:
    return list(MONDAY_TO_FRIDAY)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; the address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields = {
            "role": Role.ADMIN,
            "is_staff": True,
            "is_superuser": True,
            "name": email,
        } | fields
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        found: User = self.get(email__iexact=username)
        return found


class User(AbstractBaseUser, PermissionsMixin, Timestamped, Sample, VersionedByContent):
    """A person at work. `working_days` are weekdays, Monday = 0; times of day are in `time_zone`."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.REP)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may open the operator's pages"), default=False)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    country = models.CharField(_("country"), max_length=2, blank=True)
    working_days = models.JSONField(_("working days"), default=monday_to_friday)
    theme = models.CharField(
        _("theme"), max_length=10, blank=True, choices=[("light", _("Light")), ("dark", _("Dark"))]
    )
    wants_morning_mail = models.BooleanField(_("morning mail"), default=True)
    commission_percent = models.DecimalField(
        _("commission, % of a won deal"), max_digits=5, decimal_places=2, null=True, blank=True
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    UNVERSIONED: ClassVar = frozenset({"password", "last_login"})  # signing in changes no fact
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name", "id"], name="user_by_name")]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_case_insensitive")]

    def __str__(self) -> str:
        return self.name or self.email

    def facts(self) -> list[Any]:
        """The teams are edited with the person."""
        teams = self.memberships.order_by("team_id").values_list("team_id", flat=True)
        return [*super().facts(), list(teams)]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()

    @cached_property
    def visible_owner_ids(self) -> frozenset[int] | None:
        """Whose deals this person sees: None = everybody's; kept for the life of this object, one request."""
        if self.role == Role.ADMIN:
            return None
        if self.role == Role.VIEWER:
            return frozenset()
        if self.role == Role.REP:
            return frozenset({self.pk})
        theirs = models.ExpressionWrapper(
            models.OuterRef("team__path"), output_field=models.CharField()
        )
        above = self.memberships.annotate(theirs=theirs)
        below = Membership.objects.filter(
            models.Exists(above.filter(theirs__startswith=models.F("team__path")))
        )
        return frozenset(below.values_list("user_id", flat=True)) | {self.pk}
