"""Referral asks, for programs: the pages' querysets, policies and actions."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm.shared.api.verbs import verb
from crm.shared.api.viewsets import ReadViewSet
from referrals import policies
from referrals.actions import asks
from referrals.api import serializers
from referrals.filters import ReferralAskFilters
from referrals.models import ReferralAsk


class ReferralAskViewSet(ReadViewSet[ReferralAsk]):
    """Whom to ask for a referral, and what came of it."""

    queryset = ReferralAsk.objects.all()
    serializer_class = serializers.ReferralAskShown
    filterset_class = ReferralAskFilters

    @verb("asked", body=serializers.AskedBody, versioned=True)
    def asked(self, request: Request, pk: str) -> Response:
        """Say that the question was put."""
        ask = self.get_object()
        self.require(policies.may_ask(self.user))
        version = self.version()
        body = self.body(serializers.AskedBody)
        return self.answer(
            asks.asked(ask, by=self.user, now=timezone.now(), version=version, **body)
        )

    @verb("given", versioned=True)
    def given(self, request: Request, pk: str) -> Response:
        """Say that a referral was given."""
        ask = self.get_object()
        self.require(policies.may_ask(self.user))
        return self.answer(
            asks.given(ask, by=self.user, now=timezone.now(), version=self.version())
        )

    @verb("declined", versioned=True)
    def declined(self, request: Request, pk: str) -> Response:
        """Say that no referral was given."""
        ask = self.get_object()
        self.require(policies.may_ask(self.user))
        return self.answer(
            asks.declined(ask, by=self.user, now=timezone.now(), version=self.version())
        )

    @verb("waive", body=serializers.WaiveBody, versioned=True)
    def waive(self, request: Request, pk: str) -> Response:
        """Let an ask go, with a reason."""
        ask = self.get_object()
        self.require(policies.may_ask(self.user))
        version = self.version()
        body = self.body(serializers.WaiveBody)
        return self.answer(asks.waive(ask, by=self.user, version=version, **body))


ROUTES = [("referral-asks", ReferralAskViewSet)]
