"""The search box for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.response import Response

from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import ApiView
from crm.shared.policies import allows
from crm.shared.roles import Permission
from crm.shared.search import search_for
from crm.today.search import LONGEST

if TYPE_CHECKING:
    from rest_framework.request import Request


class HitShown(serializers.Serializer[Any]):
    """One thing that was found; `path` is its page. `mark` says what must be known before anybody writes to them."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    hint = serializers.CharField()
    mark = serializers.CharField()
    path = serializers.CharField()


class GroupShown(serializers.Serializer[Any]):
    """The first hits of one kind, those that begin with what was asked for in front."""

    kind = serializers.CharField()
    hits = HitShown(many=True)


class FoundShown(serializers.Serializer[Any]):
    groups = GroupShown(many=True)


class SearchView(ApiView):
    """Search."""

    params = {
        "": {
            "search": (
                {"type": "string", "maxLength": LONGEST},
                "Parts of words, in any order; case and accents do not count.",
            )
        }
    }

    @takes(shown=FoundShown)
    def get(self, request: Request) -> Response:
        """Find accounts, contacts and deals by parts of words: the first eight of each.

        The lists of each resource take `search` as well, and go on to the last.
        """
        self.require(allows(self.user, Permission.SEE_DEALS))
        typed = request.query_params.get("search", "").replace("\x00", "").strip()[:LONGEST]
        found = {"groups": search_for(self.user, typed)}
        return Response(FoundShown(found).data)
