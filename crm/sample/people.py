"""Teams and people of the sample company."""

import dataclasses
import secrets
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower

from crm.shared.models import Membership, Team, User
from crm.shared.roles import Role

SIGN_INS = {
    "admin": ("Ada Lindgren", Role.ADMIN),
    "manager": ("Marit Solberg", Role.MANAGER),
    "rep": ("Ilaria Conti", Role.REP),
    "viewer": ("Victor Hale", Role.VIEWER),
}
NORTH = ("Jonas Reuter", "Marta Nowak", "Owen Hughes", "Lena Fischer", "Pavel Sorokin")
SOUTH = ("Carla Mendes", "Bruno Keller", "Anja Horvat")
RATE = Decimal("10.00")
REPS_PER_DEALS = 2500


@dataclasses.dataclass(frozen=True)
class Company:
    """Who works there; `passwords` are of the sign-ins, plain, to be shown once."""

    reps: list[User]
    rep: User
    manager: User
    passwords: dict[str, str]


def taken_addresses() -> list[str]:
    """Addresses of the sample that somebody has already, who is no sample."""
    names = [f"{key}@example.com" for key in SIGN_INS] + [_address(n) for n in (*NORTH, *SOUTH)]
    known = User.objects.annotate(address=Lower("email")).filter(address__in=names)
    return sorted(known.values_list("address", flat=True))


@transaction.atomic
def found(*, deals: int) -> Company:
    """Make the teams Halden, North and South, their people, and the four sign-ins with random passwords.

    A company of very many deals gets more reps: one for each 2,500.
    """
    halden = _team("Halden", None)
    north, south = _team("North", halden), _team("South", halden)
    passwords = {f"{key}@example.com": secrets.token_urlsafe(12) for key in SIGN_INS}
    signed = {
        key: _person(
            name, email=f"{key}@example.com", role=role, password=passwords[f"{key}@example.com"]
        )
        for key, (name, role) in SIGN_INS.items()
    }
    reps = [
        signed["rep"],
        *(_person(name, team=north) for name in NORTH),
        *(_person(name, team=south) for name in SOUTH),
    ]
    Membership.objects.create(user=signed["rep"], team=north)
    Membership.objects.create(user=signed["manager"], team=halden)
    more = max(0, deals // REPS_PER_DEALS - len(reps))
    reps += _crowd(more, teams=[north, south])
    return Company(reps=reps, rep=signed["rep"], manager=signed["manager"], passwords=passwords)


def _team(name: str, parent: Team | None) -> Team:
    team = Team.objects.create(
        name=name, parent=parent, is_sample=True, review_threshold=Decimal(40_000)
    )
    team.path = f"{parent.path if parent else '/'}{team.pk}/"
    team.save(update_fields=["path"])
    return team


def _person(
    name: str,
    *,
    team: Team | None = None,
    email: str = "",
    role: Role = Role.REP,
    password: str | None = None,
) -> User:
    person: User = User.objects.create_user(
        email or _address(name),
        password,
        name=name,
        role=role,
        time_zone="Europe/Berlin",
        country="DE",
        commission_percent=RATE,
        is_sample=True,
    )
    if team is not None:
        Membership.objects.create(user=person, team=team)
    return person


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.com"


def _crowd(count: int, *, teams: list[Team]) -> list[User]:
    nobody_signs_in = make_password(None)
    crowd: list[User] = User.objects.bulk_create(
        User(
            email=f"rep{number}@example.com",
            name=f"Rep {number}",
            password=nobody_signs_in,
            time_zone="Europe/Berlin",
            country="DE",
            commission_percent=RATE,
            is_sample=True,
        )
        for number in range(1, count + 1)
    )
    Membership.objects.bulk_create(
        Membership(user=person, team=teams[index % len(teams)])
        for index, person in enumerate(crowd)
    )
    return crowd
