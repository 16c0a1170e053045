"""Accounts, contacts, deals and who takes part in them, for programs: the pages' querysets, policies and actions."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from rest_framework.response import Response

from crm.shared.api.bulk import PARTIAL, BulkShown, bulk_body, save_in_bulk
from crm.shared.api.serializers import EventShown
from crm.shared.api.verbs import reading, takes, verb
from crm.shared.api.viewsets import ReadViewSet
from crm.shared.models import EventRecord, User
from deals import filters, policies
from deals.actions import batches, directory, pipeline, taking_part
from deals.api import bodies, serializers
from deals.api.closing_views import ClosingVerbs
from deals.api.directory_views import AccountVerbs, ContactVerbs
from deals.api.outlook_views import OutlookVerbs
from deals.models import Account, Contact, Deal, Stakeholder

if TYPE_CHECKING:
    from rest_framework.request import Request


class AccountViewSet(AccountVerbs, ReadViewSet[Account]):
    """Companies."""

    queryset = Account.objects.all()
    serializer_class = serializers.AccountShown
    filterset_class = filters.AccountFilters
    params = {"bulk": PARTIAL}

    @takes(bodies.AccountBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a company.

        Without an owner it belongs to the person who adds it.
        """
        self.require(policies.may_work(self.user))
        row = {"owner": self.user} | self.body(bodies.AccountBody)
        return self.created(directory.add_accounts([row], by=self.user)[0])

    @takes(bodies.AccountBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change facts of a company."""
        account = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        changes = self.body(bodies.AccountBody, partial=True)
        return self.answer(
            directory.edit_account(account, by=self.user, version=version, **changes)
        )

    @verb(
        "bulk", body=bulk_body(bodies.AccountItemBody), shown=BulkShown, detail=False, also=(412,)
    )
    def bulk(self, request: Request) -> Response:
        """Add or change up to 1,000 companies."""
        self.require(policies.may_work(self.user))
        save = partial(batches.save_accounts, by=self.user)
        return Response(save_in_bulk(request, bodies.AccountItemBody, save))


class ContactViewSet(ContactVerbs, ReadViewSet[Contact]):
    """People at companies."""

    queryset = Contact.objects.all()
    serializer_class = serializers.ContactShown
    filterset_class = filters.ContactFilters
    params = {"bulk": PARTIAL}

    @takes(bodies.ContactBody, status=201)
    def create(self, request: Request) -> Response:
        """Add a person.

        Without an owner they belong to the person who adds them.
        """
        self.require(policies.may_work(self.user))
        row = {"owner": self.user} | self.body(bodies.ContactBody)
        return self.created(directory.add_contacts([row], by=self.user)[0])

    @takes(bodies.ContactBody, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change facts of a person."""
        contact = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        changes = self.body(bodies.ContactBody, partial=True)
        return self.answer(
            directory.edit_contact(contact, by=self.user, version=version, **changes)
        )

    @verb(
        "bulk", body=bulk_body(bodies.ContactItemBody), shown=BulkShown, detail=False, also=(412,)
    )
    def bulk(self, request: Request) -> Response:
        """Add or change up to 1,000 people."""
        self.require(policies.may_work(self.user))
        save = partial(batches.save_contacts, by=self.user)
        return Response(save_in_bulk(request, bodies.ContactItemBody, save))


class DealViewSet(ClosingVerbs, OutlookVerbs, ReadViewSet[Deal]):
    """Deals: open, edit, move, close, undo, and what happened to them."""

    queryset = Deal.objects.with_names().prefetch_related(
        Prefetch("collaborators", User.objects.only("pk").order_by("pk")),
        "outcome__other_reasons__reason",
    )
    serializer_class = serializers.DealShown
    filterset_class = filters.DealFilters
    params = {"bulk": PARTIAL}

    @takes(bodies.DealBody, status=201)
    def create(self, request: Request) -> Response:
        """Open a deal.

        Without an owner it belongs to the person who opens it, without a stage it starts in the first.
        """
        self.require(policies.may_work(self.user))
        fields = {"owner": self.user} | self.body(bodies.DealBody)
        deal = pipeline.open_deal(by=self.user, **fields)
        deal.refresh_from_db()  # the reactions have planned its next step
        return self.created(deal)

    @takes(bodies.DealFacts, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change facts of a deal.

        Status and stage have their own verbs; derived columns are kept by Rebound.
        """
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        changes = self.body(bodies.DealFacts, partial=True)
        return self.answer(pipeline.edit(deal, by=self.user, version=version, **changes))

    @verb("move", body=bodies.MoveBody, versioned=True)
    def move(self, request: Request, pk: str) -> Response:
        """Move an open deal to a stage, with history."""
        deal = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        stage = self.body(bodies.MoveBody)["stage"]
        return self.answer(pipeline.move(deal, to=stage, by=self.user, version=version))

    @verb("bulk", body=bulk_body(bodies.DealItemBody), shown=BulkShown, detail=False, also=(412,))
    def bulk(self, request: Request) -> Response:
        """Open or edit up to 1,000 deals.

        All or nothing, or with partial=true a result for each. A known external_id edits that deal.
        """
        self.require(policies.may_work(self.user))
        save = partial(batches.save_deals, by=self.user)
        return Response(save_in_bulk(request, bodies.DealItemBody, save))

    @reading("timeline", shown=EventShown, many=True)
    def timeline(self, request: Request, pk: str) -> Response:
        """Read what happened to a deal, newest first."""
        deal = self.get_object()
        return self.page_of(EventRecord.objects.of_deal(deal.pk), shown=EventShown)


class StakeholderViewSet(ReadViewSet[Stakeholder]):
    """Who takes part in a deal, in which role, and how they stand to it."""

    queryset = Stakeholder.objects.select_related("contact")
    serializer_class = serializers.StakeholderShown
    filterset_class = filters.StakeholderFilters

    @takes(bodies.StakeholderBody, status=201)
    def create(self, request: Request) -> Response:
        """Put a person on a deal, or change their part in it."""
        self.require(policies.may_work(self.user))
        return self.created(
            directory.add_stakeholder(by=self.user, **self.body(bodies.StakeholderBody))
        )

    @takes(bodies.StakeholderFacts, versioned=True)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a person's part in a deal."""
        known = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        facts = {"role": known.role} | self.body(bodies.StakeholderFacts, partial=True)
        return self.answer(
            directory.add_stakeholder(
                known.deal, contact=known.contact, by=self.user, version=version, **facts
            )
        )

    @takes(versioned=True, status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a person off a deal.

        The person stays, and so does what was said with them.
        """
        known = self.get_object()
        self.require(policies.may_work(self.user))
        taking_part.remove_stakeholder(known, by=self.user, version=self.version())
        return Response(status=HTTPStatus.NO_CONTENT)
