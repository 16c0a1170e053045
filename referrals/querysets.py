"""What one may see of referral asks, and the adjectives that lists are filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from deals.querysets import OnVisibleDeals
from referrals.states import AskState

if TYPE_CHECKING:
    from referrals.models import ReferralAsk


class ReferralAskQuerySet(OnVisibleDeals["ReferralAsk"]):
    def due(self) -> Self:
        """Still to be asked, whatever their day."""
        return self.filter(state=AskState.DUE)

    def with_names(self) -> Self:
        """Everything that a row of a list and its letter name, in one query."""
        return self.select_related(
            "deal__account", "deal__owner", "deal__product", "outcome__reason", "contact"
        )

    def locked(self) -> Self:
        """Rows held until the end of the transaction, in one order. The deal is locked before."""
        return self.order_by("pk").select_for_update(of=("self",))
