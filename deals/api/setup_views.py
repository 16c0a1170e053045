"""Stages, loss reasons, products and competitors: everybody reads them, administrators change them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from rest_framework.response import Response

from crm.shared.api.verbs import takes
from crm.shared.api.viewsets import M, ReadViewSet
from crm.shared.models.token import TokenScope
from deals import filters, policies
from deals.actions import setup
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

    @takes(bodies.StageBody)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a stage or change its numbers."""
        stage = self.get_object()
        self.require(policies.may_set_up(self.user))
        changes = self.body(bodies.StageBody, partial=True)
        return self.answer(setup.edit_stage(stage, by=self.user, **changes))


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

    @takes(bodies.LossReasonBody)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a loss reason or change its playbook."""
        reason = self.get_object()
        self.require(policies.may_set_up(self.user))
        changes = self.body(bodies.LossReasonBody, partial=True)
        return self.answer(setup.edit_reason(reason, by=self.user, **changes))

    @takes(status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a loss reason: what was lost for it stays lost for it."""
        reason = self.get_object()
        self.require(policies.may_set_up(self.user))
        setup.retire_reason(reason, by=self.user)
        return Response(status=HTTPStatus.NO_CONTENT)


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
