"""The OpenAPI description: names, summaries, versions, repeatable requests and every error, from the views themselves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from crm.shared.api.about import ABOUT
from crm.shared.api.examples import example_of
from crm.shared.api.idempotency import HEADER, VALID_KEY
from crm.shared.api.problems import MEDIA_TYPE, Problem
from crm.shared.api.serializers import Body
from crm.shared.api.verbs import Contract, contract_of

ALWAYS = (400, 401, 403, 406, 429)
WITH_BODY = (409, 411, 413, 415)
VERSIONED = (412, 428)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "example": "Bad Request"},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "example": "Some values are not right."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "example": "/amount", "description": "RFC 6901."},
                    "detail": {"type": "string", "example": "This field is required."},
                },
            },
        },
    },
}
DETAILS = {
    400: "Some values are not right.",
    401: "This token is not valid.",
    403: "Your role does not allow this.",
    404: "There is nothing here.",
    409: "This deal is lost already.",
    412: "Somebody changed this in the meantime. Nothing was written.",
    413: "The body is larger than 5 MB.",
    422: "This Idempotency-Key was used for another request.",
    428: "Say in If-Match which version this change was made from: the ETag that you read.",
}
KINDS = {409: "action-refused", 412: "stale-version", 422: "key-used-otherwise"}
RATE_HEADERS = {
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "What is left, and for how many seconds.",
    },
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "How many requests in how many seconds.",
    },
}
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}


class ProblemSchema(AutoSchema):
    """drf-spectacular's, reading what each operation says of itself (crm/shared/api/verbs.py)."""

    @property
    def contract(self) -> Contract:
        return contract_of(self.view, self.method)

    @property
    def resource(self) -> str:
        named = (
            getattr(self.view, "basename", None)
            or type(self.view).__name__.removesuffix("View").lower()
        )
        return str(named).removeprefix("api-").replace("-", "_")

    def get_operation_id(self) -> str:
        action = getattr(self.view, "action", None) or "read"
        return f"{self.resource}_{ {'partial_update': 'update', 'destroy': 'archive'}.get(action, action) }"

    def get_tags(self) -> list[str]:
        return [self.resource.replace("_", "-")]

    def get_summary(self) -> str:
        """The first line of the method's docstring; for the two that every resource has, with its name."""
        many = self.resource.replace("_", " ")
        shared = {
            "list": f"List, filter and search {many}.",
            "retrieve": f"Read one of the {many}.",
        }
        return shared.get(getattr(self.view, "action", None) or "", self._doc[0])

    def get_description(self) -> str:  # type: ignore[override]
        return "\n".join(self._doc[1:]).strip()

    @property
    def _doc(self) -> list[str]:
        name = getattr(self.view, "action", None) or self.method.lower()
        text = getattr(self.view, name).__doc__ or type(self.view).__doc__ or self.resource
        return [line.strip() for line in text.strip().splitlines()]

    def get_request_serializer(self) -> Any:
        return self.contract.body

    def get_response_serializers(self) -> Any:
        if self.method == "DELETE":
            return {HTTPStatus.NO_CONTENT: None}
        shown: Any = self.contract.shown
        if shown is None:
            shown = self._get_serializer()  # type: ignore[no-untyped-call]
        elif self.contract.many:
            shown = shown(many=True)
        return {self.contract.status: shown}

    def get_override_parameters(self) -> list[Any]:
        found = []
        if self.contract.versioned:
            found.append(
                _header("If-Match", "The version that this change was made from.", required=True)
            )
        if self.method == "POST":
            found.append(
                _header(
                    HEADER,
                    "The same key and body give the first answer again for 24 hours.",
                    pattern=f"^{VALID_KEY.pattern}$",
                )
            )
        for name, (schema, description) in self._own_params().items():
            found.append(OpenApiParameter(name, schema, description=description))
        return found

    def _own_params(self) -> dict[str, tuple[Any, str]]:
        """Query parameters other than filters: a view describes them in `params`."""
        return dict(
            getattr(self.view, "params", {}).get(getattr(self.view, "action", None) or "", {})
        )

    def _get_filter_parameters(self) -> list[Any]:
        """Filters belong to the list itself, not to the pages that hang on one row."""
        if getattr(self.view, "action", None) != "list":
            return []
        found: list[Any] = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        return found

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Body):
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        for code, found in responses.items():
            if code.startswith("2"):
                action = getattr(self.view, "action", None)
                versioned = self.contract.versioned or action in {"retrieve", "create"}
                found["headers"] = RATE_HEADERS | (ETAG if versioned else {})
        for status in self._problem_statuses():
            responses[str(status)] = {
                "description": HTTPStatus(status).phrase,
                "content": {
                    MEDIA_TYPE: {"schema": self._problem().ref, "example": _problem_like(status)}
                },
            }
        return responses

    def _problem_statuses(self) -> list[int]:
        found = {*ALWAYS, *self.contract.also}
        if "{" in self.path:
            found.add(404)
        if self.method in {"POST", "PATCH"}:
            found.update(WITH_BODY)
        if self.method == "DELETE":
            found.add(409)
        if self.method == "POST":
            found.add(422)
        if self.contract.versioned:
            found.update((409, *VERSIONED))
        return sorted(found)

    def _problem(self) -> ResolvedComponent:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object="Problem"
        )
        self.registry.register_on_missing(component)
        return component


def _problem_like(status: int) -> dict[str, Any]:
    wrong = ({"pointer": "/title", "detail": "This field is required."},)
    return Problem(
        status=status,
        detail=DETAILS.get(status, HTTPStatus(status).phrase),
        kind=KINDS.get(status, ""),
        errors=wrong if status == HTTPStatus.BAD_REQUEST else (),
    ).as_dict


def _header(
    name: str, description: str, *, required: bool = False, pattern: str | None = None
) -> OpenApiParameter:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {"example": '"3"'})
    return OpenApiParameter(
        name, schema, OpenApiParameter.HEADER, required=required, description=description
    )


def add_examples(result: dict[str, Any], **_rest: Any) -> dict[str, Any]:
    """Say what all share, and give bodies and answers examples from their schemas, where nobody wrote better ones."""
    result["info"]["description"] = ABOUT
    components = result.get("components", {}).get("schemas", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for media in body.get("content", {}).values():
                    if not {"example", "examples"} & media.keys() and "schema" in media:
                        media["example"] = example_of(media["schema"], components=components)
    return result


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crm.shared.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token: `manage.py api_token EMAIL`.",
        }


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crm.shared.api.authentication.BrowserSessionAuthentication"
    name = "browser"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "With X-CSRFToken.",
        }
