"""Lists in pages: {"results", "next", "previous"}, by cursor; `?limit=`, and `?count=true` when somebody wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.shared.api.cursors import BadCursor, Cursor, Key, after, keys_of, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request
    from rest_framework.views import APIView

LIMIT = 50
MOST = 200
PAGE_PARAMS = frozenset({"limit", "cursor", "count"})


class CursorPages(BasePagination):
    """Pages along the ordering of the queryset, with its primary key as the last word."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        limit = limit_of(request.query_params)
        self.url = request.build_absolute_uri()
        self.count = queryset.count() if wants_count(request.query_params) else None
        keys = keys_of(queryset)
        cursor = _cursor_of(request.query_params, keys)
        backwards = cursor is not None and cursor.backwards
        rows = queryset.order_by(*(key.order(backwards=backwards) for key in keys))
        if cursor is not None:
            rows = rows.filter(after(keys, cursor))
        found = list(rows[: limit + 1])
        more, found = len(found) > limit, found[:limit]
        if backwards:
            found.reverse()
        has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
        self.next = self._link(keys, found[-1], backwards=False) if found and has_next else None
        self.previous = (
            self._link(keys, found[0], backwards=True) if found and has_previous else None
        )
        return found

    def _link(self, keys: list[Key], row: Any, *, backwards: bool) -> str:
        cursor = Cursor(named(keys), backwards, tuple(key.value_of(row) for key in keys))
        return str(replace_query_param(self.url, "cursor", cursor.encoded()))

    def get_paginated_response(self, data: Any) -> Response:
        page = {"results": data, "next": self.next, "previous": self.previous}
        return Response(page if self.count is None else page | {"count": self.count})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link,
                "previous": link,
                "count": {"type": "integer", "description": "Only with ?count=true."},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            parameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
                "How many at most.",
            ),
            parameter(
                "cursor",
                {"type": "string"},
                "The place to go on from, as `next` and `previous` hold it.",
            ),
            parameter("count", {"type": "boolean"}, "Count all of them too."),
        ]


def limit_of(params: Mapping[str, str]) -> int:
    """`?limit=`, 50 unless told, 200 at most. Raises ValidationError."""
    given = params.get("limit", str(LIMIT))
    if not given.isascii() or not given.isdigit() or len(given) > 4 or not 1 <= int(given) <= MOST:
        raise ValidationError({"limit": [_("A number from 1 to %(most)d.") % {"most": MOST}]})
    return int(given)


def wants_count(params: Mapping[str, str]) -> bool:
    given = params.get("count", "false")
    if given not in {"true", "false"}:
        raise ValidationError({"count": [_("true or false.")]})
    return given == "true"


def _cursor_of(params: Mapping[str, str], keys: list[Key]) -> Cursor | None:
    if "cursor" not in params:
        return None
    try:
        return Cursor.decoded(params["cursor"], keys=keys)
    except BadCursor:
        raise ValidationError({"cursor": [_("Not a cursor of this list and ordering.")]}) from None


def parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "description": description,
    }
