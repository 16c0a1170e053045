"""Accounts, the people in them, and lost deals to come back to."""

import datetime as dt

import pytest

from deals.actions import closing, directory, reopening
from deals.models import Account, Contact, Deal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, rep):
    """A browser in which the rep is signed in."""
    client.force_login(rep)
    return client


def as_sent(answer, **typed):
    """What a browser sends for the form of `answer`, with some fields typed over."""
    data = {}
    for field in answer.context["form"]:
        value = field.value()
        data[field.html_name] = "" if value in (None, False) else str(value)
        data[field.html_initial_name] = data[field.html_name]
    return data | typed


# ---- lists -----------------------------------------------------------------------------------------


def test_accounts_show_the_deals_that_one_sees(page, rep, outsider):
    account = make.account(owner=rep, name="Harbour")
    make.account(owner=outsider, name="Elsewhere")
    shared = make.account(owner=outsider, name="Shared")
    make.deal(owner=rep, account=shared)
    make.deal(owner=rep, account=account)
    make.deal(owner=outsider, account=account)
    closing.lose(make.deal(owner=rep, account=account), by=rep, reason=make.reason())
    closing.win(make.deal(owner=rep, account=account), by=rep)

    answer = page.get("/accounts/")

    assert answer.templates[0].name == "deals/accounts.html"
    assert [
        (row["account"].name, [row["counts"][kind] for kind in ("open", "won", "lost")])
        for row in answer.context["rows"]
    ] == [("Harbour", [1, 1, 1]), ("Shared", [1, 0, 0])]


def test_an_account_is_found_by_a_part_of_its_name(page, rep):
    for name in ("Harbour Provisions", "Brightwater Foods"):
        make.account(owner=rep, name=name)

    found = page.get("/accounts/?search=arbour").context["rows"]
    missed = page.get("/accounts/?search=nobody")

    assert [row["account"].name for row in found] == ["Harbour Provisions"]
    assert "Nothing found" in missed.content.decode()


def test_an_address_that_makes_no_sense_shows_nothing(page, rep):
    make.account(owner=rep)

    answer = page.get("/accounts/?colour=red")

    assert (answer.status_code, answer.context["rows"]) == (400, [])


def test_long_lists_come_in_pages(page, rep, monkeypatch):
    monkeypatch.setattr("deals.views.directory.ROWS", 2)
    for name in "ABC":
        make.account(owner=rep, name=name)

    first = page.get("/accounts/")
    second = page.get(f"/accounts/?cursor={first.context['page'].next}")

    assert [row["account"].name for row in second.context["rows"]] == ["C"]


@pytest.mark.parametrize("count", [1, 3, 50])
def test_the_list_takes_the_same_queries_for_many(page, rep, django_assert_num_queries, count):
    for _each in range(count):
        make.deal(owner=rep, account=make.account(owner=rep))

    # session, me, those that one sees, which of them, the accounts, counts, segments, lists
    with django_assert_num_queries(8):
        page.get("/accounts/")


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/find/", "/second-chances/"])
def test_a_viewer_has_no_lists(client, viewer, path):
    client.force_login(viewer)

    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("typed", "names"),
    [("har", ["Harbour <1>", "Harland"]), ("HARB", ["Harbour <1>"]), ("", []), ("zz", [])],
)
def test_names_are_suggested_as_one_types(page, rep, outsider, typed, names):
    for name in ("Harland", "Harbour <1>", "Brightwater"):
        make.account(owner=rep, name=name)
    make.account(owner=outsider, name="Hardly")

    answer = page.get("/accounts/find/", {"account_name": typed})

    assert list(answer.context["names"]) == names
    assert "<1>" not in answer.content.decode()


# ---- an account ------------------------------------------------------------------------------------


def test_an_account_shows_its_people_and_deals(page, rep, outsider):
    account = make.account(owner=rep)
    person = make.contact(owner=rep, account=account)
    deal = make.deal(owner=rep, account=account)
    make.deal(owner=outsider, account=account)

    answer = page.get(f"/accounts/{account.pk}/")

    assert answer.templates[0].name == "deals/account.html"
    assert list(answer.context["people"]) == [person]
    assert [row.deal for row in answer.context["rows"]] == [deal]


@pytest.mark.parametrize("count", [1, 3])
def test_an_account_takes_the_same_queries_for_many(page, rep, django_assert_num_queries, count):
    account = make.account(owner=rep)
    for _each in range(count):
        make.deal(owner=rep, account=account, contact=make.contact(owner=rep, account=account))

    # session, me, account, segments, in which, deals, people, touches, lists
    with django_assert_num_queries(8):
        page.get(f"/accounts/{account.pk}/")


@pytest.mark.parametrize("user", ["outsider", "viewer", "colleague"])
def test_what_is_not_seen_is_not_there(client, rep, user, request):
    account = make.account(owner=rep)
    person = make.contact(owner=rep, account=account)
    client.force_login(request.getfixturevalue(user))

    paths = [f"/accounts/{account.pk}/", f"/contacts/{person.pk}/"]
    assert {client.get(path).status_code for path in paths} == {404}
    assert {client.post(f"{path}edit/").status_code for path in paths} == {404}


def test_an_account_is_added(page, rep):
    data = {"name": "Harbour", "owner": rep.pk, "country": "gb", "version": "1"}

    asked = page.get("/accounts/new/")
    answer = page.post("/accounts/new/", data)

    account = Account.objects.get()
    assert asked.status_code == 200
    assert answer.url == f"/accounts/{account.pk}/"
    assert (account.name, account.country, account.owner) == ("Harbour", "GB", rep)


@pytest.mark.parametrize("path", ["/accounts/new/", "/contacts/new/"])
def test_adding_needs_a_name_and_a_role(client, rep, viewer, path):
    client.force_login(viewer)
    refused = client.get(path)
    client.force_login(rep)
    wrong = client.post(path, {"country": "Britain"})

    assert (refused.status_code, wrong.status_code) == (403, 422)
    assert {"name", "owner"} <= set(wrong.context["form"].errors)
    assert wrong.context["form"]["country"].value() == "Britain"


def test_an_account_is_edited(page, rep):
    account = make.account(owner=rep)
    shown = page.get(f"/accounts/{account.pk}/edit/")

    answer = page.post(f"/accounts/{account.pk}/edit/", as_sent(shown, industry="Food"))

    account.refresh_from_db()
    assert answer.url == f"/accounts/{account.pk}/"
    assert (account.industry, account.version) == ("Food", 2)


def test_two_people_edit_one_account_and_nothing_is_lost(page, rep):
    account = make.account(owner=rep, name="Harbour")
    shown = page.get(f"/accounts/{account.pk}/edit/")
    directory.edit_account(account, by=rep, name="Harbour Provisions")

    stale = page.post(f"/accounts/{account.pk}/edit/", as_sent(shown, industry="Food"))

    assert stale.status_code == 409
    assert "Somebody changed this in the meantime" in stale.content.decode()
    page.post(f"/accounts/{account.pk}/edit/", as_sent(stale))
    account.refresh_from_db()
    assert (account.name, account.industry) == ("Harbour Provisions", "Food")


# ---- a person --------------------------------------------------------------------------------------


def test_a_person_shows_the_deals_they_have_a_part_in(page, rep):
    person = make.contact(owner=rep)
    own, other = make.deal(owner=rep, contact=person), make.deal(owner=rep)
    make.deal(owner=rep)
    directory.add_stakeholder(other, contact=person, role="user", by=rep)
    directory.add_stakeholder(own, contact=person, role="champion", by=rep)

    answer = page.get(f"/contacts/{person.pk}/")

    assert answer.templates[0].name == "deals/contact.html"
    assert [row.deal for row in answer.context["rows"]] == [other, own]


def test_who_wants_no_contact_is_marked(page, rep):
    person = make.contact(owner=rep, do_not_contact=True, do_not_contact_why="Asked us to stop")

    html = page.get(f"/contacts/{person.pk}/").content.decode()

    assert "Do not contact: Asked us to stop." in html


def test_a_person_is_added_to_an_account(page, rep):
    account = make.account(owner=rep, country="IT")
    shown = page.get(f"/contacts/new/?account={account.pk}")

    answer = page.post(f"/contacts/new/?account={account.pk}", as_sent(shown, name="Ada Rossi"))

    person = Contact.objects.get()
    assert answer.url == f"/contacts/{person.pk}/"
    assert (person.name, person.account, person.country) == ("Ada Rossi", account, "IT")


def test_a_person_is_added_to_no_account(page, rep):
    shown = page.get("/contacts/new/")

    page.post("/contacts/new/", as_sent(shown, name="Ada Rossi"))

    assert Contact.objects.get().account is None


def test_an_account_that_is_not_seen_is_not_there(page, outsider):
    account = make.account(owner=outsider)

    assert page.get(f"/contacts/new/?account={account.pk}").status_code == 404


def test_two_people_edit_one_person_and_nothing_is_lost(page, rep):
    person = make.contact(owner=rep, account=make.account(owner=rep))
    shown = page.get(f"/contacts/{person.pk}/edit/")
    directory.edit_contact(person, by=rep, title="CFO", do_not_contact=True)

    stale = page.post(f"/contacts/{person.pk}/edit/", as_sent(shown, phone="123"))

    assert stale.status_code == 409
    assert [(one.label, one.was, one.now) for one in stale.context["form"].differences] == [
        ("Title", "", "CFO"),
        ("Do not contact", "no", "yes"),
        ("Asked on", "", "2026-04-20"),
    ]


def test_an_edit_that_is_wrong_says_where(page, rep):
    person = make.contact(owner=rep)
    shown = page.get(f"/contacts/{person.pk}/edit/")

    answer = page.post(f"/contacts/{person.pk}/edit/", as_sent(shown, time_zone="Mars/Crater"))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"time_zone"})


# ---- second chances ----------------------------------------------------------------------------------


@pytest.mark.practice("F5")
def test_lost_deals_stand_by_when_to_be_in_touch_again(page, rep, colleague, now):
    deals = {}
    for title, days in [("Later", 90), ("Never", None), ("Sooner", 30), ("Taken up", 1)]:
        deals[title] = make.deal(owner=rep, title=title)
        closing.lose(deals[title], by=rep, reason=make.reason("poor-fit"))
        due = now + dt.timedelta(days=days) if days else None
        Deal.objects.filter(pk=deals[title].pk).update(next_follow_up_at=due)
    reopening.second_chance(deals["Taken up"], by=rep)
    closing.win(make.deal(owner=rep), by=rep)
    closing.lose(make.deal(owner=colleague), by=colleague, reason=make.reason())

    answer = page.get("/second-chances/")

    assert answer.templates[0].name == "deals/second_chances.html"
    assert [deal.title for deal in answer.context["deals"]] == ["Sooner", "Later", "Never"]


def test_without_losses_the_page_says_what_will_be_here(page):
    assert "No second chances yet" in page.get("/second-chances/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_second_chances_take_the_same_queries_for_many(page, rep, django_assert_num_queries, count):
    for _each in range(count):
        closing.lose(make.deal(owner=rep), by=rep, reason=make.reason())

    with django_assert_num_queries(4):  # session, me, those with a day and those without
        page.get("/second-chances/")
