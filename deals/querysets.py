"""What one may see of deals, and the adjectives that lists are filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from crm.shared.querysets import ArchivableQuerySet, owned_by_visible
from crm.shared.roles import Role
from deals.states import DealStatus

if TYPE_CHECKING:
    import datetime as dt

    from crm.shared.models import User
    from deals.models import Account, Contact, Deal, LossReason, Outcome, Stage, Stakeholder

M = TypeVar("M", bound=models.Model)

NOT_STATED = "not-stated"  # the reason of history that came in without one; always there


class StageQuerySet(ArchivableQuerySet["Stage"]):
    def visible_to(self, user: User) -> Self:
        return self


class CatalogueQuerySet(ArchivableQuerySet[M]):
    """Products and competitors: the same lists for everybody."""

    def visible_to(self, user: User) -> Self:
        return self


class LossReasonQuerySet(ArchivableQuerySet["LossReason"]):
    def visible_to(self, user: User) -> Self:
        return self

    def choosable(self) -> Self:
        """What a person may pick: not retired, not the system's own; with none of those left, "not stated"."""
        own = self.model._default_manager.filter(is_system=False, archived_at=None)
        return self.current().filter(Q(is_system=False) | Q(slug=NOT_STATED) & ~Exists(own))


class DealHints(TypedDict):
    """Whether anything may hang on a deal. `was_closed` once, even if that was undone."""

    was_closed: bool
    has_other_reasons: bool
    has_second_chances: bool


class DealQuerySet(ArchivableQuerySet["Deal"]):
    def visible_to(self, user: User) -> Self:
        """Those that `user` owns, answers for, or shares; a viewer sees none."""
        owners = user.visible_owner_ids
        if owners is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        return self.filter(Q(owner__in=owners) | Q(pk__in=shared_with(user)))

    def open(self) -> Self:
        return self.filter(status=DealStatus.OPEN)

    def closed(self) -> Self:
        return self.exclude(status=DealStatus.OPEN)

    def lost(self) -> Self:
        return self.filter(status=DealStatus.LOST)

    def at_risk(self) -> Self:
        """Marked by the sweep: they meet their stop rule and close on `closes_on`."""
        return self.open().filter(closes_on__isnull=False)

    def with_names(self) -> Self:
        """Everything that a row of a list names, in one query."""
        return self.select_related(
            "account", "contact", "owner", "stage", "product", "outcome__reason"
        )

    def with_closing(self) -> Self:
        """What became of each: the closing that stands, with its names."""
        return self.select_related("outcome__competitor", "outcome__by", "outcome__stage")

    def with_hints(self) -> models.QuerySet[Any]:
        """What need not be asked for again, because there is none of it: the fields of `DealHints`."""
        this = OuterRef("pk")
        other_reasons = apps.get_model("deals", "OtherReason").objects
        return self.annotate(
            was_closed=Exists(apps.get_model("deals", "Outcome").objects.filter(deal=this)),
            has_other_reasons=Exists(other_reasons.filter(outcome=OuterRef("outcome"))),
            has_second_chances=Exists(self.model.objects.filter(second_chance_of=this)),
        )

    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order, so that two holders never wait for each other."""
        return self.order_by("pk").select_for_update(of=("self",))


def shared_with(user: User) -> models.QuerySet[Any, Any]:
    """The ids of deals that their owners share with `user`."""
    sharing: Any = apps.get_model("deals", "Deal").collaborators.through
    shared: models.QuerySet[Any, Any] = sharing.objects.filter(user_id=user.pk).values("deal_id")
    return shared


def visible_deals(user: User) -> DealQuerySet:
    """The deals that `user` sees, for querysets, which name no model."""
    return DealQuerySet(apps.get_model("deals", "Deal")).visible_to(user)


class OnVisibleDeals(models.QuerySet[M]):
    """For what hangs on a deal by its `deal` column: seen with the deal."""

    def visible_to(self, user: User) -> Self:
        if user.visible_owner_ids is None:
            return self
        return self.filter(deal__in=visible_deals(user).values("pk"))


class StakeholderQuerySet(OnVisibleDeals["Stakeholder"]):
    pass


class OutcomeQuerySet(OnVisibleDeals["Outcome"]):
    def standing(self) -> Self:
        """Not undone."""
        return self.filter(undone_at=None)

    def standing_visible_to(self, user: User) -> Self:
        """Those that stand of the deals that `user` sees, found by their own owner, without looking at every deal.

        The same as both conditions together: a closed deal keeps its owner.
        """
        owners = user.visible_owner_ids
        if owners is None:
            return self.standing()
        if user.role == Role.VIEWER:
            return self.none()
        return self.standing().filter(Q(owner__in=owners) | Q(deal__in=shared_with(user)))

    def decided(self) -> Self:
        """Won or lost: what win rates count."""
        return self.standing().filter(kind__in=[DealStatus.WON, DealStatus.LOST])

    def lost(self) -> Self:
        return self.standing().filter(kind=DealStatus.LOST)

    def won(self) -> Self:
        return self.standing().filter(kind=DealStatus.WON)

    def between(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Closed from `start` up to, not including, `end`."""
        return self.filter(at__gte=start, at__lt=end)


class AccountQuerySet(ArchivableQuerySet["Account"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those with a deal that one sees."""
        if user.visible_owner_ids is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        with_deals = visible_deals(user).filter(account__isnull=False).values("account_id")
        return self.filter(owned_by_visible(user) | Q(pk__in=with_deals))


class ContactQuerySet(ArchivableQuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of an account that one sees."""
        if user.visible_owner_ids is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        accounts = AccountQuerySet(apps.get_model("deals", "Account")).visible_to(user).values("pk")
        return self.filter(owned_by_visible(user) | Q(account__in=accounts))
