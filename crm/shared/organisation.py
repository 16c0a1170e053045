"""People and teams, as the operator keeps them. Nobody is deleted: who has left may no longer sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.models import Membership, Team, User

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

PERSON_FIELDS = frozenset(
    {"name", "email", "role", "is_active", "is_staff", "language", "time_zone", "country"}
    | {"commission_percent"}
)


@transaction.atomic
def add_person(
    *, by: User, email: str, name: str, teams: Iterable[Team] = (), password: str = "", **facts: Any
) -> User:
    """Add somebody who may sign in; without a password they set their own by the way of "forgotten"."""
    _check(facts)
    person: User = User.objects.create_user(email, password or None, name=name, **facts)
    _set_teams(person, teams)
    return person


@transaction.atomic
def edit_person(
    person: User, *, by: User, teams: Iterable[Team], password: str = "", **facts: Any
) -> User:
    """Change the facts of somebody, their teams, and their password if one is given.

    Raises ActionRefused when one would lock oneself out.
    """
    _check(facts)
    if person.pk == by.pk and not facts.get("is_active", True):
        raise ActionRefused(_("Nobody switches themselves off."), fields={"is_active": _("You.")})
    changed: User = User.objects.select_for_update().get(pk=person.pk)
    for name, value in facts.items():
        setattr(changed, name, value)
    changed.email = changed.email.strip().lower()
    if password:
        changed.set_password(password)
    changed.save(update_fields=[*facts, "email", "password", "updated_at"])
    _set_teams(changed, teams)
    return changed


def _check(facts: dict[str, Any]) -> None:
    if refused := facts.keys() - PERSON_FIELDS:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )


def _set_teams(person: User, teams: Iterable[Team]) -> None:
    wanted = {team.pk for team in teams}
    person.memberships.exclude(team__in=wanted).delete()
    known = set(person.memberships.values_list("team_id", flat=True))
    Membership.objects.bulk_create(
        Membership(user=person, team_id=pk) for pk in sorted(wanted - known)
    )


@transaction.atomic
def add_team(
    *, by: User, name: str, parent: Team | None = None, review_threshold: Decimal | None = None
) -> Team:
    """Add a team, below `parent` if there is one."""
    team = Team.objects.create(name=name, parent=parent, review_threshold=review_threshold)
    team.path = _path(team, parent)
    team.save(update_fields=["path"])
    return team


@transaction.atomic
def edit_team(
    team: Team, *, by: User, name: str, parent: Team | None, review_threshold: Decimal | None
) -> Team:
    """Change a team; those below it move with it. Raises ActionRefused for a parent that is below it."""
    below = list(Team.objects.select_for_update().filter(path__startswith=team.path).order_by("pk"))
    if parent is not None and parent.path.startswith(team.path):
        raise ActionRefused(
            _("A team cannot stand below itself."),
            fields={"parent": _("It stands below this team.")},
        )
    old, new = team.path, _path(team, parent)
    for one in below:
        one.path = new + one.path.removeprefix(old)
        if one.pk == team.pk:
            one.name, one.parent, one.review_threshold = name, parent, review_threshold
    Team.objects.bulk_update(below, ["path", "name", "parent", "review_threshold"])
    return next(one for one in below if one.pk == team.pk)


def _path(team: Team, parent: Team | None) -> str:
    return f"{parent.path if parent else '/'}{team.pk}/"
