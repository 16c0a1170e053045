"""People: who am I, whom do I answer for, in which teams. And the description of the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.response import Response

from crm.shared.api.filters import StrictFilterSet, YesNoFilter
from crm.shared.api.permissions import MayUseApi
from crm.shared.api.serializers import Shown
from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import ApiView, ReadViewSet
from crm.shared.models import Team, User
from crm.shared.models.token import TokenScope
from crm.shared.policies import allows
from crm.shared.roles import Permission, Role

if TYPE_CHECKING:
    from rest_framework.request import Request


class UserShown(Shown):
    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "name",
            "email",
            "role",
            "is_active",
            "language",
            "time_zone",
            "country",
            "working_days",
            "created_at",
        )


class TeamShown(Shown):
    members = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("id", "name", "parent", "members", "created_at")

    def get_members(self, team: Team) -> list[int]:
        return [membership.user_id for membership in team.memberships.all()]


class MeShown(UserShown):
    """The person, what their role may do, and what the token in use allows of it."""

    permissions = serializers.SerializerMethodField()
    token_scope = serializers.SerializerMethodField()

    class Meta(UserShown.Meta):
        fields = (
            *UserShown.Meta.fields,
            "theme",
            "wants_morning_mail",
            "permissions",
            "token_scope",
        )

    def get_permissions(self, user: User) -> list[str]:
        return [permission.value for permission in Permission if allows(user, permission)]

    def get_token_scope(self, user: User) -> str | None:
        token = self.context["view"].token
        return token.scope if token else None


class UserFilters(StrictFilterSet):
    role = django_filters.ChoiceFilter(choices=Role.choices)
    is_active = YesNoFilter()
    search = django_filters.CharFilter(method="find")
    ordering = django_filters.OrderingFilter(fields=["name", "email", "id"])

    def find(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(Q(name__icontains=value) | Q(email__icontains=value))


class TeamFilters(StrictFilterSet):
    search = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = django_filters.OrderingFilter(fields=["path", "name", "id"])


class UserViewSet(ReadViewSet[User]):
    """The people that one answers for, and oneself."""

    scope = TokenScope.ADMIN
    queryset = User.objects.all()
    serializer_class = UserShown
    filterset_class = UserFilters


class TeamViewSet(ReadViewSet[Team]):
    """One's teams and those below them."""

    scope = TokenScope.ADMIN
    queryset = Team.objects.prefetch_related("memberships")
    serializer_class = TeamShown
    filterset_class = TeamFilters


class MeView(ApiView):
    """Who is asking."""

    @takes(shown=MeShown)
    def get(self, request: Request) -> Response:
        """Read oneself: name, role, permissions, the token's scope."""
        return Response(MeShown(self.user, context={"view": self}).data)


class SchemaView(SpectacularAPIView):
    """The description of the API, OpenAPI 3.1."""

    permission_classes = (MayUseApi,)
    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    ]


class DocsView(SpectacularSwaggerSplitView):
    """The description to read and try, served from installed packages."""

    permission_classes = (MayUseApi,)
    template_name = "api/docs.html"  # the package's own has a style in it, which our policy refuses


ROUTES = [("users", UserViewSet), ("teams", TeamViewSet)]
