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

from crm.shared import teams
from crm.shared.api.fields import Choice, Email, Reference, Text
from crm.shared.api.filters import StrictFilterSet, YesNoFilter
from crm.shared.api.permissions import MayUseApi
from crm.shared.api.serializers import Body, Shown
from crm.shared.api.verbs import takes, verb
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


class PersonBody(Body):
    name = Text(max_length=200)
    role = Choice(choices=Role.choices)
    commission_percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, allow_null=True
    )
    teams = serializers.ListField(child=Reference(Team), required=False, max_length=50)


class InviteBody(PersonBody):
    email = Email()


class LeaveBody(Body):
    heirs = serializers.ListField(child=Reference(User), min_length=1, max_length=50)


class TeamBody(Body):
    name = Text(max_length=200)
    parent = Reference(Team, required=False, allow_null=True)  # type: ignore[assignment]  # the base has an attribute of that name


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

    @takes(InviteBody, status=201)
    def create(self, request: Request) -> Response:
        """Invite a person: they get a mail with a link to set a password."""
        self.require(allows(self.user, Permission.ADMINISTER))
        return self.created(teams.invite(by=self.user, **self.body(InviteBody)))

    @takes(PersonBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a person's name, role, commission or teams."""
        person = self.get_object()
        self.require(allows(self.user, Permission.ADMINISTER))
        version = self.version()
        changes = self.body(PersonBody, partial=True)
        return self.answer(teams.edit_person(person, by=self.user, version=version, **changes))

    @verb("leave", body=LeaveBody, versioned=True)
    def leave(self, request: Request, pk: str) -> Response:
        """Hand over everything of a person who leaves.

        They sign in no more; several heirs share it evenly.
        """
        person = self.get_object()
        self.require(allows(self.user, Permission.ADMINISTER))
        version = self.version()
        heirs = self.body(LeaveBody)["heirs"]
        return self.answer(teams.leave(person, heirs=heirs, by=self.user, version=version))


class TeamViewSet(ReadViewSet[Team]):
    """One's teams and those below them."""

    scope = TokenScope.ADMIN
    queryset = Team.objects.prefetch_related("memberships")
    serializer_class = TeamShown
    filterset_class = TeamFilters

    @takes(TeamBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a team, at the top or below another one."""
        self.require(allows(self.user, Permission.ADMINISTER))
        said = {"parent": None} | self.body(TeamBody)
        return self.created(teams.add_team(by=self.user, **said))

    @takes(TeamBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a team, or hang it elsewhere with all that is below."""
        team = self.get_object()
        self.require(allows(self.user, Permission.ADMINISTER))
        version = self.version()
        said = {"name": team.name, "parent": team.parent} | self.body(TeamBody, partial=True)
        return self.answer(teams.edit_team(team, by=self.user, version=version, **said))


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
