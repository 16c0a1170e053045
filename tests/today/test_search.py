"""The search box and its page."""

import pytest

from crm.shared.search import SHOWN, search_for
from deals.actions import batches, directory, pipeline
from deals.models import Account, Contact, Deal
from tests.factories import deals as make


def found(user, typed):
    return {group.title: [hit.title for hit in group.hits] for group in search_for(user, typed)}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Kovács és Társa", "kovacs"),
        ("Kovács és Társa", "TARS"),
        ("Zakłady Łódź", "lodz"),
        ("Große Straße", "strass"),
        ("Берёза Трейд", "береза"),
        ("中国电信", "电"),
        ("中国电信", "中国"),
        ("Harbour Provisions", "prov harb"),
        ("Harbour Provisions", "ha"),
        ("100% Foods", "100%"),
    ],
)
def test_names_are_found_by_a_part(rep, name, typed):
    make.account(owner=rep, name=name)
    make.account(owner=rep, name="Brightwater")

    assert found(rep, typed) == {"Accounts": [name]}


@pytest.mark.parametrize("typed", ["", " ", "%", "arbou xyz", "arbour_", "电"])
def test_what_is_not_there_is_not_found(rep, typed):
    make.account(owner=rep, name="Harbour % Co" if typed == "arbour_" else "Harbour")

    assert found(rep, typed) == ({"Accounts": ["Harbour % Co"]} if typed == "arbour_" else {})


def test_a_company_brings_its_people_and_deals(rep):
    account = make.account(owner=rep, name="Harbour")
    contact = make.contact(owner=rep, account=account, name="Ada Rossi", phone="+44 20 7946-0018")
    make.deal(owner=rep, account=account, contact=contact, title="Cold room")

    assert found(rep, "harbour") == {
        "Accounts": ["Harbour"],
        "People": ["Ada Rossi"],
        "Deals": ["Harbour · Cold room"],
    }
    assert found(rep, "rossi") == {"People": ["Ada Rossi"], "Deals": ["Harbour · Cold room"]}
    assert found(rep, "79460018") == {"People": ["Ada Rossi"]}


def test_nobody_finds_what_they_do_not_see(rep, outsider, manager, viewer):
    account = make.account(owner=rep, name="Harbour")
    make.deal(owner=rep, account=account, title="Harbour")
    make.contact(owner=rep, name="Harbour")

    assert (found(outsider, "harbour"), found(viewer, "harbour")) == ({}, {})
    assert found(manager, "harbour").keys() == {"Accounts", "People", "Deals"}


def test_the_first_of_each_stand_there_and_the_list_has_the_rest(rep, client):
    for number in range(SHOWN + 2):
        make.account(owner=rep, name=f"The Harbour {number:02}")
    make.account(owner=rep, name="Harbour")

    [group] = search_for(rep, "harbour")
    client.force_login(rep)

    assert [hit.title for hit in group.hits][:2] == ["Harbour", "The Harbour 00"]
    assert len(group.hits) == SHOWN
    assert len(client.get(group.path).context["rows"]) == SHOWN + 3


def test_an_archived_row_is_not_found(rep, now):
    make.account(owner=rep, name="Harbour", archived_at=now)

    assert found(rep, "harbour") == {}


# ---- every way of writing keeps it ------------------------------------------------------------------


def rename_one(rep, account, contact):
    directory.edit_account(account, by=rep, name="Łódź")
    directory.edit_contact(contact, by=rep, name="Kovács")


def rename_many(rep, account, contact):
    batches.save_accounts([{"external_id": "A", "name": "Łódź"}], by=rep)
    batches.save_contacts([{"external_id": "C", "name": "Kovács"}], by=rep)


@pytest.mark.parametrize("rename", [rename_one, rename_many])
def test_a_new_name_is_found_wherever_it_stands(rep, rename):
    account = make.account(owner=rep, name="Harbour", external_id="A")
    contact = make.contact(owner=rep, account=account, name="Ada", external_id="C")
    make.deal(owner=rep, account=account, contact=contact, title="Cold room")

    rename(rep, account, contact)

    assert found(rep, "lodz").keys() == {"Accounts", "People", "Deals"}
    assert found(rep, "kovacs").keys() == {"People", "Deals"}
    assert (found(rep, "harbour"), found(rep, "ada")) == ({}, {})


def test_what_comes_in_many_at_once_is_found(rep):
    batches.save_accounts([{"name": "Kovács"}], by=rep)
    account = Account.objects.get()
    batches.save_contacts([{"name": "Ádám", "account": account}], by=rep)
    batches.save_deals([{"title": "Łódź", "account": account}], by=rep)
    deal = Deal.objects.get()
    pipeline.edit(deal, by=rep, contact=Contact.objects.get())

    assert found(rep, "adam").keys() == {"People", "Deals"}
    pipeline.edit(deal, by=rep, title="Straße", account=None)
    assert (found(rep, "kovacs").keys(), found(rep, "strasse").keys()) == (
        {"Accounts", "People"},
        {"Deals"},
    )


def test_what_is_loaded_by_the_hundred_is_found(rep):
    account = make.account(owner=rep, name="Kovács")
    rows = [{"title": f"Łódź {number}", "account": account} for number in range(120)]

    batches.save_deals(rows, by=rep)

    assert Deal.objects.found_by("kovacs lodz").count() == 120


def test_other_edits_leave_the_folded_text_alone(rep, django_assert_num_queries):
    deal = make.deal(owner=rep, account=make.account(owner=rep))
    fresh = Deal.objects.get(pk=deal.pk)

    with django_assert_num_queries(1):
        Deal.objects.bulk_update([fresh], ["amount"])


# ---- pages ---------------------------------------------------------------------------------------------


def test_the_box_gets_a_fragment_and_everybody_else_a_page(rep, client):
    make.account(owner=rep, name="Harbour <1>")
    client.force_login(rep)

    page = client.get("/search/?search=harb")
    part = client.get("/search/?search=harb", headers={"HX-Request": "true"})
    nothing = client.get("/search/?search=zzz")

    assert [page.templates[0].name, part.templates[0].name] == [
        "today/search.html",
        "today/_found.html",
    ]
    assert "Harbour &lt;1&gt;" in part.content.decode()
    assert "Nothing that you see is called so." in nothing.content.decode()


@pytest.mark.parametrize(("count", "queries"), [(1, 10), (8, 9)])
def test_the_box_takes_few_queries_for_many(rep, client, django_assert_num_queries, count, queries):
    client.force_login(rep)
    for _each in range(count):
        account = make.account(owner=rep, name="Harbour")
        make.deal(owner=rep, account=account, contact=make.contact(owner=rep, account=account))

    # session, me; accounts seen, accounts that begin so, and those that contain it, where there are too few; the same for
    # people; shared deals, deals
    with django_assert_num_queries(queries):
        client.get("/search/?search=harbour", headers={"HX-Request": "true"})


def test_people_are_listed_and_searched(rep, client, outsider, now):
    make.contact(owner=rep, name="Kovács Ádám")
    make.contact(owner=rep, name="Archived Ann", archived_at=now)
    make.contact(owner=outsider, name="Otto")
    client.force_login(rep)

    def names(query):
        return [one.name for one in client.get(f"/contacts/{query}").context["rows"]]

    assert names("") == ["Kovács Ádám"]
    assert names("?search=adam") == ["Kovács Ádám"]
    assert names("?archived=true") == ["Archived Ann"]
    assert "Nothing found" in client.get("/contacts/?search=zzz").content.decode()
    assert client.get("/contacts/?colour=red").status_code == 400
