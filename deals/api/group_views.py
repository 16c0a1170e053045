"""Segments, which administrators define, and target lists, which whoever works on deals makes (C2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from rest_framework.response import Response

from crm.shared.api.verbs import reading, takes, verb
from crm.shared.api.viewsets import ReadViewSet
from deals import filters_of_set_up as filters
from deals import policies
from deals.actions import setup, target_lists
from deals.api import group_bodies as bodies
from deals.api.setup_views import SetUpViewSet
from deals.funnels import funnels_of
from deals.models import Account, Segment, TargetList

if TYPE_CHECKING:
    from rest_framework.request import Request


class SegmentViewSet(SetUpViewSet[Segment]):
    """Named criteria over accounts."""

    queryset = Segment.objects.all()
    serializer_class = bodies.SegmentShown
    filterset_class = filters.CatalogueFilters

    @takes(bodies.SegmentBody, status=201)
    def create(self, request: Request) -> Response:
        """Define a segment; who fits is in it at once."""
        return self.added(setup.add_segment, bodies.SegmentBody)

    @takes(bodies.SegmentBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a segment or change its criteria."""
        return self.changed(setup.edit_segment, bodies.SegmentBody)

    @takes(versioned=True, status=HTTPStatus.NO_CONTENT)
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a segment."""
        return self.retired(setup.retire)


class TargetListViewSet(ReadViewSet[TargetList]):
    """Files of suspects: accounts that somebody means to approach."""

    queryset = TargetList.objects.all()
    serializer_class = bodies.TargetListShown
    filterset_class = filters.TargetListFilters

    @takes(bodies.TargetListBody, status=201)
    def create(self, request: Request) -> Response:
        """Make a list, with accounts on it.

        Without an owner it belongs to the person who makes it.
        """
        self.require(policies.may_work(self.user))
        said = self.body(bodies.TargetListBody)
        return self.created(target_lists.make(by=self.user, **said))

    @takes(bodies.TargetListFacts, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a list, say who belongs on it, or give it to somebody."""
        found = self._mine()
        version = self.version()
        changes = self.body(bodies.TargetListFacts, partial=True)
        return self.answer(target_lists.edit(found, by=self.user, version=version, **changes))

    @verb("archive", versioned=True)
    def archive(self, request: Request, pk: str) -> Response:
        """Take a list off the lists; the deals that came from it go on naming it."""
        found = self._mine()
        return self.answer(target_lists.archive(found, by=self.user, version=self.version()))

    @verb("restore", versioned=True)
    def restore(self, request: Request, pk: str) -> Response:
        """Put a list back."""
        found = self._mine()
        return self.answer(target_lists.restore(found, by=self.user, version=self.version()))

    @verb("add", body=bodies.AccountsBody, shown=bodies.ChangedShown)
    def add(self, request: Request, pk: str) -> Response:
        """Put accounts on a list; those on it already stay there once."""
        return self._change(target_lists.add)

    @verb("remove", body=bodies.AccountsBody, shown=bodies.ChangedShown)
    def remove(self, request: Request, pk: str) -> Response:
        """Take accounts off a list; they stay, and so do their deals."""
        return self._change(target_lists.remove)

    @reading("suspects", shown=bodies.SuspectShown, many=True)
    def suspects(self, request: Request, pk: str) -> Response:
        """Read the accounts on a list with what is not known of each."""
        seen = Account.objects.visible_to(self.user).current()
        on_it = seen.filter(suspect_on__target_list=self.get_object())
        return self.page_of(on_it.with_completeness(), shown=bodies.SuspectShown)

    @reading("funnel", shown=bodies.FunnelShown)
    def funnel(self, request: Request, pk: str) -> Response:
        """Read what became of a list: suspects, open deals by stage, won and lost."""
        found = self.get_object()
        funnel = funnels_of([found], viewer=self.user)[found.pk]
        return Response(bodies.FunnelShown(funnel).data)

    def _mine(self) -> TargetList:
        """404 for a list that is unseen, 403 for one that is another's to change."""
        found = self.get_object()
        self.require(policies.may_change_list(self.user, found))
        return found

    def _change(self, act: Any) -> Response:
        found = self._mine()
        accounts = self.body(bodies.AccountsBody)["accounts"]
        return Response({"changed": act(found, accounts, by=self.user)})
