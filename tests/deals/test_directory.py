"""Accounts and people: archived and restored, and who does not want to be contacted."""

import datetime as dt

import pytest

from crm.shared import mailing
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord
from deals.actions import batches, closing, directory
from deals.models import Account, Contact
from tests.factories import deals as make
from tests.programs import program


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_what_is_archived_leaves_the_lists_and_comes_back(rep, client, kind):
    row = getattr(make, kind)(owner=rep)
    client.force_login(rep)

    client.post(f"/{kind}s/{row.pk}/archive/")
    gone = list(client.get(f"/{kind}s/").context["rows"])
    shown = client.get(f"/{kind}s/?archived=true").context["rows"]
    page = client.get(f"/{kind}s/{row.pk}/").content.decode()
    client.post(f"/{kind}s/{row.pk}/restore/")

    assert (gone, len(shown), len(client.get(f"/{kind}s/").context["rows"])) == ([], 1, 1)
    assert "Archived on" in page
    assert list(EventRecord.objects.values_list("name", flat=True)) == [
        "directory.archived",
        "directory.restored",
    ]


def test_twice_is_once(rep):
    account = make.account(owner=rep)

    directory.restore(account, by=rep)
    directory.archive(account, by=rep)
    again = directory.archive(account, by=rep)

    assert (again.version, EventRecord.objects.count()) == (2, 1)


def test_an_account_with_open_deals_stays(rep, client):
    account = make.account(owner=rep, name="Harbour")
    deal = make.deal(owner=rep, account=account)
    client.force_login(rep)

    answer = client.post(f"/accounts/{account.pk}/archive/", follow=True)

    assert "“Harbour” has open deals: close them first." in answer.content.decode()
    closing.win(deal, by=rep)
    assert directory.archive(account, by=rep).archived_at is not None


def test_a_program_archives_and_restores(rep):
    account, contact = make.account(owner=rep), make.contact(owner=rep)
    caller = program(rep)

    for path in (f"/accounts/{account.pk}", f"/contacts/{contact.pk}"):
        archived = caller.post(f"{path}/archive/", {}, if_match='"1"')
        late = caller.post(f"{path}/restore/", {}, if_match='"1"')
        restored = caller.post(f"{path}/restore/", {}, if_match=archived["ETag"])
        assert archived.json()["archived_at"] is not None
        assert (late.status_code, restored.json()["archived_at"]) == (412, None)


# ---- do not contact -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "refused"),
    [("all", {"all", "email", "call"}), ("email", {"email"}), ("call", {"call"})],
)
def test_a_mark_covers_what_it_says(rep, scope, refused):
    person = make.contact(owner=rep, do_not_contact=True, do_not_contact_scope=scope)

    assert {one for one in ("all", "email", "call") if person.refuses(one)} == refused


@pytest.mark.parametrize("scope", ["all", "email"])
def test_mail_to_who_wants_none_stops_and_goes_again_when_the_mark_is_lifted(rep, now, scope):
    person = make.contact(owner=rep, email="Ada@Example.com")

    marked = directory.edit_contact(
        person,
        by=rep,
        do_not_contact=True,
        do_not_contact_scope=scope,
        do_not_contact_why="Asked us to stop",
    )
    refusal = mailing.is_suppressed("ada@example.com")
    lifted = directory.edit_contact(marked, by=rep, do_not_contact=False)

    assert marked.do_not_contact_since == now.date()
    assert (refusal.why, refusal.by) == ("Asked us to stop", rep)
    assert mailing.is_suppressed(lifted.email) is None


def test_who_wants_no_calls_gets_mail(rep):
    person = make.contact(owner=rep)

    directory.edit_contact(person, by=rep, do_not_contact=True, do_not_contact_scope="call")

    assert mailing.is_suppressed(person.email) is None


def test_a_click_of_the_buyer_outlives_the_mark(rep):
    person = make.contact(owner=rep)
    mailing.suppress(person.email, why="Link in a mail")

    marked = directory.edit_contact(
        person, by=rep, do_not_contact=True, do_not_contact_why="Asked us to stop"
    )
    directory.edit_contact(marked, by=rep, do_not_contact=False)

    assert mailing.is_suppressed(person.email).why == "Link in a mail"


def test_those_who_come_in_marked_get_no_mail_either(rep):
    batches.save_contacts(
        [{"name": "Ada", "email": "ada@example.com", "do_not_contact": True, "external_id": "1"}],
        by=rep,
    )
    batches.save_contacts([{"name": "Bo", "email": "bo@example.com", "external_id": "2"}], by=rep)
    batches.save_contacts([{"name": "Bo", "do_not_contact": True, "external_id": "2"}], by=rep)

    assert mailing.suppressed_among(["ada@example.com", "bo@example.com"]).keys() == {
        "ada@example.com",
        "bo@example.com",
    }


def test_the_mark_is_shown_wherever_the_person_stands(rep, client):
    account = make.account(owner=rep)
    person = make.contact(
        owner=rep,
        account=account,
        do_not_contact=True,
        do_not_contact_scope="call",
        do_not_contact_why="Only by mail",
        do_not_contact_since=dt.date(2026, 3, 2),
    )
    deal = make.deal(owner=rep, account=account, contact=person)
    directory.add_stakeholder(deal, contact=person, role="champion", by=rep)
    client.force_login(rep)

    pages = [
        f"/contacts/{person.pk}/",
        f"/accounts/{account.pk}/",
        f"/deals/{deal.pk}/",
        "/",
        "/contacts/",
    ]
    shown = {path: client.get(path).content.decode() for path in pages}

    assert "Does not want calls: Only by mail." in shown.pop(pages[0])
    assert [path for path, html in shown.items() if "no calls" not in html] == []


def test_a_merged_row_is_not_restored_by_itself(rep):
    kept, gone = make.account(owner=rep), make.account(owner=rep)
    Account.objects.filter(pk=gone.pk).update(merged_into=kept)

    with pytest.raises(ActionRefused):
        directory.restore(gone, by=rep)
    assert Contact.objects.count() == 0
