"""DueItem: something that waits for a person, as plain values, so that Today, the morning mail and calendars sort alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from crm.shared.models import User


class Rank(IntEnum):
    """The order of what matters on Today (screens.md 1)."""

    ANSWERED = 0
    AT_RISK = 1
    LATE = 2
    DUE = 3
    ASK = 4
    REVIEW = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class DueItem:
    """One row of Today. `template` draws its buttons and gets `context`; `due_at` is UTC; money as it was agreed."""

    rank: Rank
    due_at: dt.datetime
    user_id: int
    deal_id: int
    title: str
    why: str
    path: str
    chip: str
    icon: str
    template: str
    context: dict[str, Any] = dataclasses.field(default_factory=dict)
    amount: Decimal | None = None
    currency: str = ""
    needs_person: bool = False
    buyer_words: str = ""


DueSource = Callable[..., Sequence[DueItem]]


def due_for(users: Sequence[User], *, now: dt.datetime, until: dt.datetime) -> list[DueItem]:
    """What is due for `users` up to `until`, most useful first: by rank, then by time, then by amount.

    Each source is asked once for all users together, so the number of queries does not grow with them.
    """
    sources: list[DueSource] = import_module(settings.WIRING).DUE_SOURCES
    items = [item for source in sources for item in source(users, now=now, until=until)]
    return sorted(
        items, key=lambda item: (item.rank, item.due_at, -(item.amount or 0), item.deal_id)
    )
