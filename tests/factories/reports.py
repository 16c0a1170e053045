"""Closings of the past for reports: through the actions, starting nothing."""

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.reports.base import Filters
from crm.shared.models import User
from deals.actions import closing
from deals.models import Deal, Outcome
from deals.states import DealStatus, Phase
from tests.factories import deals

NOON = dt.time(12, tzinfo=dt.UTC)


def noon(day: str) -> dt.datetime:
    """The middle of a day, written 2026-03-15."""
    return dt.datetime.combine(dt.date.fromisoformat(day), NOON)


def lost(owner: User, on: str, reason: str = "price-or-value", **fields: Any) -> Outcome:
    """A deal of 1,000.00 lost at noon of a day; `fields` are those of the loss, `deal` those of the deal."""
    deal = opened(owner, on, **fields.pop("deal", {}))
    known = {"stage": deal.stage, "reason": deals.reason(reason)}
    return closing.lose(deal, by=owner, at=noon(on), historical=True, **(known | fields))


def won(owner: User, on: str, **fields: Any) -> Outcome:
    """A deal of 1,000.00 won at noon of a day."""
    deal = opened(owner, on, **fields.pop("deal", {}))
    known = {"stage": deal.stage}
    return closing.win(deal, by=owner, at=noon(on), historical=True, **(known | fields))


def opened(owner: User, on: str, **fields: Any) -> Deal:
    """A deal that was opened thirty days before."""
    known = {"opened_at": noon(on) - dt.timedelta(days=30)}
    return deals.deal(owner=owner, **(known | fields))


def filters(start: str | None, end: str, **fields: Any) -> Filters:
    """The filters of a report for the days written; asked on the fixed Monday."""
    first = dt.date.fromisoformat(start) if start else None
    known = {"today": dt.date(2026, 4, 20), "start": first, "end": dt.date.fromisoformat(end)}
    return Filters(**(known | fields))


def closings(owner: User, *, won: int = 0, lost: int = 0, on: str = "2026-03-10") -> None:
    """Many at once, without events: for figures that take thousands."""
    kinds = [DealStatus.WON] * won + [DealStatus.LOST] * lost
    opened_at = noon(on) - dt.timedelta(days=30)
    stage, reason = deals.stage(Phase.NEGOTIATION), deals.reason()
    rows = Deal.objects.bulk_create(
        Deal(
            title=f"Deal {number}",
            owner=owner,
            stage=stage,
            currency="EUR",
            opened_at=opened_at,
            entered_stage_at=opened_at,
        )
        for number, _kind in enumerate(kinds)
    )
    Outcome.objects.bulk_create(
        Outcome(
            deal=deal,
            kind=kind,
            at=noon(on),
            stage=stage,
            owner=owner,
            currency="EUR",
            base_amount=Decimal(100),
            reason=reason if kind == DealStatus.LOST else None,
            control=reason.control if kind == DealStatus.LOST else "",
        )
        for deal, kind in zip(rows, kinds, strict=True)
    )
