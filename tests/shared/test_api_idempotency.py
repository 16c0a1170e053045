"""Idempotency-Key over HTTP: same key, same answer, one deal."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from crm.shared.api.idempotency import body_hash
from crm.shared.models import EventRecord, StoredAnswer
from deals.models import Deal
from tests.factories import deals
from tests.programs import program

BODY = {"title": "Pumps", "amount": {"amount": "10.00", "currency": "EUR"}}


def test_a_post_that_is_repeated_opens_one_deal(rep):
    caller = program(rep)

    first = caller.post("/deals/", BODY, idempotency_key="a-1")
    second = caller.post("/deals/", BODY, idempotency_key="a-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert (first.has_header("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (
        False,
        "true",
    )
    assert (Deal.objects.count(), EventRecord.objects.filter(name="deal.created").count()) == (1, 1)


def test_a_keyed_answer_reads_as_one_without_a_key(rep):
    caller = program(rep)

    plain = caller.post("/deals/", BODY)
    keyed = caller.post("/deals/", BODY, idempotency_key="a-1")

    assert plain["Content-Type"] == keyed["Content-Type"]
    assert plain.json().keys() == keyed.json().keys()
    assert set(plain.headers) == set(keyed.headers)


OTHERWISE = [
    ("/deals/", BODY | {"title": "Valves"}),
    ("/deals/?", BODY | {"title": "Valves"}),
    ("/accounts/", BODY),
]


@pytest.mark.parametrize(("path", "body"), OTHERWISE)
def test_the_same_key_for_another_request_is_422(rep, path, body):
    caller = program(rep)
    caller.post("/deals/", BODY, idempotency_key="a-1")

    answer = caller.post(path, body, idempotency_key="a-1")

    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:rebound:problem:key-used-otherwise",
    )
    assert Deal.objects.count() == 1


def test_without_a_key_each_post_works(rep):
    caller = program(rep)

    caller.post("/deals/", BODY)
    caller.post("/deals/", BODY)

    assert Deal.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ä", "a\tb"])
def test_a_key_that_cannot_be_one_is_400(rep, key):
    answer = program(rep).post("/deals/", BODY, idempotency_key=key)

    assert answer.status_code == 400
    assert Deal.objects.count() == 0


def test_a_refused_request_may_be_mended_under_its_key(rep):
    caller = program(rep)

    refused = caller.post("/deals/", {"title": ""}, idempotency_key="a-1")
    mended = caller.post("/deals/", BODY, idempotency_key="a-1")

    assert (refused.status_code, mended.status_code) == (400, 201)
    assert StoredAnswer.objects.count() == 1


def test_a_failure_leaves_no_key_behind(rep, monkeypatch):
    caller = program(rep, raises=False)
    monkeypatch.setattr("deals.api.views.DealViewSet.created", lambda *_args: 1 / 0)
    assert caller.post("/deals/", BODY, idempotency_key="a-1").status_code == 500
    monkeypatch.undo()

    answer = caller.post("/deals/", BODY, idempotency_key="a-1")

    assert answer.status_code == 201
    assert (Deal.objects.count(), EventRecord.objects.filter(name="deal.created").count()) == (1, 1)


def test_a_repeated_loss_answers_as_the_first_although_the_version_has_moved(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)
    call = {"if_match": f'"{deal.version}"', "idempotency_key": "lose-1"}

    first = caller.post(f"/deals/{deal.pk}/lose/", {"reason": "timing"}, **call)
    second = caller.post(f"/deals/{deal.pk}/lose/", {"reason": "timing"}, **call)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert deal.outcomes.count() == 1


def test_a_key_of_somebody_else_gives_nothing_away(rep, outsider):
    program(rep).post("/deals/", BODY, idempotency_key="a-1")

    answer = program(outsider).post("/deals/", BODY, idempotency_key="a-1")

    assert answer.json()["owner"] == outsider.pk


def test_a_key_on_other_methods_means_nothing(rep):
    assert program(rep).get("/deals/", idempotency_key="a-1").status_code == 200
    assert StoredAnswer.objects.count() == 0


def test_a_form_with_a_file_is_known_by_its_fields_and_bytes(rf):
    def hash_of(kind: str, content: bytes) -> str:
        data = {"kind": kind, "file": SimpleUploadedFile("deals.csv", content)}
        return body_hash(Request(rf.post("/", data), parsers=[MultiPartParser()]))

    first = hash_of("deals", b"title\nPumps\n")

    assert first == hash_of("deals", b"title\nPumps\n")  # whatever the boundary between the parts
    assert first != hash_of("deals", b"title\nValves\n")
    assert first != hash_of("contacts", b"title\nPumps\n")
