"""What one may see of the directory: accounts and people, their segments and lists, and what was merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from crm.shared.querysets import ArchivableQuerySet, SearchableQuerySet, owned_by_visible
from crm.shared.roles import Role
from deals.querysets.deals import (
    MOST_BY_ID,
    CatalogueQuerySet,
    DealQuerySet,
    shared_with,
    visible_deals,
)
from deals.suspects import completeness, ids_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.shared.models import User
    from deals.models import Account, Contact, Merge, Segment, TargetList


def with_deals_of(user: User, *, account: OuterRef) -> Q:
    """The condition "`user` sees a deal of this account".

    Asked for apart, own ones by their owners and shared ones by their ids: of both together every deal would be read.
    """
    deals = DealQuerySet(apps.get_model("deals", "Deal")).filter(account=account)
    shared = deals.filter(pk__in=shared_with(user))
    return Q(Exists(deals.filter(owned_by_visible(user)))) | Q(Exists(shared))


def few_accounts_seen(user: User) -> set[int] | None:
    """The accounts that `user` sees, their own and those of deals; None: more than a statement should name.

    Beside ids an index finds the few of somebody; beside a subquery rows are read in their order until enough are theirs.
    """
    if user.visible_owner_ids is None or user.role == Role.VIEWER:
        return None
    accounts: Any = apps.get_model("deals", "Account")._default_manager.order_by()
    deals: Any = apps.get_model("deals", "Deal")._default_manager.order_by().exclude(account=None)
    own = accounts.filter(owned_by_visible(user)).values_list("pk")
    theirs = deals.filter(owned_by_visible(user)).values_list("account")
    shared = deals.filter(pk__in=shared_with(user)).values_list("account")
    found = list(own.union(theirs, shared, all=True)[: MOST_BY_ID + 1])
    return {pk for (pk,) in found} if len(found) <= MOST_BY_ID else None


class AccountQuerySet(SearchableQuerySet["Account"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those with a deal that one sees."""
        if user.visible_owner_ids is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        return self.filter(owned_by_visible(user) | with_deals_of(user, account=OuterRef("pk")))

    def listed_for(self, user: User) -> Self:
        """As `visible_to`, for long lists."""
        few = few_accounts_seen(user)
        return self.visible_to(user) if few is None else self.filter(pk__in=few)

    def in_segment(self, segment: Segment) -> Self:
        """Those that fit its criteria, and those put in by hand."""
        return self.filter(pk__in=ids_in(segment))

    def with_completeness(self) -> Self:
        """`has_<name>` for each of COMPLETE, as 0 or 1."""
        said = {
            f"has_{name}": models.Case(models.When(condition, then=1), default=0)
            for name, condition in completeness().items()
        }
        return self.annotate(**said)

    def lacking(self, name: str) -> Self:
        """Those of which one of COMPLETE is not known."""
        return self.exclude(completeness()[name])


class SegmentQuerySet(CatalogueQuerySet["Segment"]):
    """The same for everybody."""


class TargetListQuerySet(ArchivableQuerySet["TargetList"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those with an account of one's own on them, and those that a deal came from which one sees."""
        if user.visible_owner_ids is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        suspects: Any = apps.get_model("deals", "Suspect")._default_manager
        own = suspects.filter(owned_by_visible(user, "account__owner")).values("target_list_id")
        came = visible_deals(user).filter(target_list__isnull=False).values("target_list_id")
        return self.filter(owned_by_visible(user) | Q(pk__in=own) | Q(pk__in=came))


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: User) -> Self:
        """Seen with what stayed."""
        if user.visible_owner_ids is None:
            return self
        seen = Q()
        for kind in ("account", "contact"):
            rows: Any = apps.get_model("deals", kind)._default_manager
            seen |= Q(kind=kind, kept_id__in=rows.visible_to(user).values("pk"))
        return self.filter(seen)

    def standing(self) -> Self:
        return self.filter(undone_at=None)


class ContactQuerySet(SearchableQuerySet["Contact"]):
    NAMED_BY = ("account",)

    def visible_to(self, user: User) -> Self:
        """One's own, and those of an account that one sees."""
        if user.visible_owner_ids is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        account = OuterRef("account")
        accounts: Any = apps.get_model("deals", "Account")._default_manager
        at_own = Exists(accounts.filter(owned_by_visible(user), pk=account))
        return self.filter(owned_by_visible(user) | at_own | with_deals_of(user, account=account))

    def named(
        self, ids: Iterable[int | None], *, known: Iterable[Contact | None]
    ) -> dict[int, Contact]:
        """The people of `ids`, by id; asked for only where `known` has not all of them."""
        here = {contact.pk: contact for contact in known if contact}
        wanted = {pk for pk in ids if pk}
        found = here | self.in_bulk(wanted - here.keys())
        return {pk: found[pk] for pk in wanted if pk in found}

    def listed_for(self, user: User) -> Self:
        """As `visible_to`, for long lists."""
        few = few_accounts_seen(user)
        seen = owned_by_visible(user) | Q(account__in=few or ())
        return self.visible_to(user) if few is None else self.filter(seen)
