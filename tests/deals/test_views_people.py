"""The people on a deal: the map, and putting somebody on it."""

import pytest

from deals.actions import directory
from deals.models import Contact, Stakeholder
from deals.views.people import map_of
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    account = make.account(owner=rep, name="Brightwater Foods")
    person = make.contact(owner=rep, name="Dana Whitfield", account=account)
    return make.deal(owner=rep, title="Monitoring", account=account, contact=person)


@pytest.fixture
def page(client, rep):
    """A browser in which the rep is signed in."""
    client.force_login(rep)
    return client


def stake(name, **facts):
    known = {"role": "user", "stance": 0, "in_the_room": True, "met": True}
    contact = Contact(name=name)
    return Stakeholder(contact=contact, **(known | facts))


def test_the_map_keeps_people_apart():
    people = [
        stake("Ann", stance=2),
        stake("Bob", stance=1, role="decision_maker", met=False),
        stake("Cy", stance=-2),
        stake("Di", in_the_room=False),
    ]

    found = map_of(people)

    assert [(dot.person.contact.name, dot.x, dot.y, dot.decides) for dot in found.dots] == [
        ("Ann", 238, 42, False),
        ("Bob", 184, 88, True),
        ("Cy", 24, 42, False),
        ("Di", 131, 176, False),
    ]
    assert found.words == (
        "Ann, user, for us; Bob, decision-maker, leaning to us, not met;"
        " Cy, user, against; Di, user, neutral, outside"
    )
    assert (found.room_height, found.outside_top, found.height) == (132, 140, 226)


def test_a_crowd_makes_the_room_higher():
    found = map_of([stake(f"P{number}") for number in range(5)])

    assert (found.room_height, [dot.y for dot in found.dots]) == (268, [42, 88, 134, 180, 226])


def test_nobody_has_no_map():
    assert map_of([]) is None


def test_somebody_is_put_on_the_deal(page, deal, rep):
    data = {"contact": deal.contact_id, "role": "champion", "stance": "2", "met": "on"}

    asked = page.get(f"/deals/{deal.pk}/people/", headers={"HX-Request": "true"})
    answer = page.post(f"/deals/{deal.pk}/people/", data)

    assert asked.templates[0].name == "deals/_person.html"
    assert answer.url == f"/deals/{deal.pk}/"
    stakeholder = deal.stakeholders.get()
    assert (stakeholder.role, stakeholder.stance, stakeholder.in_the_room, stakeholder.met) == (
        "champion",
        2,
        False,
        True,
    )


def test_a_part_can_change(page, deal, rep):
    known = directory.add_stakeholder(deal, contact=deal.contact, role="user", by=rep)
    address = f"/deals/{deal.pk}/people/?stakeholder={known.pk}"

    shown = page.get(address).context["form"]["role"].value()
    page.post(address, {"contact": deal.contact_id, "role": "champion", "stance": "-1"})

    assert shown == "user"
    assert [(one.pk, one.role, one.stance) for one in deal.stakeholders.all()] == [
        (known.pk, "champion", -1)
    ]


def test_a_part_in_another_deal_is_not_there(page, deal, rep):
    other = make.deal(owner=rep)
    known = directory.add_stakeholder(other, contact=deal.contact, role="user", by=rep)

    assert page.get(f"/deals/{deal.pk}/people/?stakeholder={known.pk}").status_code == 404


def test_a_part_needs_a_person_and_a_role(page, deal):
    answer = page.post(f"/deals/{deal.pk}/people/", {})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"contact", "role", "stance"}
