"""People and teams, as the operator keeps them."""

import pytest

from crm.shared import organisation
from crm.shared.errors import ActionRefused
from crm.shared.models import Team, User
from crm.shared.roles import Role

pytestmark = pytest.mark.django_db


def test_somebody_is_added_to_teams_and_may_sign_in(admin, team):
    person = organisation.add_person(
        by=admin,
        email="New@Example.com",
        name="Nia New",
        role=Role.REP,
        teams=[team],
        password="correct-horse-battery",
    )

    assert (person.email, person.role) == ("new@example.com", "rep")
    assert person.check_password("correct-horse-battery")
    assert [one.team for one in person.memberships.all()] == [team]


def test_without_a_password_nobody_signs_in_yet(admin):
    person = organisation.add_person(by=admin, email="new@example.com", name="Nia", role=Role.REP)

    assert not person.has_usable_password()


def test_an_edit_changes_facts_teams_and_the_password(admin, rep, team, other_team):
    organisation.edit_person(
        rep,
        by=admin,
        teams=[other_team],
        password="another-horse",
        role=Role.MANAGER,
        email="R@x.io",
    )

    changed = User.objects.get(pk=rep.pk)
    assert (changed.role, changed.email) == (Role.MANAGER, "r@x.io")
    assert changed.check_password("another-horse")
    assert [one.team for one in changed.memberships.all()] == [other_team]


def test_an_edit_without_a_password_keeps_it(admin, rep, team):
    organisation.edit_person(rep, by=admin, teams=[team], name="Rita Rossi")

    changed = User.objects.get(pk=rep.pk)
    assert (changed.name, changed.password) == ("Rita Rossi", rep.password)
    assert changed.memberships.count() == 1


def test_nobody_switches_themselves_off(admin):
    with pytest.raises(ActionRefused) as refusal:
        organisation.edit_person(admin, by=admin, teams=[], is_active=False)

    assert set(refusal.value.fields) == {"is_active"}


@pytest.mark.parametrize("field", ["is_superuser", "password_hash", "wants_morning_mail"])
def test_other_facts_are_not_the_operators(admin, rep, field):
    with pytest.raises(ActionRefused):
        organisation.edit_person(rep, by=admin, teams=[], **{field: True})
    with pytest.raises(ActionRefused):
        organisation.add_person(by=admin, email="x@x.io", name="X", **{field: True})


def paths():
    names = {str(team.pk): team.name for team in Team.objects.all()}
    return {
        team.name: "/".join(names.get(step, "") for step in team.path.split("/"))
        for team in Team.objects.all()
    }


def test_a_team_moves_with_all_below_it(admin, db):
    top = organisation.add_team(by=admin, name="Top")
    north = organisation.add_team(by=admin, name="North", parent=top, review_threshold=500)
    organisation.add_team(by=admin, name="Oslo", parent=north)
    other = organisation.add_team(by=admin, name="Other")

    organisation.edit_team(north, by=admin, name="Norden", parent=other, review_threshold=None)

    assert paths() == {
        "Top": "/Top/",
        "Other": "/Other/",
        "Norden": "/Other/Norden/",
        "Oslo": "/Other/Norden/Oslo/",
    }
    assert Team.objects.get(name="Norden").review_threshold is None


def test_a_team_never_stands_below_itself(admin, db):
    top = organisation.add_team(by=admin, name="Top")
    below = organisation.add_team(by=admin, name="Below", parent=top)

    with pytest.raises(ActionRefused):
        organisation.edit_team(top, by=admin, name="Top", parent=below, review_threshold=None)
