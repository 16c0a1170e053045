"""Two administrators set up the same thing at once: the second is told, and keeps what they typed."""

import pytest

from crm.shared.models import User
from deals.models import Stage
from deals.states import Phase
from tests.factories import deals as make

pytestmark = pytest.mark.django_db

THINGS = {
    "stages": lambda rep, team: make.stage(Phase.APPROACH),
    "reasons": lambda rep, team: make.reason("timing"),
    "competitors": lambda rep, team: make.competitor(),
    "products": lambda rep, team: make.product(),
    "segments": lambda rep, team: make.segment(countries=["IT"], industries=["Food", "Drinks"]),
    "people": lambda rep, team: rep,
    "teams": lambda rep, team: team,
}


def sent(answer):
    """What a browser sends for the form of `answer` when nothing is typed."""
    data = {}
    for field in answer.context["form"]:
        value = field.value()
        for name in (field.html_name, field.html_initial_name):
            data[name] = "" if value in (None, False) else value
    return data


def differences(answer):
    return [(one.label, one.now, one.mine) for one in answer.context["form"].differences]


@pytest.mark.parametrize("slug", THINGS)
def test_the_second_is_told_and_keeps_what_they_typed(client, admin, rep, team, slug):
    client.force_login(admin)
    thing = THINGS[slug](rep, team)
    path = f"/settings/{slug}/{thing.pk}/"
    first, second = sent(client.get(path)), sent(client.get(path))

    saved = client.post(path, first | {"name": "By the first"})
    told = client.post(path, second | {"name": "By the second"})
    thing.refresh_from_db()
    before, page = thing.name, told.content.decode()
    again = client.post(path, sent(told))
    thing.refresh_from_db()

    assert (saved.status_code, told.status_code, again.status_code) == (302, 409, 302)
    assert differences(told) == [("Name", "By the first", "By the second")]
    assert "Somebody changed this in the meantime" in page
    assert (before, thing.name) == ("By the first", "By the second")


def test_what_the_second_did_not_touch_is_what_the_first_made_of_it(client, admin, rep, other_team):
    client.force_login(admin)
    path = f"/settings/people/{rep.pk}/"
    first, second = sent(client.get(path)), sent(client.get(path))

    client.post(path, first | {"role": "manager", "teams": [other_team.pk]})
    told = client.post(path, second | {"name": "Rita Rossi"})
    client.post(path, sent(told))

    person = User.objects.get(pk=rep.pk)
    assert differences(told) == [
        ("Role", "Manager", "Manager"),
        ("Teams", "South", "South"),
    ]
    assert (person.name, person.role) == ("Rita Rossi", "manager")
    assert [one.team for one in person.memberships.all()] == [other_team]


def test_a_second_press_does_not_undo_the_first(client, admin):
    client.force_login(admin)
    product, order = make.product(), list(Stage.objects.order_by("position"))
    stage = order[2]
    retire = f"/settings/products/{product.pk}/retire/", {"version": product.version}
    move = f"/settings/stages/{stage.pk}/move/", {"version": stage.version, "to": "up"}

    for path, said in (retire, retire, move, move):
        client.post(path, said)

    product.refresh_from_db()
    assert product.archived_at is not None
    assert list(Stage.objects.order_by("position")) == [order[0], stage, order[1], *order[3:]]
