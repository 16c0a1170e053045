"""The operator's pages: administrators only, and nothing is written but people and teams."""

import pytest
from django.contrib import admin as site
from django.urls import reverse

from crm.shared.models import Team, User
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

PAGES = list(site.site._registry)  # noqa: SLF001  (there is no other list of them)
PERSON = {
    "name": "Nia New",
    "email": "New@Example.com",
    "role": "rep",
    "is_active": "on",
    "time_zone": "Europe/Rome",
    "password": "correct-horse-battery",
}


@pytest.fixture
def operator(client, admin):
    """A browser in which an administrator is signed in who may open these pages."""
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    client.force_login(admin)
    return client


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_every_page_opens_and_only_people_and_teams_can_be_added(operator, rep, model):
    make.deal(owner=rep, account=make.account(owner=rep), contact=make.contact(owner=rep))
    names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    first = model._default_manager.first()

    lists = operator.get(reverse(f"{names}_changelist"))
    added = operator.get(reverse(f"{names}_add"))

    assert lists.status_code == 200
    assert added.status_code == (200 if model in (User, Team) else 403)
    if first is not None:
        page = reverse(f"{names}_change", args=[first.pk])
        assert operator.get(page).status_code == 200
        assert operator.post(reverse(f"{names}_delete", args=[first.pk])).status_code == 403


def test_staff_who_are_no_administrators_see_nothing(client, manager):
    User.objects.filter(pk=manager.pk).update(is_staff=True)
    client.force_login(manager)

    assert client.get(reverse("admin:deals_deal_changelist")).status_code == 403


def test_somebody_is_added_and_edited(operator, team):
    operator.post(reverse("admin:shared_user_add"), PERSON | {"teams": [team.pk]})
    person = User.objects.get(email="new@example.com")
    page = reverse("admin:shared_user_change", args=[person.pk])
    kept = PERSON | {"role": "manager", "teams": [], "password": ""}
    answer = operator.post(page, kept)

    changed = User.objects.get(pk=person.pk)
    assert answer.status_code == 302
    assert (changed.role, changed.time_zone) == ("manager", "Europe/Rome")
    assert changed.check_password("correct-horse-battery")
    assert changed.memberships.count() == 0


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"password": "short"}, {"password"}),
        ({"time_zone": "Mars/Crater"}, {"time_zone"}),
        ({"email": "REP@example.com"}, {"email", "__all__"}),
        ({"name": ""}, {"name"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(operator, rep, wrong, errors):
    answer = operator.post(reverse("admin:shared_user_add"), PERSON | wrong)

    assert set(answer.context["adminform"].form.errors) == errors


def test_nobody_switches_themselves_off(operator, admin):
    page = reverse("admin:shared_user_change", args=[admin.pk])
    data = PERSON | {"email": admin.email, "role": "admin", "is_active": ""}

    answer = operator.post(page, data)

    assert set(answer.context["adminform"].form.errors) == {"is_active"}


def test_teams_are_added_and_moved(operator):
    operator.post(reverse("admin:shared_team_add"), {"name": "Top"})
    top = Team.objects.get(name="Top")
    operator.post(reverse("admin:shared_team_add"), {"name": "North"})
    north = Team.objects.get(name="North")

    page = reverse("admin:shared_team_change", args=[north.pk])
    operator.post(page, {"name": "Norden", "parent": top.pk})
    refused = operator.post(
        reverse("admin:shared_team_change", args=[top.pk]), {"name": "Top", "parent": north.pk}
    )

    north.refresh_from_db()
    assert (north.name, north.path) == ("Norden", f"/{top.pk}/{north.pk}/")
    assert set(refused.context["adminform"].form.errors) == {"parent"}
