"""Target lists and segments: made, filled, seen by whom, what is known of a suspect, and each list's own funnel."""

import pytest
from django.http import QueryDict

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from deals.actions import closing, directory_merge, handing_over, reopening, setup, target_lists
from deals.filters import AccountFilters, Asker, DealFilters
from deals.funnels import funnels_of
from deals.models import Account, Deal, Segment, Suspect, TargetList
from tests.factories import deals as make


def names(rows):
    return sorted(str(row) for row in rows)


def these(*accounts):
    return Account.objects.filter(pk__in=[one.pk for one in accounts])


def told(name):
    return [record.data for record in EventRecord.objects.filter(name=name).order_by("pk")]


# ---- lists -------------------------------------------------------------------------------------------


@pytest.mark.practice("C2")
def test_a_list_is_made_filled_edited_and_archived(rep):
    one, two = make.account(owner=rep), make.account(owner=rep)

    made = target_lists.make(by=rep, name="Fair", source="Bologna", accounts=these(one))
    assert target_lists.add(made, these(one, two), by=rep) == 1
    assert target_lists.remove(made, these(one), by=rep) == 1
    assert [row.account for row in Suspect.objects.filter(target_list=made)] == [two]
    edited = target_lists.edit(made, by=rep, version=1, name="Fair 2026", criteria="Food, 50+")
    assert (edited.name, edited.criteria, edited.version) == ("Fair 2026", "Food, 50+", 2)
    with pytest.raises(StaleVersion):
        target_lists.edit(made, by=rep, version=1, name="Late")
    with pytest.raises(ActionRefused):
        target_lists.edit(made, by=rep, archived_at=None)
    target_lists.archive(made, by=rep)
    with pytest.raises(ActionRefused):
        target_lists.add(made, these(one), by=rep)
    target_lists.restore(made, by=rep)
    assert list(TargetList.objects.current()) == [made]

    assert [data["how"] for data in told("target_list.changed")] == [
        "made",
        "edited",
        "archived",
        "restored",
    ]
    assert [(data["added"], data["removed"]) for data in told("target_list.suspects_changed")] == [
        (1, 0),
        (1, 0),
        (0, 1),
    ]


def test_one_has_no_two_lists_of_a_name_and_hears_nothing_of_those_of_others(rep, outsider):
    make.target_list(owner=rep, name="Fair")
    old = make.target_list(owner=rep, name="Old")

    with pytest.raises(ActionRefused) as refusal:
        target_lists.make(by=rep, name="fair")
    with pytest.raises(ActionRefused):
        target_lists.edit(old, by=rep, name="Fair")
    target_lists.archive(old, by=rep)
    target_lists.make(by=rep, name="Old")
    with pytest.raises(ActionRefused):
        target_lists.restore(old, by=rep)

    assert list(refusal.value.fields) == ["name"]
    assert target_lists.make(by=outsider, name="Fair").pk


def test_a_list_is_seen_with_its_owner_its_accounts_or_its_deals(
    rep, colleague, manager, outsider, viewer, admin
):
    found = make.target_list(make.account(owner=rep), owner=manager, name="Of the team")
    make.deal(owner=outsider, target_list=found)

    def seen(user):
        return names(TargetList.objects.visible_to(user))

    assert [bool(seen(one)) for one in (rep, manager, outsider, admin)] == [True] * 4
    assert [seen(one) for one in (colleague, viewer)] == [[], []]


def test_a_merged_account_stays_on_its_list_once_and_a_leaver_hands_the_list_over(rep, colleague):
    one, two = make.account(owner=rep), make.account(owner=rep)
    found = make.target_list(one, two, owner=rep)

    directory_merge.merge(one, two, by=rep)
    handing_over.hand_over(rep.pk, heir_ids=[colleague.pk], by_id=None)

    found.refresh_from_db()
    assert [row.account_id for row in Suspect.objects.filter(target_list=found)] == [one.pk]
    assert found.owner == colleague


# ---- segments ----------------------------------------------------------------------------------------


@pytest.mark.practice("C2")
def test_a_segment_holds_who_fits_all_of_its_criteria_and_who_was_put_in_by_hand(rep):
    food = {"owner": rep, "industry": "Food", "country": "IT"}
    inside = make.account(name="Inside", employees=80, **food)
    make.account(name="Small", employees=20, **food)
    make.account(name="Abroad", owner=rep, industry="Food", country="FR", employees=80)
    by_hand = make.account(name="By hand", owner=rep)
    segment = setup.add_segment(
        by=rep, name="Mid", countries=["IT", "CH"], industries=["Food"], employees_from=50
    )
    empty = setup.add_segment(by=rep, name="By hand only")
    for account in (inside, by_hand):
        make.deal(owner=rep, account=account, title=f"Deal of {account}")
    make.deal(owner=rep, title="Of nobody")

    assert target_lists.put_in(segment, these(by_hand, inside), by=rep) == 2
    assert names(Account.objects.in_segment(segment)) == ["By hand", "Inside"]
    assert names(Deal.objects.in_segment(segment)) == ["Deal of By hand", "Deal of Inside"]
    assert names(Account.objects.in_segment(empty)) == []
    assert target_lists.take_out(segment, these(by_hand, inside), by=rep) == 2
    assert names(Account.objects.in_segment(segment)) == ["Inside"]
    assert [(data["added"], data["removed"]) for data in told("segment.pinned")] == [(2, 0), (0, 2)]


def test_a_segment_is_renamed_its_criteria_change_and_what_makes_no_sense_is_refused(admin, rep):
    segment = make.segment()
    make.segment("Other")

    setup.edit_segment(segment, by=admin, countries=["FR", "BE"], employees_to=10)
    for wrong in ({"name": "other"}, {"employees_from": 11}):
        with pytest.raises(ActionRefused):
            setup.edit_segment(segment, by=admin, **wrong)
    with pytest.raises(ActionRefused):
        setup.add_segment(by=admin, name="Third", employees_from=5, employees_to=4)
    setup.retire(segment, by=admin)
    with pytest.raises(ActionRefused):
        target_lists.put_in(segment, these(make.account(owner=rep)), by=rep)

    segment.refresh_from_db()
    assert (segment.countries, segment.archived_at is None) == (["FR", "BE"], False)
    assert told("setup.changed")[0]["changes"] == {
        "countries": ["IT", "FR, BE"],
        "employees_to": ["", "10"],
    }
    assert Segment.objects.count() == 2


# ---- what is known, and what came of it -----------------------------------------------------------------


@pytest.mark.practice("C2")
def test_each_list_has_its_own_funnel_over_what_one_sees(rep, outsider, manager):
    full = make.account(owner=rep, industry="Food", country="IT", website="a.example", employees=9)
    make.contact(owner=rep, account=full)
    bare, unseen = make.account(owner=rep), make.account(owner=outsider)
    make.contact(owner=rep, account=bare, email="", phone="")
    found = make.target_list(full, bare, unseen, owner=rep)
    other = make.target_list(owner=rep)
    make.deal(owner=rep, account=full, target_list=found)
    make.won(owner=rep, account=full, target_list=found)
    make.deal(owner=outsider, account=unseen, target_list=found)
    closing.lose(make.deal(owner=rep, target_list=found), reason=make.reason(), by=rep)
    make.deal(owner=rep, account=bare)

    funnel = funnels_of([found, other], viewer=rep)[found.pk]
    empty = funnels_of([found, other], viewer=rep)[other.pk]
    of_outsider = funnels_of([found], viewer=outsider)[found.pk]

    assert (funnel.suspects, funnel.complete, funnel.with_deal) == (2, 1, 1)
    assert funnel.known == {
        "industry": 1,
        "country": 1,
        "website": 1,
        "employees": 1,
        "person": 2,
        "reachable": 1,
    }
    assert funnel.completeness == pytest.approx(7 / 12)
    assert [step.count for step in funnel.steps] == [1, 0, 0, 0, 0]
    assert (funnel.open, funnel.won, funnel.lost, funnel.disqualified) == (1, 1, 1, 0)
    assert (empty.suspects, empty.completeness, empty.open) == (0, None, 0)
    assert (of_outsider.suspects, of_outsider.open, of_outsider.won) == (1, 1, 0)


def test_a_second_chance_comes_from_the_same_list(rep):
    found = make.target_list(owner=rep)
    lost = make.deal(owner=rep, target_list=found)
    closing.lose(lost, reason=make.reason(), by=rep)

    assert reopening.second_chance(lost, by=rep).target_list == found


# ---- filters -----------------------------------------------------------------------------------------


def test_accounts_and_deals_are_filtered_by_segment_list_and_what_is_missing(rep, colleague):
    fits = make.account(owner=rep, name="Fits", country="IT", industry="Food")
    bare = make.account(owner=rep, name="Bare")
    segment, found = make.segment(), make.target_list(bare, owner=rep)
    theirs = make.target_list(owner=colleague)
    make.deal(owner=rep, title="In it", account=fits)
    make.deal(owner=rep, title="From it", account=bare, target_list=found)

    def by(filters, queryset, query):
        asked = filters(QueryDict(query), queryset=queryset, request=Asker(rep))
        return names(asked.qs) if asked.is_valid() else "refused"

    accounts, deals = Account.objects.visible_to(rep), Deal.objects.visible_to(rep)
    assert by(AccountFilters, accounts, f"segment={segment.pk}") == ["Fits"]
    assert by(AccountFilters, accounts, f"target_list={found.pk}") == ["Bare"]
    assert by(AccountFilters, accounts, f"target_list={found.pk}&lacks=website") == ["Bare"]
    assert by(AccountFilters, accounts, "lacks=country") == ["Bare"]
    assert by(AccountFilters, accounts, "lacks=colour") == "refused"
    assert by(DealFilters, deals, f"segment={segment.pk}") == ["In it"]
    assert by(DealFilters, deals, f"target_list={found.pk}") == ["From it"]
    assert by(DealFilters, deals, f"target_list={theirs.pk}") == "refused"
