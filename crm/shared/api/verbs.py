"""How a method of a viewset says what it takes and gives: for the router, for its OpenAPI description, for the reader."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rest_framework.decorators import action

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

F = TypeVar("F", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contract:
    """What an operation takes and gives. `versioned` = If-Match is asked for; `many` = it answers a page of `shown`.

    `also` are statuses beyond those that every such operation has.
    """

    body: type[BaseSerializer[Any]] | None = None
    shown: type[BaseSerializer[Any]] | None = None
    versioned: bool = False
    status: int = HTTPStatus.OK
    many: bool = False
    also: tuple[int, ...] = ()


def takes(
    body: type[BaseSerializer[Any]] | None = None,
    *,
    shown: type[BaseSerializer[Any]] | None = None,
    versioned: bool = False,
    status: int = HTTPStatus.OK,
) -> Callable[[F], F]:
    """For `create` (status 201), `partial_update` and `destroy`."""

    def noted(method: F) -> F:
        method.contract = Contract(body=body, shown=shown, versioned=versioned, status=status)  # type: ignore[attr-defined]
        return method

    return noted


def verb(
    path: str,
    *,
    body: type[BaseSerializer[Any]] | None = None,
    shown: type[BaseSerializer[Any]] | None = None,
    versioned: bool = False,
    status: int = HTTPStatus.OK,
    detail: bool = True,
    also: tuple[int, ...] = (),
) -> Callable[[F], F]:
    """`POST /things/{id}/<path>/`, or `POST /things/<path>/` with detail=False. `body` None = an empty one."""

    def noted(method: F) -> F:
        method.contract = Contract(  # type: ignore[attr-defined]
            body=body, shown=shown, versioned=versioned, status=status, also=also
        )
        routed = action(detail=detail, methods=["post"], url_path=path, url_name=path)
        return cast("F", routed(method))

    return noted


def reading(
    path: str, *, shown: type[BaseSerializer[Any]], detail: bool = True, many: bool = False
) -> Callable[[F], F]:
    """`GET /things/{id}/<path>/`."""

    def noted(method: F) -> F:
        method.contract = Contract(shown=shown, many=many)  # type: ignore[attr-defined]
        routed = action(detail=detail, methods=["get"], url_path=path, url_name=path)
        return cast("F", routed(method))

    return noted


def contract_of(view: Any, http_method: str) -> Contract:
    """The contract of the operation that `view` is about to run; an empty one where none was said."""
    name = getattr(view, "action", None) or http_method.lower()
    method = getattr(view, name, None)
    found: Contract = getattr(method, "contract", Contract())
    return found
