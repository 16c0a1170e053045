"""Closings of the past for reports: through the actions, starting nothing."""

import datetime as dt
from typing import Any

from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal, Outcome
from tests.factories import deals

NOON = dt.time(12, tzinfo=dt.UTC)


def noon(day: str) -> dt.datetime:
    """The middle of a day, written 2026-03-15."""
    return dt.datetime.combine(dt.date.fromisoformat(day), NOON)


def lost(owner: User, on: str, reason: str = "price-or-value", **fields: Any) -> Outcome:
    """A deal of 1,000.00 lost at noon of a day; `fields` are those of the loss, `deal` those of the deal."""
    deal = opened(owner, on, **fields.pop("deal", {}))
    return closing.lose(
        deal, by=owner, at=noon(on), reason=deals.reason(reason), historical=True, **fields
    )


def won(owner: User, on: str, **fields: Any) -> Outcome:
    """A deal of 1,000.00 won at noon of a day."""
    deal = opened(owner, on, **fields.pop("deal", {}))
    return closing.win(deal, by=owner, at=noon(on), historical=True, **fields)


def opened(owner: User, on: str, **fields: Any) -> Deal:
    """A deal that was opened thirty days before."""
    known = {"opened_at": noon(on) - dt.timedelta(days=30)}
    return deals.deal(owner=owner, **(known | fields))
