"""Two accounts or two people become one, and apart again."""

import datetime as dt

import pytest
import time_machine

from crm.shared import mailing, moving
from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from crm.shared.search import search_for
from deals.actions import directory, directory_merge
from deals.models import Account, Merge, Stakeholder
from tests.factories import deals as make
from tests.factories import followups, referrals, reviews


def hangs_on(row):
    """How many rows of each column of all apps point to it."""
    return {
        f"{field.model.__name__}.{field.name}": field.model._default_manager.filter(
            **{field.name: row}
        ).count()
        for app in ("deals", "followups", "reviews", "referrals")
        for field in moving.pointing_at(type(row), app=app)
    }


def total(*rows):
    found = [hangs_on(row) for row in rows]
    return {name: sum(one[name] for one in found) for name in found[0]}


def with_everything(rep, *, account, **fields):
    """A person on whom something of every app hangs."""
    person = make.contact(owner=rep, account=account, **fields)
    deal = make.deal(owner=rep, account=account, contact=person)
    directory.add_stakeholder(deal, contact=person, role="champion", by=rep)
    followups.touch(deal, contact=person)
    followups.plan(deal)
    referrals.ask(owner=rep, contact=person)
    invited = reviews.sent_invitation(owner=rep, token=f"token of {person.pk}", contact=person)
    reviews.answered(owner=rep, invited=invited)
    return person


def test_everything_of_a_person_follows_and_goes_back(rep):
    account = make.account(owner=rep)
    kept = with_everything(rep, account=account, name="Ada")
    gone = with_everything(rep, account=account, name="A. Rossi")
    both, before = total(kept, gone), (hangs_on(kept), hangs_on(gone))

    made = directory_merge.merge(kept, gone, by=rep)

    assert (hangs_on(kept), set(hangs_on(gone).values())) == (both, {0})
    assert {name for name, count in both.items() if count < 2} == set()
    directory_merge.undo(made, by=rep)
    assert (hangs_on(kept), hangs_on(gone)) == before


def test_people_and_deals_of_an_account_follow_and_are_found(rep, client):
    kept, gone = make.account(owner=rep, name="Harbour"), make.account(owner=rep, name="Łódź")
    person = make.contact(owner=rep, account=gone, name="Ada")
    make.deal(owner=rep, account=gone, contact=person, title="Cold room")

    made = directory_merge.merge(kept, gone, by=rep)

    assert {group.title for group in search_for(rep, "harbour")} == {"Accounts", "People", "Deals"}
    assert search_for(rep, "lodz") == []
    directory_merge.undo(made, by=rep)
    assert {group.title for group in search_for(rep, "lodz")} == {"Accounts", "People", "Deals"}
    assert [group.title for group in search_for(rep, "harbour")] == ["Accounts"]


def test_values_are_chosen_and_gaps_are_filled(rep):
    kept = make.account(owner=rep, name="Harbour", country="GB", extra={"a": 1})
    gone = make.account(
        owner=rep,
        name="Harbour Ltd",
        country="IT",
        website="h.com",
        employees=5,
        extra={"a": 2, "b": 3},
    )

    made = directory_merge.merge(kept, gone, take=["name"], by=rep)

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.name, kept.country, kept.website, kept.employees, kept.extra) == (
        "Harbour Ltd",
        "GB",
        "h.com",
        5,
        {"a": 1, "b": 3},
    )
    assert (gone.archived_at, gone.merged_into) == (made.at, kept)
    with pytest.raises(ActionRefused):
        directory.restore(gone, by=rep)


def test_undone_it_is_as_it_was_but_for_what_was_edited_since(rep):
    kept = make.account(owner=rep, name="Harbour")
    gone = make.account(
        owner=rep, name="Harbour Ltd", website="h.com", industry="Food", employees=5
    )
    made = directory_merge.merge(kept, gone, take=["name"], by=rep)
    directory.edit_account(Account.objects.get(pk=kept.pk), by=rep, industry="Fish")

    directory_merge.undo(made, by=rep)

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.name, kept.website, kept.industry, kept.employees) == ("Harbour", "", "Fish", None)
    assert (gone.archived_at, gone.merged_into) == (None, None)


def test_who_stands_on_a_deal_twice_stands_there_once_and_twice_again(rep):
    kept, gone = make.contact(owner=rep), make.contact(owner=rep)
    deal = make.deal(owner=rep)
    directory.add_stakeholder(deal, contact=kept, role="champion", by=rep)
    directory.add_stakeholder(deal, contact=gone, role="user", stance=-1, by=rep)

    made = directory_merge.merge(kept, gone, by=rep)
    once = list(Stakeholder.objects.values_list("contact", "role", "stance"))
    directory_merge.undo(made, by=rep)

    assert once == [(kept.pk, "champion", 0)]
    assert set(Stakeholder.objects.values_list("contact", "role", "stance")) == {
        (kept.pk, "champion", 0),
        (gone.pk, "user", -1),
    }


@pytest.mark.parametrize(
    ("mine", "theirs", "scope"),
    [
        (None, "email", "email"),
        ("email", "call", "all"),
        ("call", "call", "call"),
        ("call", None, "call"),
    ],
)
def test_a_wish_of_either_survives(rep, mine, theirs, scope):
    kept, gone = (
        make.contact(
            owner=rep,
            do_not_contact=bool(one),
            do_not_contact_scope=one or "all",
            do_not_contact_why="Asked",
        )
        for one in (mine, theirs)
    )

    directory_merge.merge(kept, gone, by=rep)

    kept.refresh_from_db()
    assert (kept.do_not_contact, kept.do_not_contact_scope) == (True, scope)
    assert bool(mailing.is_suppressed(kept.email)) == (scope in {"all", "email"})


def test_a_wish_that_came_with_a_merge_goes_with_its_undoing(rep):
    kept = make.contact(owner=rep)
    gone = make.contact(owner=rep, do_not_contact=True, do_not_contact_why="Asked")

    directory_merge.undo(directory_merge.merge(kept, gone, by=rep), by=rep)

    kept.refresh_from_db()
    assert kept.do_not_contact is False
    assert (mailing.is_suppressed(kept.email), mailing.is_suppressed(gone.email).why) == (
        None,
        "Asked",
    )


def test_what_cannot_be_merged_says_so(rep):
    one, two, three = (make.account(owner=rep) for _each in range(3))
    directory_merge.merge(one, two, by=rep)
    one.refresh_from_db()

    with pytest.raises(ActionRefused):
        directory_merge.merge(one, one, by=rep)
    with pytest.raises(ActionRefused):
        directory_merge.merge(three, two, by=rep)
    with pytest.raises(StaleVersion):
        directory_merge.merge(one, three, by=rep, version=1)


def test_after_a_day_or_twice_it_cannot_be_undone(rep, now):
    made = directory_merge.merge(make.account(owner=rep), make.account(owner=rep), by=rep)

    with time_machine.travel(now + dt.timedelta(hours=24, minutes=1)), pytest.raises(ActionRefused):
        directory_merge.undo(made, by=rep)
    directory_merge.undo(made, by=rep)
    with pytest.raises(ActionRefused):
        directory_merge.undo(made, by=rep)


# ---- pages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_two_are_merged_side_by_side_and_apart_again(rep, client, kind):
    kept = getattr(make, kind)(owner=rep, name="Harbour", country="GB")
    gone = getattr(make, kind)(owner=rep, name="Harbour", country="IT")
    path = f"/{kind}s/{kept.pk}/merge/"
    client.force_login(rep)

    offered = client.get(path)
    searched = client.get(f"{path}?search=harb")
    shown = client.get(f"{path}?with={gone.pk}")
    answer = client.post(f"{path}?with={gone.pk}", {"take": ["country"], "version": kept.version})
    kept.refresh_from_db()

    assert [list(one.context["found"]) for one in (offered, searched)] == [[gone], [gone]]
    assert "country" in [row["name"] for row in shown.context["rows"]]
    assert (answer.url, kept.country) == (f"/{kind}s/{kept.pk}/", "IT")
    assert "It went into" in client.get(f"/{kind}s/{gone.pk}/").content.decode()
    client.post(f"/merges/{Merge.objects.get().pk}/undo/")
    kept.refresh_from_db()
    assert kept.country == "GB"
    assert (
        "undone already"
        in client.post(f"/merges/{Merge.objects.get().pk}/undo/", follow=True).content.decode()
    )


def test_a_stale_page_merges_nothing(rep, client):
    kept, gone = make.account(owner=rep), make.account(owner=rep)
    client.force_login(rep)

    answer = client.post(f"/accounts/{kept.pk}/merge/?with={gone.pk}", {"version": "9"})

    assert (answer.status_code, Merge.objects.count()) == (409, 0)


def test_another_rep_does_not_undo_it_and_the_manager_does(rep, colleague, manager, client):
    kept, gone = make.account(owner=rep), make.account(owner=rep)
    make.deal(owner=colleague, account=kept)
    made = directory_merge.merge(kept, gone, by=rep)

    answers = []
    for user in (colleague, manager):
        client.force_login(user)
        answers.append(client.post(f"/merges/{made.pk}/undo/").status_code)

    assert answers == [403, 302]
    assert EventRecord.objects.filter(name="directory.merge_undone").count() == 1
