"""What the log says of made-up history: rows as crm.shared.events would have written them."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

from crm.shared.events import Aftercare

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from crm.sample.history import MadeDeal, MadeTouch
    from crm.sample.loading import Table
    from deals.models import Stage

as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once, not once an event
NOTHING_PLANNED = dataclasses.asdict(Aftercare(review=False))


class EventLog:
    """Adds rows to the table of events. Whoever has very many deals is spared their touches and moves."""

    def __init__(self, table: Table, *, stamp: Callable[[dt.datetime], str]) -> None:
        self.table = table
        self.stamp = stamp

    def opened(self, deal_id: int, *, at: dt.datetime, by: int, title: str) -> None:
        data = {"title": title, "second_chance_of": None, "repeat_of": None}
        self._add("deal.created", deal_id, at=at, by=by, data=data)

    def closed(
        self, made: MadeDeal, deal_id: int, *, outcome_id: int, by: int | None, name: str
    ) -> None:
        """`name`: what the deal is called in a list."""
        assert made.closed_at is not None  # noqa: S101  (the caller has looked)
        data: dict[str, Any] = {"outcome_id": outcome_id, "title": name}
        if made.ended == "won":
            data |= {"amount": f"{made.amount}.00", "currency": settings.ORGANISATION_CURRENCY}
            data |= {"first_time": True, "open_tasks": "cancel"}
        elif made.ended == "lost":
            data |= {"reason": made.reason, "automatic": by is None, "aftercare": NOTHING_PLANNED}
        else:
            data |= {"disqualified_as": made.disqualified_as, "open_tasks": "cancel"}
        self._add(f"deal.{made.ended}", deal_id, at=made.closed_at, by=by, data=data)

    def moves(self, made: MadeDeal, deal_id: int, *, by: int, stages: Sequence[Stage]) -> None:
        for index in range(1, len(made.entered)):
            at, before = made.entered[index], made.entered[index - 1]
            data = {
                "from_stage": stages[index - 1].name,
                "to_stage": stages[index].name,
                "days_in_stage": (at - before).days,
            }
            self._add("deal.moved", deal_id, at=at, by=by, data=data)

    def touch(
        self, touch: MadeTouch, deal_id: int, *, touch_id: int, contact_id: int, by: int
    ) -> None:
        data = {
            "touch_id": touch_id,
            "channel": touch.channel,
            "direction": touch.direction,
            "result": touch.result,
            "heard": touch.heard,
            "contact_id": contact_id,
            "minutes": touch.minutes,
            "note": touch.note,
            "resource": "",
            "signal": "",
            "commitment": "",
        }
        subject = ("touch", touch_id)
        self._add("touch.logged", deal_id, at=touch.at, by=by, data=data, subject=subject)

    def _add(
        self,
        name: str,
        deal_id: int,
        *,
        at: dt.datetime,
        by: int | None,
        data: dict[str, Any],
        subject: tuple[str, int] | None = None,
    ) -> None:
        kind, pk = subject or ("deal", deal_id)
        self.table.add(
            {
                "name": name,
                "at": self.stamp(at),
                "actor_id": by,
                "deal_id": deal_id,
                "subject_kind": kind,
                "subject_id": pk,
                "data": as_json(data),
            }
        )
