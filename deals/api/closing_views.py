"""Win, lose, disqualify, undo and second chance, for programs: each one call of the action that the pages call."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from crm.shared.api.etags import etag
from crm.shared.api.verbs import verb
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord
from deals import policies
from deals.actions import closing, correcting, reopening
from deals.api import closing_bodies as bodies
from deals.api import serializers

if TYPE_CHECKING:
    from rest_framework.request import Request

    from crm.shared.api.viewsets import ScopedViewSet
    from deals.models import Deal, Outcome

    Base = ScopedViewSet[Deal]
else:
    Base = object


class ClosingVerbs(Base):
    """The verbs of closing, for the viewset of deals."""

    @verb("lose", body=bodies.LossBody, shown=serializers.ClosedShown, versioned=True)
    def lose(self, request: Request, pk: str) -> Response:
        """Close a deal as lost.

        Only the reason is needed: the rest follows its playbook. The answer lists all that was scheduled.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        body = self.body(bodies.LossBody)
        said = {name: value for name, value in body.items() if name not in bodies.AFTERCARE}
        outcome = closing.lose(
            deal,
            by=self.user,
            version=version,
            aftercare=bodies.aftercare(body, deal=deal),
            **said,
        )
        return self.closed(outcome)

    @verb("win", body=bodies.WinBody, shown=serializers.ClosedShown, versioned=True)
    def win(self, request: Request, pk: str) -> Response:
        """Close a deal as won."""
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(bodies.WinBody)
        return self.closed(closing.win(deal, by=self.user, version=version, **said))

    @verb("disqualify", body=bodies.DisqualifyBody, shown=serializers.ClosedShown, versioned=True)
    def disqualify(self, request: Request, pk: str) -> Response:
        """Close a deal as disqualified: neither won nor lost."""
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(bodies.DisqualifyBody)
        return self.closed(closing.disqualify(deal, by=self.user, version=version, **said))

    @verb("undo-close", versioned=True)
    def undo_close(self, request: Request, pk: str) -> Response:
        """Undo the closing of a deal.

        Within 24 hours, by who closed it or a manager; an automatic closing within 30 days.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        self.require(deal.is_open or policies.may_undo(self.user, deal))
        version = self.version()
        opened = reopening.undo_close(deal, by=self.user, now=timezone.now(), version=version)
        return self.answer(opened)

    @verb("outcome", body=bodies.OutcomeBody, shown=serializers.OutcomeShown, versioned=True)
    def outcome(self, request: Request, pk: str) -> Response:
        """Correct the closing that stands.

        By who closed it within 24 hours, by a manager later; what it said before stays in the event log.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        if deal.outcome is None:
            raise ActionRefused(_("This deal is open."))
        self.require(policies.may_edit_outcome(self.user, deal, now=timezone.now()))
        changes = self.body(bodies.OutcomeBody)
        outcome = correcting.edit_outcome(deal.outcome, by=self.user, version=version, **changes)
        shown = serializers.OutcomeShown(outcome, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(outcome.deal)})

    @verb(
        "second-chance",
        body=bodies.SecondChanceBody,
        versioned=True,
        status=HTTPStatus.CREATED,
    )
    def second_chance(self, request: Request, pk: str) -> Response:
        """Open a new deal from a lost one.

        The lost one stays as it is; account, contact, people and qualification are carried over.
        """
        lost = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(bodies.SecondChanceBody)
        return self.created(reopening.second_chance(lost, by=self.user, version=version, **said))

    def closed(self, outcome: Outcome) -> Response:
        """The closing with everything that its event led to."""
        scheduled = EventRecord.objects.filter(
            cause__deal_id=outcome.deal_id, cause__data__outcome_id=outcome.pk
        )
        closed: dict[str, Any] = {
            "outcome": outcome,
            "scheduled": scheduled.order_by("pk"),
            "deal": outcome.deal,
        }
        shown = serializers.ClosedShown(closed, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(outcome.deal)})
