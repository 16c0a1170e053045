"""What one may see of deals, and the adjectives that lists are filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from crm.shared.querysets import ArchivableQuerySet, SearchableQuerySet
from crm.shared.roles import Role
from deals.states import CheckState, DealStatus, OrderState, Sharing
from deals.suspects import ids_in

if TYPE_CHECKING:
    import datetime as dt

    from crm.shared.models import User
    from deals.models import (
        BulkJob,
        ConfidenceStated,
        Deal,
        LossReason,
        Order,
        Outcome,
        Proposal,
        SavedView,
        Segment,
        Stage,
        Stakeholder,
        ValueCheck,
    )

M = TypeVar("M", bound=models.Model)

# From a deal up to the first of its chain, then down all generations. UNION ends where a deal comes twice.
CHAIN = """
    WITH RECURSIVE above(id, parent_id) AS (
        SELECT id, second_chance_of_id FROM deals_deal WHERE id = %s
        UNION
        SELECT deal.id, deal.second_chance_of_id
        FROM deals_deal deal JOIN above ON deal.id = above.parent_id
    ), chain(id) AS (
        SELECT id FROM above
        UNION
        SELECT deal.id FROM deals_deal deal JOIN chain ON deal.second_chance_of_id = chain.id
    )
    SELECT id FROM chain
"""

MOST_BY_ID = 1000
NOT_STATED = "not-stated"  # the reason of history that came in without one; always there


class StageQuerySet(ArchivableQuerySet["Stage"]):
    def visible_to(self, user: User) -> Self:
        return self

    def with_entries(self, deal: Deal) -> models.QuerySet[Any]:
        """Each stage once for every time that `deal` entered it, with `entry_at`; once with None where it never did."""
        of_deal = models.FilteredRelation("entries", condition=Q(entries__deal=deal))
        return self.annotate(entry=of_deal, entry_at=models.F("entry__at")).order_by(
            "position", "entry__at", "entry__pk"
        )


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
    """Whether anything may hang on a deal. `was_closed` once, even if that was undone; `confidence_was` stated before."""

    was_closed: bool
    has_other_reasons: bool
    has_second_chances: bool
    has_repeats: bool
    has_proposals: bool
    is_shared: bool
    confidence_was: int | None


class DealQuerySet(SearchableQuerySet["Deal"]):
    NAMED_BY = ("account", "contact")
    ON_CARDS = ("account", "contact", "owner", "stage")  # what a card of the board names
    IN_ROWS = (*ON_CARDS, "product", "target_list", "outcome__reason")  # and a row of a list

    def visible_to(self, user: User) -> Self:
        """Those that `user` owns, answers for, or shares; a viewer sees none."""
        owners = user.visible_owner_ids
        if owners is None:
            return self
        if user.role == Role.VIEWER:
            return self.none()
        return self.filter(Q(owner__in=owners) | Q(pk__in=shared_with(user)))

    def listed_for(self, user: User) -> Self:
        """As `visible_to`, for long lists: what is shared with somebody is asked for first.

        Beside a list of ids an index finds the few of some owners; beside a subquery every row would be read.
        """
        owners = user.visible_owner_ids
        if owners is None or user.role == Role.VIEWER:
            return self.visible_to(user)
        shared = list(shared_with(user).values_list("deal_id", flat=True)[: MOST_BY_ID + 1])
        if len(shared) > MOST_BY_ID:
            return self.visible_to(user)
        own = Q(owner__in=owners)
        return self.filter(own | Q(pk__in=shared)) if shared else self.filter(own)

    def open(self) -> Self:
        return self.filter(status=DealStatus.OPEN)

    def closed(self) -> Self:
        return self.exclude(status=DealStatus.OPEN)

    def lost(self) -> Self:
        return self.filter(status=DealStatus.LOST)

    def in_segment(self, segment: Segment) -> Self:
        """Those of accounts in it."""
        return self.filter(account__in=ids_in(segment))

    def at_risk(self) -> Self:
        """Marked by the sweep: they meet their stop rule and close on `closes_on`."""
        return self.open().filter(closes_on__isnull=False)

    def parked(self, *, now: dt.datetime) -> Self:
        """Open, and set aside until a day that has not come."""
        return self.open().filter(parked_until__gt=now)

    def in_chain_of(self, deal: Deal) -> Self:
        """Those of the chain of second chances that `deal` belongs to, from the first down to the latest (F5)."""
        return self.filter(pk__in=RawSQL(CHAIN, [deal.pk]))  # noqa: S611  (a constant statement)

    def with_names(self) -> Self:
        """Everything that a row of a list names, in one query."""
        return self.select_related(*self.IN_ROWS)

    def with_closing(self) -> Self:
        """What became of each: the closing that stands, with its names and, of a win, its order."""
        return self.select_related(
            "outcome__competitor", "outcome__by", "outcome__stage", "outcome__order"
        )

    def with_hints(self) -> models.QuerySet[Any]:
        """What need not be asked for again, because there is none of it: the fields of `DealHints`."""
        this = OuterRef("pk")

        def rows(name: str) -> models.Manager[Any]:
            found: models.Manager[Any] = apps.get_model("deals", name)._default_manager
            return found

        stated = rows("ConfidenceStated").filter(deal=this).order_by("-at", "-pk")
        return self.annotate(
            was_closed=Exists(rows("Outcome").filter(deal=this)),
            has_other_reasons=Exists(rows("OtherReason").filter(outcome=OuterRef("outcome"))),
            has_second_chances=Exists(rows("Deal").filter(second_chance_of=this)),
            has_repeats=Exists(rows("Deal").filter(repeat_of=this)),
            has_proposals=Exists(rows("Proposal").filter(deal=this)),
            is_shared=Exists(self.model.collaborators.through.objects.filter(deal_id=this)),
            confidence_was=models.Subquery(stated.values("percent")[1:2]),
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


class ProposalQuerySet(OnVisibleDeals["Proposal"]):
    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order. The deal is locked before."""
        return self.order_by("pk").select_for_update(of=("self",))


class ConfidenceQuerySet(OnVisibleDeals["ConfidenceStated"]):
    pass


class OrderQuerySet(OnVisibleDeals["Order"]):
    def standing(self) -> Self:
        """Of wins that were not undone."""
        return self.exclude(state=OrderState.WITHDRAWN)

    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order. The deal is locked before."""
        return self.order_by("pk").select_for_update(of=("self",))


class ValueCheckQuerySet(models.QuerySet["ValueCheck"]):
    def visible_to(self, user: User) -> Self:
        """Seen with the order's deal."""
        if user.visible_owner_ids is None:
            return self
        return self.filter(order__deal__in=visible_deals(user).values("pk"))

    def due(self) -> Self:
        """Still to do, of orders that stand."""
        return self.filter(state=CheckState.DUE).exclude(order__state=OrderState.WITHDRAWN)


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


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    def visible_to(self, user: User) -> Self:
        """One's own; administrators see all."""
        return self if user.role == Role.ADMIN else self.filter(by=user)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those for everybody, and those that somebody of one's teams shares with the team."""
        teams = user.memberships.values("team_id")
        mates = Q(shared_with=Sharing.TEAM, owner__memberships__team__in=teams)
        return self.filter(Q(owner=user) | Q(shared_with=Sharing.ALL) | mates).distinct()
