"""Every error is problem+json: from the views, from Django, from nowhere."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError, OperationalError
from django.http import Http404
from rest_framework.exceptions import ValidationError

from crm.shared.api.problems import describe, field_errors
from crm.shared.errors import ActionRefused, StaleVersion
from deals.actions import pipeline
from tests.factories import deals
from tests.programs import PROBLEM, program


def deep(levels: int) -> bytes:
    return b'{"title": ' + b"[" * levels + b"]" * levels + b"}"


ERRORS: list[tuple[str, str, Any, dict[str, str], int]] = [
    # method, path, body, headers, status
    ("GET", "/nothing/", None, {}, 404),
    ("GET", "/deals/999999/", None, {}, 404),
    ("GET", "/deals/999999999999999999/", None, {}, 404),
    ("GET", "/deals/99999999999999999999999/", None, {}, 404),
    ("GET", "/deals/x/", None, {}, 404),
    ("GET", "/deals/%00/", None, {}, 404),
    ("POST", "/deals", {"title": "no slash"}, {}, 404),
    ("PUT", "/deals/", {}, {}, 405),
    ("DELETE", "/deals/", None, {}, 405),
    ("TRACE", "/deals/", None, {}, 405),
    ("OPTIONS", "/deals/", None, {}, 405),
    ("FOO", "/deals/", None, {}, 405),
    ("GET", "/deals/", None, {"accept": "text/html"}, 406),
    ("POST", "/deals/", b"title=x", {"content_type": "application/x-www-form-urlencoded"}, 415),
    ("POST", "/deals/", b"<a/>", {"content_type": "application/xml"}, 415),
    ("POST", "/deals/", b"{", {}, 400),
    ("POST", "/deals/", b"\xff\xfe{}", {}, 400),
    ("POST", "/deals/", '{"title": "é"}'.encode("latin-1"), {}, 400),
    ("POST", "/deals/", b'{"title": NaN}', {}, 400),
    ("POST", "/deals/", b'{"title": Infinity}', {}, 400),
    ("POST", "/deals/", b'{"title": 1e400}', {}, 400),
    ("POST", "/deals/", b'{"account": 123456789012345678901234567890}', {}, 400),
    ("POST", "/deals/", b'{"title": "a", "title": "b"}', {}, 400),
    ("POST", "/deals/", b'{"title": "a\\u0000b"}', {}, 400),
    ("POST", "/deals/", b'{"title": "\\ud800"}', {}, 400),
    ("POST", "/deals/", b'{"\\u0000": "a"}', {}, 400),
    ("POST", "/deals/", deep(100), {}, 400),
    ("POST", "/deals/", deep(100_000), {}, 400),
    ("POST", "/deals/", [], {}, 400),
    ("POST", "/deals/", "text", {}, 400),
    ("POST", "/deals/", None, {}, 400),
    ("POST", "/deals/", b"", {"transfer_encoding": "chunked"}, 411),
    ("POST", "/deals/?colour=red", {"title": "x"}, {}, 400),
    ("GET", "/deals/?search=%00", None, {}, 400),
    ("POST", "/deals/", b"[" + b" " * (5 * 1024 * 1024) + b"]", {}, 413),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), ERRORS)
def test_an_error_is_a_problem(rep, method, path, body, headers, status):
    answer = program(rep).send(method, path, body, **headers)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status
    assert answer.json().keys() >= {"type", "title", "status", "detail"}
    assert answer["Cache-Control"] == "no-store"


def test_an_error_names_what_to_mend(rep):
    answer = program(rep).post(
        "/deals/", {"amount": {"amount": "1.001", "currency": "eur"}, "colour": "red"}
    )

    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Some values are not right.",
        "errors": [{"pointer": "/colour", "detail": "There is no such field."}],
    }


def test_each_field_has_its_pointer(rep):
    answer = program(rep).post("/deals/", {"title": "", "account": "1", "need": 1, "amount": 5})

    assert sorted(error["pointer"] for error in answer.json()["errors"]) == [
        "/account",
        "/amount",
        "/need",
        "/title",
    ]


def test_the_unseen_and_the_unknown_answer_the_same_bytes(rep, outsider):
    foreign = deals.deal(owner=outsider)
    caller = program(rep)

    unseen = caller.get(f"/deals/{foreign.pk}/")
    unknown = caller.get("/deals/999999/")

    assert unseen.status_code == 404
    assert unseen.content == unknown.content
    assert sorted(unseen.headers.items()) == sorted(
        (name, value) if name != "RateLimit" else (name, unseen["RateLimit"])
        for name, value in unknown.headers.items()
    )


def test_a_method_that_is_not_there_is_told_which_are(rep):
    answer = program(rep).send("PUT", "/deals/", {})

    assert answer["Allow"] == "GET, POST, HEAD"


def test_our_own_failure_is_a_500_without_a_trace(rep, monkeypatch):
    def fail(**_fields: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(pipeline, "open_deal", fail)

    answer = program(rep, raises=False).post("/deals/", {"title": "Pumps"})

    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert (
        answer.json()["detail"] == "Something failed on our side. Nothing of this request was kept."
    )
    assert b"secret" not in answer.content


def test_a_host_that_is_not_ours_is_a_problem_too(client, rep):
    client.force_login(rep)

    answer = client.get("/api/v1/deals/", headers={"host": "evil.example.com"})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def test_pages_outside_the_api_are_left_alone(client, db):
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


WORDED = [
    (Http404("No Deal matches"), 404, "about:blank", []),
    (ActionRefused("Closed."), 409, "urn:rebound:problem:action-refused", []),
    (
        ActionRefused("No.", fields={"a.b": "Wrong."}),
        400,
        "urn:rebound:problem:action-refused",
        [{"pointer": "/a/b", "detail": "Wrong."}],
    ),
    (StaleVersion("Changed."), 412, "urn:rebound:problem:stale-version", []),
    (IntegrityError("UNIQUE"), 409, "about:blank", []),
    (OperationalError("database is locked"), 503, "about:blank", []),
    (SuspiciousOperation("odd"), 400, "about:blank", []),
    (PermissionDenied(), 403, "about:blank", []),
    (Invalid("Odd."), 400, "about:blank", [{"pointer": "", "detail": "Odd."}]),
    (Invalid({"name": ["Odd."]}), 400, "about:blank", [{"pointer": "/name", "detail": "Odd."}]),
]


@pytest.mark.parametrize(("exc", "status", "kind", "errors"), WORDED)
def test_an_exception_is_worded_once(exc, status, kind, errors):
    problem = describe(exc).as_dict

    assert (problem["status"], problem["type"], problem.get("errors", [])) == (status, kind, errors)


def test_a_database_that_is_away_is_503_and_says_when_to_come_back(rep, monkeypatch, caplog):
    def locked(**_fields: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(pipeline, "open_deal", locked)

    answer = program(rep).post("/deals/", {"title": "Pumps"})

    assert (answer.status_code, answer["Retry-After"], b"locked" in answer.content) == (
        503,
        "1",
        False,
    )
    assert "database not available" in caplog.messages


def test_what_is_our_own_fault_is_not_worded():
    assert describe(RuntimeError("bug")) is None


def test_nested_messages_become_pointers():
    nested = ValidationError(
        {
            "items": [{}, {"name": ["Needed."]}],
            "a/b~c": ["Odd."],
            "list": {"0": ["First."]},
            "non_field_errors": ["Whole."],
        }
    )

    assert json.loads(json.dumps(field_errors(nested.detail))) == [
        {"pointer": "/items/1/name", "detail": "Needed."},
        {"pointer": "/a~1b~0c", "detail": "Odd."},
        {"pointer": "/list/0", "detail": "First."},
        {"pointer": "", "detail": "Whole."},
    ]
