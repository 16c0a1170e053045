"""The description of the API: complete, valid, alive, and true to what the API does."""

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from crm.shared.models.token import TokenScope
from tests.programs import program

NOT_OPERATIONS = {"api-schema", "api-docs"}


@pytest.fixture(scope="module")
def description():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_valid_openapi(description):
    validate_schema(description)

    assert description["openapi"].startswith("3.1")


def test_it_is_written_without_a_warning(capsys):
    SchemaGenerator().get_schema(request=None, public=True)

    assert capsys.readouterr().err == ""


def test_every_operation_has_a_summary_and_a_name_of_its_own(description):
    names = [operation["operationId"] for _name, operation in operations(description)]

    assert len(names) == len(set(names))
    assert [
        name for name, operation in operations(description) if not operation.get("summary")
    ] == []


def test_every_body_and_every_answer_has_an_example(description):
    for name, operation in operations(description):
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for media in body.get("content", {}).values():
                assert media.get("example") or media.get("examples"), name


def test_every_error_is_a_typed_problem(description):
    for name, operation in operations(description):
        errors = {code: body for code, body in operation["responses"].items() if code >= "400"}
        content = {media for body in errors.values() for media in body["content"]}

        assert content == {"application/problem+json"}, name
        assert errors.keys() >= {"400", "401", "403", "406", "429"}, name
        assert ("{" in name) <= ("404" in errors), name


def test_if_match_and_its_errors_stand_together(description):
    for name, operation in operations(description):
        required = {one["name"] for one in operation.get("parameters", []) if one.get("required")}

        assert ("If-Match" in required) == ("428" in operation["responses"]), name
        assert ("If-Match" in required) <= ("412" in operation["responses"]), name


def test_every_change_and_every_removal_names_the_version_it_was_made_from(description):
    without = {
        name
        for name, operation in operations(description)
        if name.startswith(("PATCH", "DELETE"))
        and "If-Match" not in {one["name"] for one in operation.get("parameters", [])}
    }

    assert without == set()


def test_every_post_may_be_repeated(description):
    for name, operation in operations(description):
        headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}

        assert ("Idempotency-Key" in headers) == name.startswith("POST"), name


def api_routes(patterns=None, prefix="") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += api_routes(entry.url_patterns, path)
        elif path.startswith("api/v1/"):
            found.append((path, entry))
    return found


def test_every_route_is_described_and_every_description_has_a_route(description):
    served = set()
    for _path, route in api_routes():
        if route.name in NOT_OPERATIONS:
            continue
        methods = getattr(route.callback, "actions", None) or {"get": "get"}
        served |= {(method, route.name) for method in methods if method != "head"}

    described = sum(len(methods) for methods in description["paths"].values())

    assert len(served) == described


def test_the_description_can_be_fetched(rep):
    answer = program(rep, scope=TokenScope.READ).get("/schema/")

    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Rebound"
