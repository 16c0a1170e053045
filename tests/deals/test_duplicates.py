"""What looks like one company, or one person."""

import pytest

from deals import duplicates, lookalikes
from deals.models import Account, Contact
from tests.factories import deals as make


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Harbour Ltd.", "harbour"),
        ("Kovács Kft", "kovacs"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Rossi S.p.A.", "rossi"),
        ("Zakłady Łódź Sp. z o.o.", "zaklady lodz"),
        ("ООО «Берёза»", "береза"),
        ("中国电信股份有限公司", "中 国 电 信"),
        ("AS Roma", "as roma"),
        ("GmbH", "gmbh"),
        ("", ""),
    ],
)
def test_a_name_without_its_legal_form(name, bare):
    assert duplicates.bare_name(name) == bare


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Harbour.co.uk/shop?x", "harbour.co.uk"),
        ("harbour.com", "harbour.com"),
        ("ada@harbour.com", "harbour.com"),
        ("ada@gmail.com", ""),
        ("harbour", ""),
        ("http://[bad", ""),
        ("", ""),
    ],
)
def test_the_domain_of_an_address(text, domain):
    assert duplicates.domain_of(text) == domain


def test_a_phone_is_the_same_with_and_without_its_country():
    keys = {duplicates.phone_key(one) for one in ("+44 20 7946-0018", "020 7946 0018")}

    assert (keys, duplicates.phone_key("12")) == ({"079460018"}, "")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Harbour Ltd", ""), ("HARBOUR", ""), True),
        (("Harbour", "harbour.com"), ("Provisions", "www.harbour.com"), True),
        (("Harbour", "a.com"), ("Harbor", "b.com"), False),
        (("", ""), ("", ""), False),
    ],
)
def test_two_companies(one, other, same):
    keys = duplicates.account_key(*one), duplicates.account_key(*other)

    assert duplicates.are_one_company(*keys) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ada", "ADA@x.com"), ("Countess", "ada@x.com"), True),
        (("Ádám Kovács", "", "020 7946 0018", 1), ("Kovács Ádám", "", "+442079460018", 2), True),
        (("Ada", "a@x.com", "", 1), ("Ada", "b@x.com", "", 1), True),
        (("Ada", "", "", 1), ("Ada", "", "", 2), False),
        (("Ada", "", "020 7946 0018", 1), ("Bo", "", "020 7946 0018", 1), False),
        (("", ""), ("", ""), False),
    ],
)
def test_two_people(one, other, same):
    keys = duplicates.contact_key(*one), duplicates.contact_key(*other)

    assert duplicates.are_one_person(*keys) == same


def test_groups_join_through_a_third():
    rows = [("a", ["x"]), ("b", ["y"]), ("c", ["", "z"]), ("d", ["x", "y"]), ("e", [""])]

    assert duplicates.alike(rows) == [["a", "b", "d"]]


# ---- on entry -------------------------------------------------------------------------------------------


def test_a_new_account_is_told_what_it_looks_like_and_saved_anyway(rep, outsider, client):
    known = make.account(owner=rep, name="Kovács Kft")
    make.account(owner=outsider, name="Kovacs")
    make.account(owner=rep, name="Kovács Brothers")
    client.force_login(rep)
    data = {"name": "KOVACS", "owner": rep.pk, "version": "1"}

    told = client.post("/accounts/new/", data)

    assert (told.status_code, list(told.context["alike"])) == (422, [known])
    assert "Save anyway" in told.content.decode()
    assert client.post("/accounts/new/", data | {"anyway": "yes"}).status_code == 302
    assert Account.objects.filter(name="KOVACS").count() == 1


def test_a_new_person_is_told_whom_they_look_like_and_saved_anyway(rep, client):
    account = make.account(owner=rep)
    known = make.contact(owner=rep, name="Ada Rossi", email="ada@x.com", account=account)
    client.force_login(rep)
    data = {
        "name": "A. Rossi",
        "email": "Ada@X.com",
        "owner": rep.pk,
        "version": "1",
        "preferred_channel": "email",
    }

    told = client.post("/contacts/new/", data)

    assert (told.status_code, list(told.context["alike"])) == (422, [known])
    assert client.post("/contacts/new/", data | {"anyway": "yes"}).status_code == 302
    assert Contact.objects.count() == 2


def test_what_looks_like_nothing_is_saved_at_once(rep, client):
    client.force_login(rep)

    answer = client.post("/accounts/new/", {"name": "New", "owner": rep.pk, "version": "1"})

    assert answer.status_code == 302


# ---- the list -----------------------------------------------------------------------------------------


def test_likely_duplicates_stand_in_groups(rep, outsider, client):
    one, two = make.account(owner=rep, name="Harbour"), make.account(owner=rep, name="Harbour Ltd")
    make.account(owner=outsider, name="Harbour Inc")
    ada, eve = (make.contact(owner=rep, name="Ada", phone="020 7946 0018") for _n in range(2))
    client.force_login(rep)

    page = client.get("/duplicates/")

    assert [{*group} for group in page.context["accounts"]] == [{one, two}]
    assert [{*group} for group in page.context["contacts"]] == [{ada, eve}]
    assert lookalikes.likely_accounts(outsider) == []
    client.force_login(outsider)
    assert "No likely duplicates" in client.get("/duplicates/").content.decode()
