"""The change feed: everything that happened to the deals that one sees, in order, nothing skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.utils.urls import replace_query_param

from crm.shared.api.filters import check_params
from crm.shared.api.pagination import CursorPages, limit_of, parameter
from crm.shared.api.serializers import EventShown
from crm.shared.api.viewsets import ScopedViewSet
from crm.shared.models import EventRecord, User
from deals.models import Deal

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

LARGEST = 2**63 - 1


class FeedPages(CursorPages):
    """Pages of a feed: `after` is a position, and the way only leads onward."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        if wrong := check_params(request.query_params, known={"after", "limit"}):
            raise ValidationError(wrong)
        limit = limit_of(request.query_params)
        rows = list(queryset.filter(position__gt=_after(request))[: limit + 1])
        page = rows[:limit]
        self.count, self.previous, self.next = None, None, None
        if len(rows) > limit:
            url = request.build_absolute_uri()
            self.next = replace_query_param(url, "after", str(page[-1].position))
        return page

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = super().get_schema_operation_parameters(view)[0]
        schema = {"type": "integer", "minimum": 0, "maximum": LARGEST, "default": 0}
        return [limit, parameter("after", schema, "The position of the last event that was read.")]


class EventViewSet(ScopedViewSet[EventRecord]):
    """What happened, by place in the feed."""

    queryset = EventRecord.objects.all()
    serializer_class = EventShown
    pagination_class = FeedPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[EventRecord]:
        return seen_in_feed(self.user)

    def list(self, request: Request) -> Response:
        """Read what happened after a position of the feed.

        Start with after=0 and go on with the position of the last result. A position is given once and in order;
        an event has none for the first seconds of its life, and is not in the feed until it has one.
        """
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def seen_in_feed(user: User) -> QuerySet[EventRecord]:
    """The feed as `user` may read it: events of the deals they see, and what they did themselves beside deals."""
    feed = EventRecord.objects.in_feed(after=0)
    if user.visible_owner_ids is None:
        return feed
    deals = Deal.objects.visible_to(user).values("pk")
    return feed.filter(Q(deal_id__in=deals) | Q(deal_id=None, actor=user))


def _after(request: Request) -> int:
    given = request.query_params.get("after", "0")
    if not (given.isascii() and given.isdigit()) or len(given) > 19 or int(given) > LARGEST:
        raise ValidationError({"after": [_("A position of the feed: 0 or more.")]})
    return int(given)
