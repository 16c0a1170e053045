"""People are invited, placed and leave; teams are a tree."""

from email import message_from_bytes
from email.policy import default

import pytest

from crm.shared import teams
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, OutgoingMail, Team, User
from deals.actions import closing
from deals.models import Account, Contact, Deal
from deals.states import DealStatus
from tests.factories import deals as make
from tests.factories import reviews, shared


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def test_somebody_invited_gets_a_link_that_sets_a_password(page, team, client):
    said = {"name": "Nina New", "email": "Nina@example.com", "role": "rep", "teams": [team.pk]}

    answer = page.post("/settings/people/", said | {"commission_percent": "7.5"})

    assert answer.status_code == 302
    nina = User.objects.get(email="nina@example.com")
    assert (nina.has_usable_password(), str(nina.commission_percent)) == (False, "7.50")
    assert [one.team for one in nina.memberships.all()] == [team]
    mail = OutgoingMail.objects.get(user=nina)
    letter = message_from_bytes(bytes(mail.message), policy=default)
    text = letter.get_body(("plain",)).get_content()
    assert "Ada Admin" in text
    path = next(word for word in text.split() if "/account/password/reset/key/" in word)
    client.logout()
    form = client.get("/" + path.partition("://")[2].partition("/")[2], follow=True)
    assert form.status_code == 200
    assert not form.context.get("token_fail")
    page.force_login(User.objects.get(role="admin"))
    assert page.post("/settings/people/", said).status_code == 422
    page.post(f"/settings/people/{nina.pk}/invite/")
    assert OutgoingMail.objects.filter(user=nina).count() == 2


def test_a_person_is_placed_elsewhere_on_the_record(page, rep, other_team):
    path = f"/settings/people/{rep.pk}/"
    assert page.get(path).context["form"]["name"].value() == "Rita Rep"

    said = {"name": "Rita Roe", "role": "manager", "teams": [other_team.pk]}
    page.post(path, said | {"version": rep.version})

    rep.refresh_from_db()
    assert (rep.name, rep.role) == ("Rita Roe", "manager")
    assert [one.team for one in rep.memberships.all()] == [other_team]
    record = EventRecord.objects.get(name="person.changed")
    assert record.data["changes"] == {"name": ["Rita Rep", "Rita Roe"], "role": ["rep", "manager"]}


def test_there_is_always_an_administrator(page, admin, rep):
    path = f"/settings/people/{admin.pk}/"

    assert (
        page.post(path, {"name": "Ada", "role": "rep", "version": admin.version}).status_code == 422
    )
    with pytest.raises(ActionRefused):
        teams.leave(admin, heirs=[rep], by=admin)
    with pytest.raises(ActionRefused):
        teams.leave(admin, heirs=[rep], by=rep)


@pytest.mark.parametrize("kind", ["nobody", "the leaver", "a viewer"])
def test_who_cannot_take_over_is_refused(rep, admin, viewer, kind):
    heirs = {"nobody": [], "the leaver": [rep], "a viewer": [viewer]}[kind]

    with pytest.raises(ActionRefused):
        teams.leave(rep, heirs=heirs, by=admin)


def test_everything_of_one_who_leaves_goes_to_colleagues(page, rep, colleague, manager, admin):
    accounts = [make.account(owner=rep) for _ in range(4)]
    people = [make.contact(owner=rep, account=one) for one in accounts]
    opened = [make.deal(owner=rep, account=one) for one in accounts]
    lost = closing.lose(opened[0], reason=make.reason(), by=rep)
    review = reviews.held_review(owner=rep)
    promise = review.next_times.create(position=1, text="Ask earlier", owner=rep)
    path = f"/settings/people/{rep.pk}/leave/"
    assert page.get(path).status_code == 200

    answer = page.post(path, {"heirs": [colleague.pk, manager.pk]})

    assert answer.status_code == 302
    rep.refresh_from_db()
    assert not rep.is_active
    for model in (Account, Contact, Deal):
        assert not model.objects.filter(owner=rep).exists()
    owners = set(Account.objects.values_list("owner", flat=True))
    assert owners == {colleague.pk, manager.pk}
    for account, person, deal in zip(accounts, people, opened, strict=True):
        account.refresh_from_db()
        person.refresh_from_db()
        deal.refresh_from_db()
        assert account.owner == person.owner == deal.owner
    lost.refresh_from_db()
    assert (lost.owner, lost.kind) == (rep, DealStatus.LOST)
    promise.refresh_from_db()
    assert promise.owner in {colleague, manager}
    edits = EventRecord.objects.filter(name="deal.edited", deal_id=opened[1].pk)
    assert edits.get().data["changes"]["owner"][0] == "Rita Rep"
    assert EventRecord.objects.get(name="person.left").actor == admin

    page.post(f"/settings/people/{rep.pk}/come-back/")
    rep.refresh_from_db()
    assert rep.is_active
    assert not Deal.objects.filter(owner=rep).exists()


def test_a_hand_over_costs_the_same_for_many_deals(
    rep, colleague, admin, django_assert_max_num_queries
):
    for _ in range(30):
        make.deal(owner=rep)

    with django_assert_max_num_queries(30):
        teams.leave(rep, heirs=[colleague], by=admin)

    assert colleague.deals.count() == 30


def test_teams_are_a_tree_that_can_be_hung_elsewhere(page, team):
    page.post("/settings/teams/", {"name": "Region", "parent": ""})
    page.post("/settings/teams/", {"name": "City", "parent": team.pk})
    region, city = Team.objects.get(name="Region"), Team.objects.get(name="City")

    assert page.get(f"/settings/teams/{team.pk}/").status_code == 200
    page.post(
        f"/settings/teams/{team.pk}/",
        {"name": "North", "parent": region.pk, "version": team.version},
    )

    city.refresh_from_db()
    assert city.path == f"/{region.pk}/{team.pk}/{city.pk}/"
    team.refresh_from_db()
    with pytest.raises(ActionRefused):
        teams.edit_team(team, name="North", parent=city, by=None)
    answer = page.get("/settings/teams/")
    assert [row["depth"] for row in answer.context["rows"]] == [0, 1, 2]


def test_managers_read_people_and_teams(client, manager, rep):
    client.force_login(manager)

    assert rep in client.get("/settings/people/").context["people"]
    assert client.get("/settings/teams/").status_code == 200
    assert shared.user().pk not in [
        one.pk for one in client.get("/settings/people/").context["people"]
    ]
