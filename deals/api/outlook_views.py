"""How sure the owner is of a deal, setting it aside, and sharing it, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from crm.shared.api.verbs import reading, verb
from deals import policies
from deals.actions import outlook, taking_part
from deals.api import selling

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from crm.shared.api.viewsets import ScopedViewSet
    from deals.models import Deal

    Base = ScopedViewSet[Deal]
else:
    Base = object


class OutlookVerbs(Base):
    """The verbs of the owner's own view, for the viewset of deals."""

    @verb("confidence", body=selling.ConfidenceBody)
    def confidence(self, request: Request, pk: str) -> Response:
        """State how sure one is of a deal, in per cent.

        Kept with its moment each time.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        percent = self.body(selling.ConfidenceBody)["percent"]
        return self.answer(
            outlook.state_confidence(deal, percent=percent, by=self.user, now=timezone.now())
        )

    @reading("confidences", shown=selling.ConfidenceShown, many=True)
    def confidences(self, request: Request, pk: str) -> Response:
        """Read how sure the owner was, and when."""
        deal = self.get_object()
        return self.page_of(deal.confidences.all(), shown=selling.ConfidenceShown)

    @verb("park", body=selling.ParkBody, versioned=True)
    def park(self, request: Request, pk: str) -> Response:
        """Set an open deal aside until a day.

        It wakes by itself. The stop rule goes on: only a date agreed with the buyer suspends it.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(selling.ParkBody)
        return self.answer(
            outlook.park(deal, by=self.user, now=timezone.now(), version=version, **said)
        )

    @verb("unpark", versioned=True)
    def unpark(self, request: Request, pk: str) -> Response:
        """Take a parked deal up again."""
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        return self.answer(outlook.unpark(deal, by=self.user, version=self.version()))

    @verb("share", body=selling.ShareBody, versioned=True)
    def share(self, request: Request, pk: str) -> Response:
        """Share a deal with these colleagues and nobody else."""
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        people = self.body(selling.ShareBody)["people"]
        taking_part.share(deal, people=people, by=self.user, version=version)
        return self.answer(self.get_object())
