"""People and teams for tests."""

from itertools import count
from typing import Any

from crm.shared.models import Membership, Team, User
from crm.shared.roles import Role

PASSWORD = "correct-horse-battery"

_numbers = count(1)


def user(*, role: Role = Role.REP, team: Team | None = None, **fields: Any) -> User:
    """A person who may sign in with PASSWORD, a member of `team` if one is given."""
    number = next(_numbers)
    values = {"name": f"Person {number}", "email": f"person{number}@example.com"} | fields
    person = User.objects.create_user(password=PASSWORD, role=role, **values)
    if team is not None:
        membership(user=person, team=team)
    return person


def team(*, parent: Team | None = None, **fields: Any) -> Team:
    """A team with its path, below `parent` if one is given."""
    made = Team.objects.create(**({"name": f"Team {next(_numbers)}", "parent": parent} | fields))
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def membership(*, user: User, team: Team) -> Membership:
    return Membership.objects.create(user=user, team=team)
