"""Stages, loss reasons, products and competitors: everybody reads them, administrators change them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from rest_framework.response import Response

from crm.shared.api.verbs import takes, verb
from crm.shared.api.viewsets import M, ReadViewSet
from crm.shared.models.token import TokenScope
from deals import filters_of_set_up as filters
from deals import policies
from deals.actions import merging, setup
from deals.api import bodies, serializers
from deals.models import Competitor, LossReason, Product, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    Action = Callable[..., Any]
    Body = type[BaseSerializer[Any]]


class SetUpViewSet(ReadViewSet[M]):
    """Reading needs `read`, changing `admin`. Each resource says what it takes, and which action does it."""

    scope = TokenScope.ADMIN

    def added(self, add: Action, body: Body) -> Response:
        self.require(policies.may_set_up(self.user))
        return self.created(add(by=self.user, **self.body(body)))

    def changed(self, edit: Action, body: Body) -> Response:
        thing, version = self._held()
        changes = self.body(body, partial=True)
        return self.answer(edit(thing, by=self.user, version=version, **changes))

    def retired(self, retire: Action) -> Response:
        thing, version = self._held()
        retire(thing, by=self.user, version=version)
        return Response(status=HTTPStatus.NO_CONTENT)

    def merged(self, body: Body) -> Response:
        thing, version = self._held()
        into = self.body(body)["into"]
        return self.answer(merging.merge(thing, into=into, by=self.user, version=version))

    def _held(self) -> tuple[M, int]:
        """What is to change, and the version that was read."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        return thing, self.version()


class StageViewSet(SetUpViewSet[Stage]):
    """The steps of the pipeline."""

    queryset = Stage.objects.all()
    serializer_class = serializers.StageShown
    filterset_class = filters.StageFilters

    @takes(bodies.StageBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a stage."""
        return self.added(setup.add_stage, bodies.StageBody)

    @takes(bodies.StageBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a stage or change its numbers."""
        return self.changed(setup.edit_stage, bodies.StageBody)

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a stage: open deals must have left it."""
        return self.retired(setup.retire_stage)


class LossReasonViewSet(SetUpViewSet[LossReason]):
    """Why deals are lost, each with its playbook."""

    queryset = LossReason.objects.all()
    serializer_class = serializers.LossReasonShown
    filterset_class = filters.LossReasonFilters

    @takes(bodies.LossReasonBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a loss reason; its slug is fixed for good."""
        return self.added(setup.add_reason, bodies.LossReasonBody)

    @takes(bodies.LossReasonBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a loss reason or change its playbook."""
        return self.changed(setup.edit_reason, bodies.LossReasonBody)

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a loss reason: what was lost for it stays lost for it."""
        return self.retired(setup.retire_reason)

    @verb("merge", body=bodies.MergeReasonBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a loss reason into another: all history moves, and it is retired."""
        return self.merged(bodies.MergeReasonBody)


class ProductViewSet(SetUpViewSet[Product]):
    """What is sold."""

    queryset = Product.objects.all()
    serializer_class = serializers.ProductShown
    filterset_class = filters.CatalogueFilters

    @takes(bodies.NameBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a product, or get the one of that name."""
        return self.added(setup.add_product, bodies.NameBody)

    @takes(bodies.NameBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a product: what names it goes on naming it."""
        return self.changed(setup.rename, bodies.NameBody)

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a product."""
        return self.retired(setup.retire)

    @verb("merge", body=bodies.MergeProductBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a product into another: all history moves, and it is retired."""
        return self.merged(bodies.MergeProductBody)


class CompetitorViewSet(SetUpViewSet[Competitor]):
    """Who else sells it."""

    queryset = Competitor.objects.all()
    serializer_class = serializers.CompetitorShown
    filterset_class = filters.CatalogueFilters

    @takes(bodies.NameBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a competitor, or get the one of that name."""
        return self.added(setup.add_competitor, bodies.NameBody)

    @takes(bodies.NameBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a competitor: what names it goes on naming it."""
        return self.changed(setup.rename, bodies.NameBody)

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a competitor."""
        return self.retired(setup.retire)

    @verb("merge", body=bodies.MergeCompetitorBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a competitor into another: all history moves, and it is retired."""
        return self.merged(bodies.MergeCompetitorBody)
