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
    from rest_framework.request import Request


class SetUpViewSet(ReadViewSet[M]):
    """Reading needs `read`, changing `admin`."""

    scope = TokenScope.ADMIN


class StageViewSet(SetUpViewSet[Stage]):
    """The steps of the pipeline."""

    queryset = Stage.objects.all()
    serializer_class = serializers.StageShown
    filterset_class = filters.StageFilters

    @takes(bodies.StageBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a stage."""
        self.require(policies.may_set_up(self.user))
        return self.created(setup.add_stage(by=self.user, **self.body(bodies.StageBody)))

    @takes(bodies.StageBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a stage or change its numbers."""
        stage = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        changes = self.body(bodies.StageBody, partial=True)
        return self.answer(setup.edit_stage(stage, by=self.user, version=version, **changes))

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a stage: open deals must have left it."""
        stage = self.get_object()
        self.require(policies.may_set_up(self.user))
        setup.retire_stage(stage, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)


class LossReasonViewSet(SetUpViewSet[LossReason]):
    """Why deals are lost, each with its playbook."""

    queryset = LossReason.objects.all()
    serializer_class = serializers.LossReasonShown
    filterset_class = filters.LossReasonFilters

    @takes(bodies.LossReasonBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a loss reason; its slug is fixed for good."""
        self.require(policies.may_set_up(self.user))
        return self.created(setup.add_reason(by=self.user, **self.body(bodies.LossReasonBody)))

    @takes(bodies.LossReasonBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a loss reason or change its playbook."""
        reason = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        changes = self.body(bodies.LossReasonBody, partial=True)
        return self.answer(setup.edit_reason(reason, by=self.user, version=version, **changes))

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a loss reason: what was lost for it stays lost for it."""
        reason = self.get_object()
        self.require(policies.may_set_up(self.user))
        setup.retire_reason(reason, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)

    @verb("merge", body=bodies.MergeReasonBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a loss reason into another: all history moves, and it is retired."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        into = self.body(bodies.MergeReasonBody)["into"]
        return self.answer(merging.merge(thing, into=into, by=self.user, version=version))


class ProductViewSet(SetUpViewSet[Product]):
    """What is sold."""

    queryset = Product.objects.all()
    serializer_class = serializers.ProductShown
    filterset_class = filters.CatalogueFilters

    @takes(bodies.NameBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a product, or get the one of that name."""
        self.require(policies.may_set_up(self.user))
        return self.created(setup.add_product(by=self.user, **self.body(bodies.NameBody)))

    @takes(bodies.NameBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a product: what names it goes on naming it."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        changes = self.body(bodies.NameBody, partial=True)
        return self.answer(setup.rename(thing, by=self.user, version=version, **changes))

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a product."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        setup.retire(thing, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)

    @verb("merge", body=bodies.MergeProductBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a product into another: all history moves, and it is retired."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        into = self.body(bodies.MergeProductBody)["into"]
        return self.answer(merging.merge(thing, into=into, by=self.user, version=version))


class CompetitorViewSet(SetUpViewSet[Competitor]):
    """Who else sells it."""

    queryset = Competitor.objects.all()
    serializer_class = serializers.CompetitorShown
    filterset_class = filters.CatalogueFilters

    @takes(bodies.NameBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a competitor, or get the one of that name."""
        self.require(policies.may_set_up(self.user))
        return self.created(setup.add_competitor(by=self.user, **self.body(bodies.NameBody)))

    @takes(bodies.NameBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a competitor: what names it goes on naming it."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        changes = self.body(bodies.NameBody, partial=True)
        return self.answer(setup.rename(thing, by=self.user, version=version, **changes))

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a competitor."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        setup.retire(thing, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)

    @verb("merge", body=bodies.MergeCompetitorBody, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Merge a competitor into another: all history moves, and it is retired."""
        thing = self.get_object()
        self.require(policies.may_set_up(self.user))
        version = self.version()
        into = self.body(bodies.MergeCompetitorBody)["into"]
        return self.answer(merging.merge(thing, into=into, by=self.user, version=version))
