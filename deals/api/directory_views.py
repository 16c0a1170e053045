"""Companies and people for programs: off the lists and back, likely duplicates, merge and its undo, personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from rest_framework import serializers
from rest_framework.response import Response

from crm.shared.api.fields import Moment, Reference
from crm.shared.api.filters import StrictFilterSet
from crm.shared.api.serializers import Body, Shown
from crm.shared.api.verbs import reading, verb
from crm.shared.api.viewsets import ReadViewSet
from deals import lookalikes, personal, policies
from deals.actions import directory, directory_merge, erasing
from deals.api.serializers import AccountShown, ContactShown
from deals.models import Account, Contact, Merge

if TYPE_CHECKING:
    from rest_framework.request import Request

    from crm.shared.api.viewsets import ScopedViewSet

    Base = ScopedViewSet[Any]
else:
    Base = object

TAKE = "Fields whose value comes from the one that goes; where the one that stays says nothing, it does so anyway."


class MergeShown(Shown):
    """What went into what: ids of the same kind. It can be undone once, until `undo_ends_at`."""

    kept = serializers.IntegerField(source="kept_id")
    gone = serializers.IntegerField(source="gone_id")
    undo_ends_at = Moment()

    class Meta:
        model = Merge
        fields = ("id", "kind", "kept", "gone", "by", "at", "undone_at", "undo_ends_at")


def _fields_of(kind: str) -> serializers.ListField:
    known = directory_merge.CHOOSABLE[kind]
    field = serializers.ChoiceField(choices=[(name, name) for name in known])
    return serializers.ListField(child=field, required=False, max_length=len(known), help_text=TAKE)


class MergeAccountBody(Body):
    gone = Reference(Account)
    take = _fields_of("account")


class MergeContactBody(Body):
    gone = Reference(Contact)
    take = _fields_of("contact")


class AccountGroups(serializers.Serializer[Any]):
    """Companies that look like one, in groups, among the newest."""

    groups = serializers.ListField(child=AccountShown(many=True))


class ContactGroups(serializers.Serializer[Any]):
    """People who look like one, in groups, among the newest."""

    groups = serializers.ListField(child=ContactShown(many=True))


class PersonShown(serializers.Serializer[Any]):
    """All that is held of a person, rows by their kind. `is_complete` is false where the asking person sees only a part."""

    contact_id = serializers.IntegerField()
    name = serializers.CharField()
    exported_at = Moment()
    exported_by = serializers.CharField()
    is_complete = serializers.BooleanField()
    held = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))


class DirectoryVerbs(Base):
    """What companies and people have in common."""

    @verb("archive", versioned=True)
    def archive(self, request: Request, pk: str) -> Response:
        """Take one off the lists; everything about it stays."""
        row = self.get_object()
        self.require(policies.may_work(self.user))
        return self.answer(directory.archive(row, by=self.user, version=self.version()))

    @verb("restore", versioned=True)
    def restore(self, request: Request, pk: str) -> Response:
        """Put one back on the lists."""
        row = self.get_object()
        self.require(policies.may_work(self.user))
        return self.answer(directory.restore(row, by=self.user, version=self.version()))

    def merged(self, body: type[Body]) -> Response:
        kept = self.get_object()
        self.require(policies.may_work(self.user))
        version = self.version()
        said = self.body(body)
        made = directory_merge.merge(kept, by=self.user, version=version, **said)
        return Response(MergeShown(made, context=self.get_serializer_context()).data)

    def grouped(self, groups: list[list[Any]], shown: type[Shown]) -> Response:
        context = self.get_serializer_context()
        return Response(
            {"groups": [shown(group, many=True, context=context).data for group in groups]}
        )


class AccountVerbs(DirectoryVerbs):
    """The verbs of the directory, for the viewset of accounts."""

    @verb("merge", body=MergeAccountBody, shown=MergeShown, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Put another company into this one, with its deals, people, touches and reviews."""
        return self.merged(MergeAccountBody)

    @reading("duplicates", shown=AccountGroups, detail=False)
    def duplicates(self, request: Request) -> Response:
        """Read which companies look like one."""
        return self.grouped(lookalikes.likely_accounts(self.user), AccountShown)


class ContactVerbs(DirectoryVerbs):
    """The verbs of the directory, for the viewset of contacts."""

    @verb("merge", body=MergeContactBody, shown=MergeShown, versioned=True)
    def merge(self, request: Request, pk: str) -> Response:
        """Put another person into this one, with their deals and touches.

        A wish not to be contacted survives.
        """
        return self.merged(MergeContactBody)

    @reading("duplicates", shown=ContactGroups, detail=False)
    def duplicates(self, request: Request) -> Response:
        """Read which people look like one."""
        return self.grouped(lookalikes.likely_contacts(self.user), ContactShown)

    @reading("export", shown=PersonShown)
    def export(self, request: Request, pk: str) -> Response:
        """Read all that is held of a person: every row of every app that the asking person sees."""
        contact = self.get_object()
        self.require(policies.may_export_person(self.user))
        return Response(personal.export(contact, viewer=self.user))

    @verb("erase", versioned=True)
    def erase(self, request: Request, pk: str) -> Response:
        """Erase a person for good: there is no undo.

        Names and words go from every table, file and waiting mail; the deals and their figures stay, and no mail goes
        to their address again. Managers and administrators.
        """
        contact = self.get_object()
        self.require(policies.may_erase_person(self.user))
        version = self.version()
        return self.answer(erasing.erase(contact, by=self.user, version=version))


class MergeFilters(StrictFilterSet):
    kind = django_filters.ChoiceFilter(choices=[("account", "account"), ("contact", "contact")])
    ordering = django_filters.OrderingFilter(fields=["id"])


class MergeViewSet(ReadViewSet[Merge]):
    """What was merged into what."""

    queryset = Merge.objects.all()
    serializer_class = MergeShown
    filterset_class = MergeFilters

    @verb("undo")
    def undo(self, request: Request, pk: str) -> Response:
        """Take a merge back, within 24 hours: both are as they were, and what had moved goes back."""
        made = self.get_object()
        self.require(policies.may_undo_merge(self.user, made))
        return self.answer(directory_merge.undo(made, by=self.user))
