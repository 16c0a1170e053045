"""Search, duplicates, merge and its undo, export and erase, for programs: the same actions as the pages."""

import pytest

from deals.models import Account, Contact
from tests.factories import deals
from tests.programs import program

pytestmark = pytest.mark.django_db


def test_two_likely_duplicates_are_found_merged_and_taken_apart_again(rep, outsider):
    kept = deals.account(owner=rep, name="Kovács Kft.")
    gone = deals.account(owner=rep, name="KOVACS", website="kovacs.example")
    deals.account(owner=rep, name="Brightwater")
    deal = deals.deal(owner=rep, account=gone)
    caller = program(rep)

    groups = caller.get("/accounts/duplicates/").json()["groups"]
    assert [{one["id"] for one in group} for group in groups] == [{kept.pk, gone.pk}]
    assert program(outsider).get("/accounts/duplicates/").json() == {"groups": []}

    path, version = f"/accounts/{kept.pk}/merge/", f'"{kept.version}"'
    said = {"gone": gone.pk, "take": ["name"]}
    assert (
        caller.post(path, said | {"take": ["owner", "shoe"]}, if_match=version).status_code == 400
    )
    assert caller.post(path, {"gone": kept.pk}, if_match=version).status_code == 409
    assert caller.post(path, said, if_match='"99"').status_code == 412
    made = caller.post(path, said, if_match=version, idempotency_key="once")
    again = caller.post(path, said, if_match=version, idempotency_key="once")

    assert (made.status_code, made.json()) == (200, again.json())
    kept.refresh_from_db()
    deal.refresh_from_db()
    assert (kept.name, kept.website, deal.account_id) == ("KOVACS", "kovacs.example", kept.pk)
    assert caller.get(f"/accounts/{gone.pk}/").json()["merged_into"] == kept.pk
    listed = caller.get("/merges/?kind=account").json()["results"]
    assert listed == [made.json()]
    assert listed[0]["undo_ends_at"] == "2026-04-21T08:00:00Z"

    undone = caller.post(f"/merges/{made.json()['id']}/undo/")
    assert undone.json()["undone_at"] == "2026-04-20T08:00:00Z"
    assert Account.objects.get(pk=kept.pk).name == "Kovács Kft."
    assert caller.post(f"/merges/{made.json()['id']}/undo/").status_code == 409


def test_search_names_what_it_finds_by_kind_and_id(rep, outsider):
    account = deals.account(owner=rep, name="Kovács")
    person = deals.contact(
        owner=rep, account=account, name="Ada Rossi", do_not_contact=True, do_not_contact_why="no"
    )

    found = program(rep).get("/search/?search=kovacs").json()["groups"]

    assert [(group["kind"], group["hits"][0]["id"]) for group in found] == [
        ("accounts", account.pk),
        ("contacts", person.pk),
    ]
    assert found[1]["hits"][0]["mark"] == "no contact"
    assert program(outsider).get("/search/?search=kovacs").json() == {"groups": []}
    assert program(rep).get("/search/?q=kovacs").status_code == 400


def test_a_person_is_exported_and_erased(rep, manager):
    person = deals.contact(owner=rep, name="Ada Rossi")
    deals.deal(owner=rep, contact=person)
    told = program(rep).get(f"/contacts/{person.pk}/export/").json()
    assert (told["name"], told["is_complete"]) == ("Ada Rossi", False)
    assert {"deals.contact", "deals.deal"} <= told["held"].keys()

    path, version = f"/contacts/{person.pk}/erase/", f'"{person.version}"'
    caller = program(manager)
    assert program(rep).post(path, if_match=version).status_code == 403
    assert caller.post(path, if_match='"99"').status_code == 412
    gone = caller.post(path, if_match=version, idempotency_key="once")
    again = caller.post(path, if_match=version, idempotency_key="once")

    assert (gone.status_code, gone.json()["name"], gone.content) == (
        200,
        "Erased person",
        again.content,
    )
    assert gone.json()["erased_at"] == "2026-04-20T08:00:00Z"
    assert Contact.objects.get(pk=person.pk).email == ""
    assert caller.post(path, if_match=gone["ETag"]).status_code == 409
