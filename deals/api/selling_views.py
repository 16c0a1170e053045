"""Proposals and orders, for programs: the pages' querysets, policies and actions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.response import Response

from crm.shared.api.etags import etag
from crm.shared.api.verbs import takes, verb
from crm.shared.api.viewsets import ReadViewSet
from deals import filters, policies
from deals.actions import orders, proposals
from deals.api import selling, serializers
from deals.models import Order, Proposal

if TYPE_CHECKING:
    from rest_framework.request import Request


class ProposalViewSet(ReadViewSet[Proposal]):
    """What was offered, and what the buyer said to it."""

    queryset = Proposal.objects.all()
    serializer_class = selling.ProposalShown
    filterset_class = filters.ProposalFilters

    @takes(selling.ProposalBody, status=201)
    def create(self, request: Request) -> Response:
        """Record a proposal that went to the buyer."""
        self.require(policies.may_work(self.user))
        return self.created(proposals.send(by=self.user, **self.body(selling.ProposalBody)))

    @verb("answer", body=selling.AnswerBody, versioned=True)
    def answer_to(self, request: Request, pk: str) -> Response:
        """Record the buyer's answer, or that it was withdrawn."""
        proposal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.AnswerBody)
        return self.answer(proposals.answer(proposal, by=self.user, version=version, **said))

    @verb("objections", body=selling.ObjectionsBody, versioned=True)
    def objections(self, request: Request, pk: str) -> Response:
        """Keep the buyer's objections, all of them, each with our reply and whether that settled it."""
        proposal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.ObjectionsBody)["objections"]
        return self.answer(
            proposals.note_objections(proposal, objections=said, by=self.user, version=version)
        )


class OrderViewSet(ReadViewSet[Order]):
    """What follows a win: a win opens its order, an undone one withdraws it."""

    queryset = Order.objects.prefetch_related("checks")
    serializer_class = selling.OrderShown
    filterset_class = filters.OrderFilters

    @takes(selling.OrderBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the dates of an order and how satisfied the customer is."""
        order = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        changes = self.body(selling.OrderBody, partial=True)
        return self.answer(orders.edit(order, by=self.user, version=version, **changes))

    @verb("move", body=selling.OrderMoveBody, versioned=True)
    def move(self, request: Request, pk: str) -> Response:
        """Move an order on: delivering, delivered, accepted, or an issue.

        Its delivery sets the days of the value checks.
        """
        order = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.OrderMoveBody)
        to = said.pop("state")
        return self.answer(orders.move(order, to=to, by=self.user, version=version, **said))

    @verb("check", body=selling.CheckBody, versioned=True)
    def check(self, request: Request, pk: str) -> Response:
        """Tick a value check off, or leave it out."""
        order = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.CheckBody)
        found = get_object_or_404(order.checks.all(), after_days=said.pop("after_days"))
        orders.check_value(found, by=self.user, now=timezone.now(), version=version, **said)
        return self.answer(self.get_object())

    @verb(
        "repeat",
        body=selling.RepeatBody,
        shown=serializers.DealShown,
        versioned=True,
        status=HTTPStatus.CREATED,
    )
    def repeat(self, request: Request, pk: str) -> Response:
        """Open the next deal with this customer, linked to the won one."""
        order = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.RepeatBody)
        deal = orders.repeat(order, by=self.user, version=version, **said)
        deal.refresh_from_db()  # the reactions have planned its next step
        shown = serializers.DealShown(deal, context=self.get_serializer_context())
        return Response(shown.data, status=HTTPStatus.CREATED, headers={"ETag": etag(deal)})
