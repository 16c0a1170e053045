"""Sharing a deal with colleagues; taking somebody off it."""

import pytest

from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord
from deals.actions import directory, taking_part
from deals.models import Account, Contact, Deal, Stakeholder
from deals.querysets.deals import MOST_BY_ID
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    return make.deal(owner=rep)


def test_who_a_deal_is_shared_with_sees_it_until_it_is_not(deal, rep, colleague):
    taking_part.share(deal, people=[colleague, rep], by=rep)
    seen = Deal.objects.visible_to(colleague).count()
    taking_part.share(deal, people=[], by=rep)

    assert (seen, Deal.objects.visible_to(colleague).count()) == (1, 0)
    events = EventRecord.objects.filter(name="deal.shared").order_by("pk")
    assert [one.data for one in events] == [
        {"added": [colleague.pk], "removed": []},
        {"added": [], "removed": [colleague.pk]},
    ]


def test_the_same_again_is_no_news(deal, rep, colleague):
    taking_part.share(deal, people=[colleague], by=rep)
    taking_part.share(deal, people=[colleague], by=rep)

    assert EventRecord.objects.filter(name="deal.shared").count() == 1


def test_nobody_shares_with_one_who_left(deal, rep, colleague):
    colleague.is_active = False
    colleague.save()

    with pytest.raises(ActionRefused, match="has left"):
        taking_part.share(deal, people=[colleague], by=rep)


def test_who_takes_part_and_how_stands_in_the_log(deal, rep):
    person = make.contact(owner=rep)
    said = {"contact": person, "by": rep, "stance": 1}

    directory.add_stakeholder(deal, role="user", **said)
    directory.add_stakeholder(deal, role="user", **said)  # nothing new
    directory.add_stakeholder(deal, role="champion", **said)

    records = EventRecord.objects.filter(name="deal.stakeholder_placed").order_by("pk")
    of_all = {"contact_id": person.pk, "stance": 1, "met": False}
    assert [record.data for record in records] == [
        of_all | {"role": "user", "was": ""},
        of_all | {"role": "champion", "was": "user"},
    ]


def test_a_person_taken_off_stays_in_the_log(deal, rep):
    person = make.contact(owner=rep)
    known = directory.add_stakeholder(deal, contact=person, role="gatekeeper", by=rep)

    taking_part.remove_stakeholder(known, by=rep)

    assert not Stakeholder.objects.exists()
    record = EventRecord.objects.get(name="deal.stakeholder_removed")
    assert record.data == {"contact_id": person.pk, "role": "gatekeeper"}


@pytest.mark.parametrize("most", [0, MOST_BY_ID])
def test_a_long_list_shows_whom_one_sees_however_many(
    rep, colleague, manager, outsider, viewer, admin, monkeypatch, most
):
    """One's own, those at an account of one's own, those of a deal of one's own and of a shared one."""
    monkeypatch.setattr("deals.querysets.directory.MOST_BY_ID", most)
    own, with_deal, with_shared, others = (
        make.account(owner=owner) for owner in (rep, colleague, outsider, outsider)
    )
    people = [make.contact(owner=outsider, account=one) for one in (own, with_deal, with_shared)]
    alone = make.contact(owner=rep, account=others)
    stranger = make.contact(owner=outsider, account=others)
    make.deal(owner=rep, account=with_deal, contact=None)
    shared = make.deal(owner=outsider, account=with_shared, contact=None)
    taking_part.share(shared, people=[rep], by=outsider)

    assert set(Account.objects.listed_for(rep)) == {own, with_deal, with_shared}
    assert set(Contact.objects.listed_for(rep)) == {*people, alone}
    assert not Account.objects.listed_for(viewer).exists()
    assert stranger in Contact.objects.listed_for(admin)
    for person in (rep, colleague, manager, outsider, viewer, admin):
        for model in (Account, Contact):
            seen = set(model.objects.visible_to(person))
            assert set(model.objects.listed_for(person)) == seen
