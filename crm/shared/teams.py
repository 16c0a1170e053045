"""Teams and the people in them: invited, placed, gone. What somebody leaves behind goes to colleagues."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import mailing, versions
from crm.shared.errors import ActionRefused
from crm.shared.models import Membership, Team, User
from crm.shared.publishing import publish
from crm.shared.roles import Role
from crm.shared.settings_events import PersonChanged, PersonLeft, TeamChanged

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACED = ("name", "role", "commission_percent")


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, teams: Sequence[Team] = (), by: User, **fields: Any
) -> User:
    """Add a person and send them a link by which they choose their password. Raises ActionRefused: known already."""
    if User.objects.filter(email__iexact=email.strip()).exists():
        text = _("Somebody has this address already.")
        raise ActionRefused(text, fields={"email": text})
    person: User = User.objects.create_user(email, name=name, role=role, **fields)
    _place(person, teams)
    send_invitation(person, by=by)
    _note(person, "invited", by=by)
    return person


@transaction.atomic
def send_invitation(person: User, *, by: User) -> None:
    """The mail with the link to set a password; each asked for makes a new one."""
    now = timezone.now()
    key = default_token_generator.make_token(person)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
    mail = mailing.to_rep(
        person,
        key=f"invitation-{person.pk}-{uuid.uuid4()}",
        template="invitation",
        context={"name": person.name, "inviter": by.name, "path": path},
        due_at=now,
    )
    mailing.queue([mail])


@transaction.atomic
def edit_person(
    person: User,
    *,
    by: User,
    teams: Sequence[Team] | None = None,
    version: int | None = None,
    **changes: Any,
) -> User:
    """Change name, role, commission and teams; without `teams` these stay. Raises ActionRefused where no administrator would be left."""
    person = versions.held(person, version)
    if changes.get("role", person.role) != Role.ADMIN:
        _keep_an_administrator(person, field="role")
    before = {name: str(getattr(person, name) or "") for name in PLACED}
    for name, value in changes.items():
        setattr(person, name, value)
    person.save(update_fields=[*changes, "updated_at"])
    if teams is not None:
        _place(person, teams)
    now = {name: str(getattr(person, name) or "") for name in PLACED}
    changed = {name: (before[name], now[name]) for name in PLACED if before[name] != now[name]}
    _note(person, "edited", by=by, changes=changed)
    return person


@transaction.atomic
def leave(person: User, *, heirs: Sequence[User], by: User, version: int | None = None) -> User:
    """Somebody leaves: they sign in no more, and what was theirs goes to the heirs, who share it evenly.

    Each app hands over its own, in this transaction. Raises ActionRefused: oneself, no heir, one who cannot take it.
    """
    person = versions.held(person, version)
    if person.pk == by.pk:
        raise ActionRefused(_("Another administrator has to do this for you."))
    _keep_an_administrator(person, field="heirs")
    able = {Role.REP, Role.MANAGER, Role.ADMIN}
    if not heirs or any(
        not one.is_active or one.pk == person.pk or one.role not in able for one in heirs
    ):
        text = _("Choose colleagues who work on deals.")
        raise ActionRefused(text, fields={"heirs": text})
    person.is_active = False
    person.save(update_fields=["is_active", "updated_at"])
    heir_ids = tuple(sorted({one.pk for one in heirs}))
    publish([PersonLeft(actor_id=by.pk, person_id=person.pk, heir_ids=heir_ids)])
    return person


@transaction.atomic
def come_back(person: User, *, by: User) -> User:
    """Let somebody sign in again; what was handed over stays where it is."""
    person.is_active = True
    person.save(update_fields=["is_active", "updated_at"])
    _note(person, "came back", by=by)
    return person


def _keep_an_administrator(person: User, *, field: str) -> None:
    others = User.objects.active().filter(role=Role.ADMIN).exclude(pk=person.pk)
    if person.role == Role.ADMIN and not others.exists():
        text = _("Somebody has to be the administrator.")
        raise ActionRefused(text, fields={field: text})


def _place(person: User, teams: Sequence[Team]) -> None:
    wanted = {team.pk for team in teams}
    person.memberships.exclude(team__in=wanted).delete()
    known = set(person.memberships.values_list("team_id", flat=True))
    Membership.objects.bulk_create(
        Membership(user=person, team_id=pk) for pk in sorted(wanted - known)
    )


def _note(
    person: User, how: str, *, by: User, changes: dict[str, tuple[str, str]] | None = None
) -> None:
    event = PersonChanged(actor_id=by.pk, person_id=person.pk, how=how, changes=changes or {})
    publish([event])


# ---- the tree ----------------------------------------------------------------------------------------


@transaction.atomic
def add_team(*, name: str, parent: Team | None, by: User) -> Team:
    """Add a team, at the top or below another one."""
    team = Team.objects.create(name=name, parent=parent)
    team.path = f"{parent.path if parent else '/'}{team.pk}/"
    team.save(update_fields=["path"])
    publish([TeamChanged(actor_id=by.pk, team_id=team.pk, how="added", title=name)])
    return team


@transaction.atomic
def edit_team(
    team: Team, *, name: str, parent: Team | None, by: User, version: int | None = None
) -> Team:
    """Rename a team, or hang it elsewhere with all that is below. Raises ActionRefused: below itself."""
    team = versions.held(team, version)
    if parent is not None and parent.path.startswith(team.path):
        text = _("A team cannot hang below itself.")
        raise ActionRefused(text, fields={"parent": text})
    old, new = team.path, f"{parent.path if parent else '/'}{team.pk}/"
    below = list(Team.objects.filter(path__startswith=old))
    for one in below:
        one.path = new + one.path.removeprefix(old)
    Team.objects.bulk_update(below, ["path"], batch_size=500)
    team.name, team.parent, team.path = name, parent, new
    team.save(update_fields=["name", "parent", "updated_at"])
    publish([TeamChanged(actor_id=by.pk, team_id=team.pk, how="edited", title=name)])
    return team
