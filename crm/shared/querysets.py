"""Querysets of the ground floor: archiving, and who sees which people and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from crm.shared.roles import Role
from crm.shared.states import LIVE, PROBLEMS

if TYPE_CHECKING:
    from crm.shared.models import (
        EventRecord,
        Notice,
        OutgoingMail,
        Suppression,
        Team,
        User,
    )

M = TypeVar("M", bound=models.Model)


class ArchivableQuerySet(models.QuerySet[M]):
    """For models with `archived_at`."""

    def current(self) -> Self:
        return self.filter(archived_at=None)


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, user: User) -> Self:
        """Managers and administrators see everybody they answer for; the others see themselves."""
        owners = user.visible_owner_ids
        if owners is None:
            return self
        return self.filter(pk__in=owners | {user.pk})


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> Self:
        if user.role == Role.ADMIN:
            return self
        below = models.Q(pk__in=[])
        for path in user.memberships.values_list("team__path", flat=True):
            below |= models.Q(path__startswith=path)
        return self.filter(below)


class OwnRows(models.QuerySet[M]):
    """Rows that belong to one person by their `user` column."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


def owned_by_visible(user: User, field: str = "owner") -> models.Q:
    """The condition "its owner is somebody whose deals `user` sees"."""
    owners = user.visible_owner_ids
    condition: dict[str, Any] = {} if owners is None else {f"{field}__in": owners}
    return models.Q(**condition)


class EventRecordQuerySet(models.QuerySet["EventRecord"]):
    def of_deal(self, deal_id: int) -> Self:
        return self.filter(deal_id=deal_id).order_by("-at", "-pk")

    def in_feed(self, *, after: int) -> Self:
        """Records with a place in the feed past `after`, in order."""
        return self.filter(position__gt=after).order_by("position")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """One's own notices, and those for everybody."""
        return self.filter(models.Q(user=user) | models.Q(user=None))


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def visible_to(self, user: User) -> Self:
        """Administrators see all mail, the others what reaches them or goes out in their name."""
        return self if user.role == Role.ADMIN else self.filter(user=user)

    def live(self) -> Self:
        """Not at its end yet: waiting, about to go out, going out."""
        return self.filter(state__in=sorted(LIVE))

    def problems(self) -> Self:
        """What did not arrive, or perhaps did not: for a person to look at."""
        return self.filter(state__in=sorted(PROBLEMS))


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: User) -> Self:
        """Whoever may see contacts sees why one of them gets no mail; viewers see no personal data."""
        return self.none() if user.role == Role.VIEWER else self

    def covering(self, scope: str | models.OuterRef) -> Self:
        """Those that stop a mail of this scope: of the same scope, or of all."""
        return self.filter(scope__in=["all", scope])
