"""Every error of the API as RFC 9457 problem+json: one translation, for the views and for what never reaches one."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from crm.shared.answers import KeyUsedOtherwise
from crm.shared.errors import ActionRefused, StaleVersion

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy", "Vary")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class VersionMissing(exceptions.APIException):
    """An edit of a versioned thing without If-Match."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED


class LengthMissing(exceptions.APIException):
    """A body sent in chunks: nobody knows its length, and it would be taken for an empty one."""

    status_code = HTTPStatus.LENGTH_REQUIRED


@dataclasses.dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, as plain values. `kind` tells programs apart what shares a status."""

    status: int
    detail: str
    kind: str = ""
    errors: tuple[dict[str, str], ...] = ()

    @property
    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": f"urn:rebound:problem:{self.kind}" if self.kind else "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        return found | ({"errors": list(self.errors)} if self.errors else {})


def to_problem(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for what is our own fault: it is logged, and the middleware words the 500."""
    problem = describe(exc)
    if problem is None:
        return None
    headers = {}
    if isinstance(exc, exceptions.APIException):
        if challenge := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait))
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
        logger.error("database not available", exc_info=exc)
    if isinstance(exc, IntegrityError):
        logger.warning("clash in the database: %s", exc)
    return Response(
        problem.as_dict, status=problem.status, headers=headers, content_type=MEDIA_TYPE
    )


def describe(exc: Exception) -> Problem | None:
    """`exc` as a problem, or None when it is nothing that a program should be told about."""
    for kinds, worded in WORDED:
        if isinstance(exc, kinds):
            return worded(exc)
    return None


def field_errors(detail: Any, *, at: str = "") -> list[dict[str, str]]:
    """DRF's nested messages as a flat list with JSON pointers (RFC 6901); "" is the whole body."""
    if isinstance(detail, Mapping):
        found = []
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{_escaped(name)}"
            found += field_errors(inner, at=at + step)
        return found
    if isinstance(detail, list):
        found = []
        for place, inner in enumerate(detail):
            step = f"/{place}" if isinstance(inner, Mapping | list) else ""
            found += field_errors(inner, at=at + step)
        return found
    return [{"pointer": at, "detail": str(detail)}]


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _not_found(_exc: Exception) -> Problem:
    """One wording for what is not there and what may not be seen."""
    return Problem(status=HTTPStatus.NOT_FOUND, detail=_("There is nothing here."))


def _invalid(exc: Any) -> Problem:
    return _wrong_values(field_errors(exc.detail))


def _invalid_for_django(exc: Any) -> Problem:
    by_field = hasattr(exc, "error_dict")
    return _wrong_values(field_errors(exc.message_dict if by_field else exc.messages))


def _wrong_values(errors: list[dict[str, str]]) -> Problem:
    """One message about the whole request is its detail; otherwise each says where."""
    first = (
        errors[0]["detail"]
        if errors and not errors[0]["pointer"]
        else _("Some values are not right.")
    )
    return Problem(status=HTTPStatus.BAD_REQUEST, detail=first, errors=tuple(errors))


def _refused(exc: Any) -> Problem:
    """Input that the action names is 400 with pointers; a state that does not allow it is 409."""
    errors = [
        {"pointer": f"/{_escaped(name).replace('.', '/')}", "detail": str(text)}
        for name, text in exc.fields.items()
    ]
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.CONFLICT
    return Problem(
        status=status, detail=str(exc.message), kind="action-refused", errors=tuple(errors)
    )


def _stale(exc: Exception) -> Problem:
    return Problem(status=HTTPStatus.PRECONDITION_FAILED, detail=str(exc), kind="stale-version")


def _key_used(_exc: Exception) -> Problem:
    detail = _("This Idempotency-Key was used for another request.")
    return Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail, kind="key-used-otherwise")


def _too_large(_exc: Exception) -> Problem:
    return Problem(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=_("The body is larger than 5 MB.")
    )


def _clash(_exc: Exception) -> Problem:
    return Problem(
        status=HTTPStatus.CONFLICT, detail=_("This clashes with something that is there already.")
    )


def _unavailable(_exc: Exception) -> Problem:
    return Problem(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail=_("Not available just now. Try again shortly."),
    )


def _bad_request(_exc: Exception) -> Problem:
    return Problem(status=HTTPStatus.BAD_REQUEST, detail=_("The request could not be read."))


def _forbidden(exc: Exception) -> Problem:
    return Problem(
        status=HTTPStatus.FORBIDDEN, detail=str(exc) or _("Your role does not allow this.")
    )


def _as_worded(exc: Any) -> Problem:
    return Problem(status=exc.status_code, detail=str(exc.detail))


WORDED: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], Problem]], ...
] = (
    ((Http404, exceptions.NotFound), _not_found),
    (exceptions.ValidationError, _invalid),
    (DjangoValidationError, _invalid_for_django),
    (StaleVersion, _stale),
    (ActionRefused, _refused),
    (KeyUsedOtherwise, _key_used),
    (RequestDataTooBig, _too_large),
    ((SuspiciousOperation, UnreadablePostError), _bad_request),
    (DjangoPermissionDenied, _forbidden),
    (exceptions.APIException, _as_worded),
    (IntegrityError, _clash),
    (OperationalError, _unavailable),
)


class ProblemMiddleware:
    """Turns errors under /api/ that no view worded into problems: unknown paths, refused hosts, failures. No trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIX):
            return response
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        status = response.status_code
        if request.method not in SAFE_METHODS and status in {301, 302}:
            status = (
                HTTPStatus.NOT_FOUND
            )  # a redirect would lose the body: say that the path is wrong
        if status < HTTPStatus.BAD_REQUEST or response.get("Content-Type", "").startswith(
            MEDIA_TYPE
        ):
            return response
        return _worded_anew(response, status=status)


def _worded_anew(response: HttpResponseBase, *, status: int) -> HttpResponse:
    """The same status without Django's page; what programs need of the headers stays."""
    details = {
        HTTPStatus.NOT_FOUND: _("There is nothing here."),
        HTTPStatus.BAD_REQUEST: _("The request could not be read."),
        HTTPStatus.FORBIDDEN: _("Your role does not allow this."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("The body is larger than 5 MB."),
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = _("Something failed on our side. Nothing of this request was kept.")
    else:
        detail = details.get(HTTPStatus(status), HTTPStatus(status).phrase)
    body = json.dumps(Problem(status=status, detail=detail).as_dict, ensure_ascii=False)
    problem = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    problem["Cache-Control"] = "no-store"
    for name in KEPT_HEADERS:
        if response.has_header(name):
            problem[name] = response[name]
    return problem
