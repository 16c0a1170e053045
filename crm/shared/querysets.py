"""Querysets of the ground floor: archiving, and who sees which people and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models.functions import Left

from crm.shared import changing
from crm.shared.folding import fold, parts
from crm.shared.roles import Role
from crm.shared.states import LIVE, PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from crm.shared.models import (
        EventRecord,
        Notice,
        OutgoingMail,
        Suppression,
        Team,
        User,
    )

M = TypeVar("M", bound=models.Model)

BEGINNING = 16  # characters of the folded names that an index of beginnings keeps


class ArchivableQuerySet(models.QuerySet[M]):
    """For models with `archived_at`."""

    def current(self) -> Self:
        return self.filter(archived_at=None)


class SearchableQuerySet(ArchivableQuerySet[M]):
    """For models that are Searchable; `NAMED_BY` are the related rows whose names are folded in."""

    NAMED_BY: tuple[str, ...] = ()

    def found_by(self, typed: str) -> Self:
        """Those whose names contain every word of what was typed, whatever its case and accents."""
        return self.filter(folded_in(typed))

    def first_found_by(self, typed: str, *, most: int) -> list[M]:
        """The first `most` that are found, by name, those in front that begin with what was typed.

        Asked for apart, so that neither has to be sorted out of all that is found.
        """
        if not parts(typed):
            return []
        by_name = self.order_by("name", "pk")
        begins: Any = by_name.alias(beginning=Left("folded", BEGINNING))
        wanted = fold(typed).rstrip()[:BEGINNING]
        found: list[M] = list(begins.filter(beginning__startswith=wanted)[:most])
        if len(found) < most:
            others = by_name.found_by(typed).exclude(pk__in=[one.pk for one in found])
            found += others[: most - len(found)]
        return found

    def fold(self, rows: Sequence[Any]) -> None:
        """Fold the names of rows that are about to be written."""
        models.prefetch_related_objects(rows, *self.NAMED_BY)
        for row in rows:
            row.refold()

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        models.prefetch_related_objects(rows, *self.NAMED_BY)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        """As Django's, and the folded text with the names that it comes from. Raises FieldDoesNotExist."""
        rows: list[Any] = list(objs)
        names = set(fields)
        if rows and rows[0].FOLDED_FROM & names:
            self.fold(rows)
            names |= rows[0].FOLDED
        meta: Any = self.model._meta
        columns = sorted({meta.get_field(name).attname for name in names})
        values = [(row.pk, *(getattr(row, column) for column in columns)) for row in rows]
        if any(hasattr(value, "resolve_expression") for row in values for value in row):
            return super().bulk_update(rows, sorted(names), *args, **kwargs)
        return changing.change_values(self.model, columns, values)

    def refold(self) -> None:
        """Fold the names anew, after those of a related row changed. Needs a transaction."""
        rows: list[Any] = list(self.order_by("pk").select_related(*self.NAMED_BY))
        self.fold(rows)
        if rows:
            super().bulk_update(rows, sorted(rows[0].FOLDED), batch_size=500)


def folded_in(typed: str, *, of: str = "") -> models.Q:
    """The condition "its names contain every word of what was typed"; nothing contains what has no words.

    `of` leads to the row whose names are meant, as `deal__`.
    """
    found = parts(typed)
    if not found:
        return models.Q(pk__in=[])
    return models.Q(*((f"{of}folded__contains", part) for part in found))


def among(path: str, ids: Collection[int]) -> models.Q:
    """The condition that a whole number is one of these: by their range where none is missing, which costs far less."""
    if ids and max(ids) - min(ids) + 1 == len(set(ids)):
        return models.Q(**{f"{path}__gte": min(ids), f"{path}__lte": max(ids)})
    return models.Q(**{f"{path}__in": ids})


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
        path = models.ExpressionWrapper(models.OuterRef("path"), output_field=models.CharField())
        above = user.memberships.annotate(theirs=path)
        return self.filter(models.Exists(above.filter(theirs__startswith=models.F("team__path"))))


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
