"""Tokens with which programs act for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.querysets import OwnRows

if TYPE_CHECKING:
    import datetime as dt

SCOPE_ORDER = ("read", "write", "admin")


class TokenScope(models.TextChoices):
    """What a token may do at most; the person's role still decides. Each includes the ones before it."""

    READ = "read", _("read")
    WRITE = "write", _("read and write")
    ADMIN = "admin", _("read, write and set up")

    def covers(self, other: str) -> bool:
        return SCOPE_ORDER.index(self.value) >= SCOPE_ORDER.index(other)


class ApiTokenQuerySet(OwnRows["ApiToken"]):
    def usable(self, *, now: dt.datetime) -> Self:
        """Neither revoked nor expired, and its person may still sign in."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """One token, kept as SHA-256 only: 256 random bits need no slow hash. `shown` tells it apart in lists."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    shown = models.CharField(max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(_("scope"), max_length=10, choices=TokenScope, default=TokenScope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} · {self.shown}…"
