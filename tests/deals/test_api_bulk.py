"""Many at once: all or nothing, or a result for each; an external id that is known changes its row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.models import EventRecord
from deals.actions import closing
from deals.models import Account, Contact, Deal
from tests.factories import deals
from tests.programs import program


def test_new_ones_are_opened_and_known_ones_edited(rep):
    known = deals.deal(owner=rep, title="old", external_id="D-1")
    items = [
        {"external_id": "D-1", "title": "new", "stage": deals.stage("approach").pk},
        {"external_id": "D-2", "title": "two", "amount": {"amount": "5.00", "currency": "EUR"}},
        {"title": "three"},
    ]
    caller = program(rep)

    first = caller.post("/deals/bulk/", {"items": items})
    second = caller.post("/deals/bulk/", {"items": items[:2]})

    two = Deal.objects.get(external_id="D-2")
    assert first.status_code == 200
    assert first.json() == {
        "created": 2,
        "updated": 1,
        "unchanged": 0,
        "refused": 0,
        "results": [
            {"index": 0, "result": "updated", "id": known.pk, "external_id": "D-1", "errors": []},
            {"index": 1, "result": "created", "id": two.pk, "external_id": "D-2", "errors": []},
            {"index": 2, "result": "created", "id": two.pk + 1, "external_id": None, "errors": []},
        ],
    }
    assert [row["result"] for row in second.json()["results"]] == ["unchanged", "unchanged"]
    known.refresh_from_db()
    assert (known.title, known.version, known.stage) == ("new", 2, deals.stage("suspect"))
    assert EventRecord.objects.filter(name="deal.edited").count() == 1


MANY = [
    ("/accounts/bulk/", Account, {"name": "Rossi"}),
    ("/contacts/bulk/", Contact, {"name": "Ada", "email": "ada@example.com"}),
    ("/deals/bulk/", Deal, {"title": "Pumps"}),
]


@pytest.mark.parametrize(("path", "model", "body"), MANY)
def test_a_batch_takes_as_many_queries_whatever_its_size(rep, path, model, body):
    account = deals.account(owner=rep)
    before = model.objects.count()
    field = {} if model is Account else {"account": account.pk}
    caller = program(rep)

    def send(first: int, count: int) -> int:
        items = [
            body | field | {"external_id": f"{number}"} for number in range(first, first + count)
        ]
        with CaptureQueriesContext(connection) as queries:
            answer = caller.post(path, {"items": items})
        assert answer.status_code == 200, answer.json()
        return len(queries)

    few, many = send(0, 2), send(100, 12)  # more would not fit one statement of SQLite

    assert few == many
    assert model.objects.count() == before + 14


@pytest.mark.parametrize(("path", "model", "body"), MANY)
def test_one_wrong_item_stops_them_all(rep, path, model, body):
    items = [body, body | {"external_id": ""}, body | {"colour": "red"}]

    answer = program(rep).post(path, {"items": items})

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/items/1/external_id",
        "/items/2/colour",
    ]
    assert model.objects.count() == 0


@pytest.mark.parametrize(("path", "model", "body"), MANY)
def test_with_partial_the_right_ones_are_saved(rep, path, model, body):
    items = [body | {"external_id": "1"}, body | {"colour": "red"}, body | {"external_id": "2"}]

    answer = program(rep).post(f"{path}?partial=true", {"items": items})

    counts = {name: answer.json()[name] for name in ("created", "updated", "unchanged", "refused")}
    assert (answer.status_code, counts) == (
        200,
        {"created": 2, "updated": 0, "unchanged": 0, "refused": 1},
    )
    assert answer.json()["results"][1] == {
        "index": 1,
        "result": "refused",
        "id": None,
        "external_id": None,
        "errors": [{"pointer": "/colour", "detail": "There is no such field."}],
    }
    assert model.objects.count() == 2


def test_what_the_action_refuses_stops_all_or_with_partial_only_itself(rep, manager, colleague):
    lost = deals.deal(owner=rep, external_id="D-1")
    closing.lose(lost, reason=deals.reason(), by=rep)
    items = [{"external_id": "D-1", "title": lost.title, "owner": colleague.pk}, {"title": "new"}]
    caller = program(manager)

    whole = caller.post("/deals/bulk/", {"items": items})
    partial = caller.post("/deals/bulk/?partial=true", {"items": items})

    assert whole.status_code == 400
    assert [row["result"] for row in partial.json()["results"]] == ["refused", "created"]
    assert partial.json()["results"][0]["errors"] == [
        {"pointer": "/owner", "detail": "The deal is closed."}
    ]
    assert Deal.objects.filter(title="new").count() == 1


def test_a_version_that_has_moved_on_is_412(rep):
    known = deals.deal(owner=rep, title="old", external_id="D-1")
    item = {"external_id": "D-1", "title": "new", "version": known.version + 1}

    answer = program(rep).post("/deals/bulk/", {"items": [item]})

    known.refresh_from_db()
    assert (answer.status_code, known.title) == (412, "old")


def test_an_external_id_named_twice_is_refused(rep):
    answer = program(rep).post("/deals/bulk/", {"items": [{"title": "a", "external_id": "1"}] * 2})

    assert answer.status_code == 400
    assert answer.json()["detail"] == "“1” is named twice."


def test_the_external_id_of_what_one_does_not_see_changes_nothing(rep, outsider):
    foreign = deals.deal(owner=outsider, title="theirs", external_id="D-1")

    answer = program(rep).post("/deals/bulk/", {"items": [{"external_id": "D-1", "title": "mine"}]})

    foreign.refresh_from_db()
    assert (answer.status_code, foreign.title, foreign.version) == (400, "theirs", 1)
    assert b"theirs" not in answer.content


SHAPES = [
    [],
    {},
    {"items": []},
    {"items": {}},
    {"items": [{"title": "a"}], "more": 1},
    {"items": [{"title": "a"}] * 1001},
    {"items": [5]},
    {"items": [None]},
]


@pytest.mark.parametrize("body", SHAPES)
def test_a_body_that_is_no_list_of_items_is_400(rep, body):
    assert program(rep).post("/deals/bulk/", body).status_code == 400


@pytest.mark.parametrize(
    "query", ["partial=1", "partial=yes", "partial=true&partial=true", "all=true"]
)
def test_a_parameter_that_makes_no_sense_is_400(rep, query):
    assert (
        program(rep).post(f"/deals/bulk/?{query}", {"items": [{"title": "a"}]}).status_code == 400
    )


def test_there_is_no_way_to_lost_in_a_batch(rep):
    item = {"title": "a", "status": "lost", "reason": "timing"}

    answer = program(rep).post("/deals/bulk/", {"items": [item]})

    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/items/0/status",
        "/items/0/reason",
    ]


def test_a_viewer_saves_nothing(viewer):
    assert program(viewer).post("/deals/bulk/", {"items": [{"title": "a"}]}).status_code == 403
