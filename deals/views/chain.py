"""The chain of second chances that a deal belongs to, all generations of it (F5)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from deals.models import Deal

if TYPE_CHECKING:
    from crm.shared.models import User


@dataclasses.dataclass(frozen=True)
class Chain:
    """The deals of it that the reader sees, the first one first; `begins_unseen`: the first of all is not theirs."""

    deals: list[Deal]
    begins_unseen: bool


def chain_of(deal: Deal, *, user: User) -> Chain:
    """From the first deal down to the latest: in one query."""
    deals = list(Deal.objects.visible_to(user).in_chain_of(deal).with_names().order_by("pk"))
    return Chain(deals, begins_unseen=bool(deals) and deals[0].second_chance_of_id is not None)
