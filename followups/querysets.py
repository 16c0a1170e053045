"""What one may see of follow-ups, and the adjectives that lists are filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from crm.shared.roles import Role
from deals.querysets import OnVisibleDeals, visible_deals
from followups.states import Direction, FollowUpState, Purpose

if TYPE_CHECKING:
    import datetime as dt

    from crm.shared.models import User
    from followups.models import FollowUp, KeptOpen, Plan, StopRule, Touch

# What says how often a deal is followed up and when it is dead, fetched with the deal.
RULE_AND_PLAN = ("plan__contact", "stop_rule", "stage__stop_rule")
ON_DEAL = tuple(f"deal__{name}" for name in ("account", "contact", "owner", *RULE_AND_PLAN))


class TouchQuerySet(OnVisibleDeals["Touch"]):
    def current(self) -> Self:
        """On deals that were not archived."""
        return self.filter(deal__archived_at=None)

    def from_the_buyer(self) -> Self:
        return self.filter(direction=Direction.IN)

    def since(self, moment: dt.datetime) -> Self:
        return self.filter(at__gte=moment)

    def with_names(self) -> Self:
        """Everything that a row of a list names, in one query."""
        return self.select_related("contact", *ON_DEAL)


class PlanQuerySet(OnVisibleDeals["Plan"]):
    pass


class FollowUpQuerySet(OnVisibleDeals["FollowUp"]):
    def open(self) -> Self:
        """Still to be done."""
        return self.filter(state=FollowUpState.DUE)

    def next_steps(self) -> Self:
        """The open ones that move a deal on: at most one for each deal."""
        return self.open().filter(purpose=Purpose.CLOSE)

    def due_by(self, moment: dt.datetime) -> Self:
        return self.open().filter(due_at__lt=moment)

    def with_names(self) -> Self:
        """Everything that a row of a list names, in one query."""
        return self.select_related("contact", *ON_DEAL)

    def locked(self) -> Self:
        """Rows held until the end of the transaction; lock their deals first."""
        return self.order_by("pk").select_for_update(of=("self",))


class StopRuleQuerySet(models.QuerySet["StopRule"]):
    def visible_to(self, user: User) -> Self:
        """The rules of the stages are for everybody (E1), a deal's own rule is seen with the deal."""
        if user.visible_owner_ids is None:
            return self
        of_stages = models.Q(stage__isnull=False)
        if user.role == Role.VIEWER:
            return self.filter(of_stages)
        return self.filter(of_stages | models.Q(deal__in=visible_deals(user).values("pk")))


class KeptOpenQuerySet(OnVisibleDeals["KeptOpen"]):
    pass
