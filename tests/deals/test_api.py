"""Accounts, contacts, deals, people on deals and the lists that administrators keep, over HTTP."""

import pytest

from crm.shared.models import EventRecord
from deals.actions import directory
from deals.models import Account, Contact, Deal, Stakeholder
from tests.factories import deals
from tests.programs import program


def tag(thing) -> str:
    return f'"{thing.version}"'


# ---- accounts and contacts -------------------------------------------------------------------------


def test_an_account_is_added_read_and_changed(rep):
    caller = program(rep)

    made = caller.post("/accounts/", {"name": "Rossi", "country": "IT", "external_id": "A-1"})
    read = caller.get(f"/accounts/{made.json()['id']}/")
    changed = caller.patch(
        f"/accounts/{made.json()['id']}/", {"name": "Rossi Spa"}, if_match=read["ETag"]
    )

    account = Account.objects.get()
    assert (made.status_code, made["Location"]) == (
        201,
        f"http://testserver/api/v1/accounts/{account.pk}/",
    )
    assert read.json() == made.json()
    assert read.json() == {
        "id": account.pk,
        "name": "Rossi",
        "owner": rep.pk,
        "industry": "",
        "country": "IT",
        "website": "",
        "employees": None,
        "external_id": "A-1",
        "extra": {},
        "archived_at": None,
        "merged_into": None,
        "version": 1,
        "created_at": "2026-04-20T08:00:00Z",
        "updated_at": "2026-04-20T08:00:00Z",
    }
    assert (changed.status_code, changed.json()["name"], changed["ETag"]) == (
        200,
        "Rossi Spa",
        '"2"',
    )


def test_a_contact_is_added_read_and_changed(rep):
    account = deals.account(owner=rep)
    caller = program(rep)
    body = {
        "name": "Ada",
        "email": "ada@example.com",
        "account": account.pk,
        "consent_on": "2026-01-02",
    }

    made = caller.post("/contacts/", body | {"time_zone": "Europe/Rome", "do_not_contact": False})
    changed = caller.patch(
        f"/contacts/{made.json()['id']}/", {"do_not_contact": True}, if_match='"1"'
    )

    assert made.status_code == 201
    assert made.json() | body | {"owner": rep.pk} == made.json()
    assert (changed.json()["do_not_contact"], changed["ETag"]) == (True, '"2"')


WRONG_CONTACTS = [
    ({"email": "nobody"}, "/email"),
    ({"email": 5}, "/email"),
    ({"country": "ITA"}, "/country"),
    ({"country": "it"}, "/country"),
    ({"time_zone": "Rome"}, "/time_zone"),
    ({"language": "italiano"}, "/language"),
    ({"preferred_channel": "fax"}, "/preferred_channel"),
    ({"do_not_contact": "true"}, "/do_not_contact"),
    ({"consent_on": "01.02.2026"}, "/consent_on"),
    ({"consent_on": "0001-01-01"}, "/consent_on"),
    ({"account": 999999}, "/account"),
    ({"account": 2**63}, None),
    ({"external_id": ""}, "/external_id"),
    ({"name": "x" * 201}, "/name"),
    ({"is_sample": True}, "/is_sample"),
    ({"version": 7}, "/version"),
    ({"id": 7}, "/id"),
]


@pytest.mark.parametrize(("wrong", "pointer"), WRONG_CONTACTS)
def test_a_wrong_contact_is_400_with_its_pointer(rep, wrong, pointer):
    answer = program(rep).post("/contacts/", {"name": "Ada"} | wrong)

    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json().get("errors", [])} == (
        {pointer} if pointer else set()
    )
    assert Contact.objects.count() == 0


def test_an_external_id_that_is_taken_is_409(rep):
    caller = program(rep)
    caller.post("/accounts/", {"name": "Rossi", "external_id": "A-1"})

    assert caller.post("/accounts/", {"name": "Verdi", "external_id": "A-1"}).status_code == 409


# ---- deals -----------------------------------------------------------------------------------------


def test_a_deal_is_opened_with_all_its_facts(rep):
    account, contact = deals.account(owner=rep), deals.contact(owner=rep)
    facts = {
        "title": "Pumps",
        "account": account.pk,
        "contact": contact.pk,
        "stage": deals.stage("approach").pk,
        "amount": {"amount": "48200.00", "currency": "USD"},
        "expected_close_on": "2026-06-30",
        "product": deals.product().pk,
        "source": "fair",
        "need": "yes",
        "budget": "no",
        "external_id": "D-1",
    }

    answer = program(rep).post("/deals/", facts)

    made = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert made | facts == made
    assert (made["owner"], made["status"], made["currency"], made["phase"]) == (
        rep.pk,
        "open",
        "USD",
        "approach",
    )
    assert (made["opened_at"], made["outcome"]) == ("2026-04-20T08:00:00Z", None)
    assert EventRecord.objects.get(name="deal.created").deal_id == made["id"]


def test_only_a_title_is_needed(rep, settings):
    made = program(rep).post("/deals/", {"title": "Pumps"}).json()

    assert (made["stage"], made["amount"], made["currency"]) == (
        deals.stage("suspect").pk,
        None,
        settings.ORGANISATION_CURRENCY,
    )


MONEY = [
    ({"amount": "1200.00", "currency": "EUR"}, 201),
    ({"amount": 1200, "currency": "EUR"}, 201),
    ({"amount": "-5", "currency": "EUR"}, 400),
    (None, 201),
    ({"amount": "1200.00", "currency": "ABC"}, 400),
    ({"amount": 1200.5, "currency": "EUR"}, 400),
    ({"amount": "1200.001", "currency": "EUR"}, 400),
    ({"amount": "123456789012345.00", "currency": "EUR"}, 400),
    ({"amount": "NaN", "currency": "EUR"}, 400),
    ({"amount": "", "currency": "EUR"}, 400),
    ({"amount": True, "currency": "EUR"}, 400),
    ({"amount": "1200.00", "currency": "eur"}, 400),
    ({"amount": "1200.00", "currency": "EURO"}, 400),
    ({"amount": "1200.00", "currency": None}, 400),
    ({"amount": "1200.00"}, 400),
    ({"amount": "1200.00", "currency": "EUR", "cents": 0}, 400),
    ("1200.00", 400),
    (1200, 400),
    ([], 400),
]


@pytest.mark.parametrize(("amount", "status"), MONEY)
def test_money_is_an_object_of_text_and_currency(rep, amount, status):
    answer = program(rep).post("/deals/", {"title": "Pumps", "amount": amount})

    assert answer.status_code == status


def test_a_deal_is_changed_from_the_version_that_was_read(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)

    answer = caller.patch(f"/deals/{deal.pk}/", {"amount": None, "need": "yes"}, if_match=tag(deal))

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["amount"], answer.json()["need"], answer.json()["version"]) == (
        None,
        "yes",
        2,
    )


IF_MATCH = [
    (None, 428),
    ("", 428),
    ("*", 428),
    ("1", 400),
    ('"1", "2"', 400),
    ('"2"', 412),
    ('"0"', 412),
    ('"99999999999"', 412),
    ('"abc"', 412),
    ('"1"', 200),
    ('W/"1"', 200),
]


@pytest.mark.parametrize(("given", "status"), IF_MATCH)
def test_an_edit_says_from_which_version_it_was_made(rep, given, status):
    deal = deals.deal(owner=rep, title="Pumps")
    headers = {} if given is None else {"if_match": given}

    answer = program(rep).patch(f"/deals/{deal.pk}/", {"title": "Valves"}, **headers)

    deal.refresh_from_db()
    assert answer.status_code == status
    assert (deal.title, deal.version) == (("Valves", 2) if status == 200 else ("Pumps", 1))


VERSIONED = ["move", "win", "lose", "disqualify", "undo-close"]


@pytest.mark.parametrize("name", VERSIONED)
def test_a_verb_without_if_match_is_428_and_with_a_stale_one_412(rep, name):
    deal = deals.deal(owner=rep)
    bodies = {
        "move": {"stage": deals.stage("approach").pk},
        "lose": {"reason": "timing"},
        "disqualify": {"disqualified_as": "duplicate"},
    }
    caller = program(rep)
    path, body = f"/deals/{deal.pk}/{name}/", bodies.get(name, {})

    missing = caller.post(path, body)
    stale = caller.post(path, body, if_match='"7"')

    deal.refresh_from_db()
    assert (missing.status_code, stale.status_code) == (428, 412)
    assert (deal.status, deal.version) == ("open", 1)


def test_of_two_edits_from_one_version_one_wins(rep, manager):
    deal = deals.deal(owner=rep, title="Pumps")
    path = f"/deals/{deal.pk}/"

    first = program(rep).patch(path, {"title": "One"}, if_match='"1"')
    second = program(manager).patch(path, {"title": "Two"}, if_match='"1"')

    deal.refresh_from_db()
    assert (first.status_code, second.status_code, deal.title) == (200, 412, "One")
    assert second.json()["type"] == "urn:rebound:problem:stale-version"


READ_ONLY = [
    *(
        "status",
        "stage",
        "outcome",
        "closed_at",
        "opened_at",
        "version",
        "last_touch_at",
        "is_sample",
    ),
    *(
        "unanswered_touches",
        "closes_on",
        "collaborators",
        "second_chance_of",
        "external_id",
        "extra",
        "id",
    ),
]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_derived_or_has_a_verb_cannot_be_patched(rep, name):
    deal = deals.deal(owner=rep)

    answer = program(rep).patch(f"/deals/{deal.pk}/", {name: "lost"}, if_match=tag(deal))

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": f"/{name}", "detail": "There is no such field."}]


def test_a_deal_moves_with_history(rep):
    deal = deals.deal(owner=rep)
    stage = deals.stage("negotiation")

    answer = program(rep).post(f"/deals/{deal.pk}/move/", {"stage": stage.pk}, if_match=tag(deal))

    assert (answer.status_code, answer.json()["stage"], answer["ETag"]) == (200, stage.pk, '"2"')
    assert [change.to_stage for change in deal.stage_changes.all()] == [
        deals.stage("suspect"),
        stage,
    ]


def test_a_reference_to_what_one_does_not_see_reads_as_unknown(rep, outsider):
    account = deals.account(owner=outsider)
    caller = program(rep)

    unseen = caller.post("/deals/", {"title": "Pumps", "account": account.pk})
    unknown = caller.post("/deals/", {"title": "Pumps", "account": 999999})

    assert unseen.status_code == 400
    assert unseen.content == unknown.content


def test_the_timeline_tells_what_happened_newest_first(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)
    caller.patch(f"/deals/{deal.pk}/", {"title": "Valves"}, if_match='"1"')

    first = caller.get(f"/deals/{deal.pk}/timeline/?limit=1").json()
    whole = caller.get(f"/deals/{deal.pk}/timeline/").json()

    names = [event["event"] for event in whole["results"]]
    assert names[0] == "deal.edited"
    assert "deal.created" in names
    assert [event["event"] for event in first["results"]] == ["deal.edited"]
    assert whole["results"][0]["data"] == {"changes": {"title": [deal.title, "Valves"]}}


# ---- people on a deal ------------------------------------------------------------------------------


def test_a_person_is_put_on_a_deal_and_their_part_changed(rep):
    deal, contact = deals.deal(owner=rep), deals.contact(owner=rep)
    caller = program(rep)
    body = {"deal": deal.pk, "contact": contact.pk, "role": "champion", "stance": 2, "met": True}

    made = caller.post("/stakeholders/", body)
    changed = caller.change(f"/stakeholders/{made.json()['id']}/", {"stance": -2})

    assert made.status_code == 201
    assert made.json() | body == made.json()
    assert changed.json() == made.json() | {"stance": -2}


def test_stance_runs_from_minus_two_to_two(rep):
    deal, contact = deals.deal(owner=rep), deals.contact(owner=rep)
    body = {"deal": deal.pk, "contact": contact.pk, "role": "champion", "stance": 3}

    assert program(rep).post("/stakeholders/", body).status_code == 400
    assert Stakeholder.objects.count() == 0


# ---- who may, and how much it costs ----------------------------------------------------------------


def test_what_hangs_on_a_deal_is_seen_with_the_deal(
    rep, colleague, manager, outsider, viewer, admin
):
    deal = deals.deal(owner=rep, account=deals.account(owner=rep))
    directory.add_stakeholder(deal, contact=deals.contact(owner=rep), role="user", by=rep)
    paths = [
        f"/deals/{deal.pk}/",
        f"/deals/{deal.pk}/timeline/",
        f"/stakeholders/{deal.stakeholders.get().pk}/",
    ]
    paths += [f"/accounts/{deal.account_id}/"]

    seen = {
        user.email.split("@")[0]: [program(user).get(path).status_code for path in paths]
        for user in (rep, colleague, manager, outsider, viewer, admin)
    }

    assert seen == {
        "rep": [200, 200, 200, 200],
        "colleague": [404, 404, 404, 404],
        "manager": [200, 200, 200, 200],
        "outsider": [404, 404, 404, 404],
        "viewer": [404, 404, 404, 404],
        "admin": [200, 200, 200, 200],
    }


def test_a_viewer_sees_no_deal_and_opens_none(rep, viewer):
    deals.deal(owner=rep)
    caller = program(viewer)

    assert caller.get("/deals/").json()["results"] == []
    assert caller.post("/deals/", {"title": "Pumps"}).status_code == 403
    assert Deal.objects.count() == 1
