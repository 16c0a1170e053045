"""The rows of one made-up deal: itself, its closing, stages, touches and next step."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from crm.sample import world
from crm.shared.folding import fold
from deals.models import Deal, Outcome, StageChange
from followups.models import FollowUp, Plan, Touch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db import models

    from crm.sample.event_log import EventLog
    from crm.sample.history import MadeDeal
    from crm.sample.loading import Table
    from crm.shared.models import User
    from deals.models import Competitor, LossReason, Product, Stage


class Whose(NamedTuple):
    """To whom a made-up deal belongs, and what it is about. `number` counts the deals."""

    number: int
    owner: User
    account_id: int
    account: str
    contact_id: int
    contact: str
    product: Product
    title: str
    source: str


class DealRows:
    """Writes made-up deals into tables. `is_lively`: touches and moves stand in the event log, too."""

    def __init__(
        self,
        tables: Mapping[type[models.Model], Table],
        *,
        log: EventLog,
        stages: Sequence[Stage],
        reasons: Mapping[str, LossReason],
        rivals: Sequence[Competitor],
        stamp: Callable[[dt.datetime], str],
        is_lively: bool,
    ) -> None:
        self.tables = tables
        self.log = log
        self.stages = stages
        # Asked for a dozen times a deal: `pk` is a lookup, an attribute is not.
        self.stage_ids = [stage.pk for stage in stages]
        self.reasons = {slug: (reason.pk, reason.control) for slug, reason in reasons.items()}
        self.rival_ids = [rival.pk for rival in rivals]
        self.stamp = stamp
        self.is_lively = is_lively

    def add(self, made: MadeDeal, whose: Whose, *, next_at: dt.datetime | None) -> None:
        """One deal with all that hangs on it. `next_at`: when its next step is due; None for closed ones."""
        deals = self.tables[Deal]
        deal_id, owner_id = deals.next_id, whose.owner.pk
        self.log.opened(deal_id, at=made.opened_at, by=owner_id, title=whose.title)
        self._stages(made, deal_id, owner_id)
        self._touches(made, deal_id, whose)
        outcome_id = self._outcome(made, deal_id, whose) if made.closed_at else None
        deals.add(
            self._what(made, whose)
            | self._so_far(made)
            | {
                "outcome_id": outcome_id,
                "next_follow_up_at": self._stamp_or_none(next_at),
            }
        )
        if next_at:
            self._next_step(made, deal_id, whose, next_at)

    def _stamp_or_none(self, moment: dt.datetime | None) -> str | None:
        return self.stamp(moment) if moment else None

    # ---- the deal ----------------------------------------------------------------------------------

    def _what(self, made: MadeDeal, whose: Whose) -> dict[str, Any]:
        return {
            "title": whose.title,
            "account_id": whose.account_id,
            "contact_id": whose.contact_id,
            "owner_id": whose.owner.pk,
            "amount": f"{made.amount}.00",
            "currency": settings.ORGANISATION_CURRENCY,
            "expected_close_on": (made.opened_at + dt.timedelta(days=60)).date().isoformat(),
            "product_id": whose.product.pk,
            "source": whose.source,
            "need": "yes" if made.phase > 1 else "unknown",
            "fit": "yes" if made.phase > 0 else "unknown",
            "timing": "yes" if made.phase > 2 else "unknown",
            "is_sample": True,
            "folded": fold(whose.title, whose.account, whose.contact),
        }

    def _so_far(self, made: MadeDeal) -> dict[str, Any]:
        """The derived columns, as the actions would have kept them."""
        heard = [touch.at for touch in made.touches if touch.heard]
        outgoing = [touch.at for touch in made.touches if touch.direction == "out"]
        first = outgoing[0] if outgoing else None
        last_heard = heard[-1] if heard else None
        won_at = made.closed_at if made.ended == "won" else None
        return {
            "status": made.ended or "open",
            "stage_id": self.stage_ids[-1 if won_at else made.phase],
            "closed_at": self._stamp_or_none(made.closed_at),
            "opened_at": self.stamp(made.opened_at),
            "entered_stage_at": self.stamp(won_at or made.entered[-1]),
            "first_outgoing_at": self._stamp_or_none(first),
            "last_touch_at": self._stamp_or_none(made.last_touch_at),
            "last_heard_at": self._stamp_or_none(last_heard),
            "silent_since": self._stamp_or_none(last_heard or first),
            "unanswered_touches": _unanswered(made),
            "touch_count": len(made.touches),
        }

    # ---- what hangs on it --------------------------------------------------------------------------

    def _outcome(self, made: MadeDeal, deal_id: int, whose: Whose) -> int:
        assert made.closed_at is not None  # noqa: S101  (the caller has looked)
        reason_id, control = self.reasons.get(made.reason, (None, ""))
        is_automatic = made.reason == "no-answer"
        owner_id = whose.owner.pk
        by = None if is_automatic else owner_id
        outcome_id = self.tables[Outcome].add(
            {
                "deal_id": deal_id,
                "kind": made.ended,
                "at": self.stamp(made.closed_at),
                "by_id": by,
                "automatic": is_automatic,
                "stage_id": self.stage_ids[made.phase],
                "owner_id": owner_id,
                "amount": f"{made.amount}.00",
                "currency": settings.ORGANISATION_CURRENCY,
                "base_amount": f"{made.amount}.00",
                "commission": _commission(made, whose.owner),
                "touches": len(made.touches),
                "reason_id": reason_id,
                "control": control,
                "competitor_id": None if made.rival is None else self.rival_ids[made.rival],
                "disqualified_as": made.disqualified_as,
                "buyer_words": _buyer_words(made, whose.number),
                "created_at": self.stamp(made.closed_at),
            }
        )
        name = f"{whose.account} · {whose.title}"
        self.log.closed(made, deal_id, outcome_id=outcome_id, by=by, name=name)
        return outcome_id

    def _stages(self, made: MadeDeal, deal_id: int, owner_id: int) -> None:
        ids = self.stage_ids
        steps = list(zip([None, *ids], ids, made.entered, strict=False))
        if made.ended == "won" and made.closed_at:
            steps.append((ids[made.phase], ids[-1], made.closed_at))
        for before, stage, at in steps:
            self.tables[StageChange].add(
                {
                    "deal_id": deal_id,
                    "from_stage_id": before,
                    "to_stage_id": stage,
                    "at": self.stamp(at),
                    "by_id": owner_id,
                }
            )
        if self.is_lively:
            self.log.moves(made, deal_id, by=owner_id, stages=self.stages)

    def _touches(self, made: MadeDeal, deal_id: int, whose: Whose) -> None:
        touches, contact_id, owner_id = self.tables[Touch], whose.contact_id, whose.owner.pk
        for touch in made.touches:
            touch_id = touches.add(
                {
                    "deal_id": deal_id,
                    "contact_id": contact_id,
                    "by_id": owner_id,
                    "at": self.stamp(touch.at),
                    "channel": touch.channel,
                    "direction": touch.direction,
                    "result": touch.result,
                    "minutes": touch.minutes,
                    "note": touch.note,
                }
            )
            if self.is_lively:
                self.log.touch(
                    touch, deal_id, touch_id=touch_id, contact_id=contact_id, by=owner_id
                )

    def _next_step(self, made: MadeDeal, deal_id: int, whose: Whose, at: dt.datetime) -> None:
        channel = "call" if whose.number % 2 else "email"
        self.tables[FollowUp].add(
            {
                "deal_id": deal_id,
                "contact_id": whose.contact_id,
                "due_at": self.stamp(at),
                "channel": channel,
                "purpose": "close",
                "state": "due",
            }
        )
        if made.phase > 1 and whose.number % 3 == 0:
            self.tables[Plan].add(
                {
                    "deal_id": deal_id,
                    "interval_days": self.stages[made.phase].interval_days,
                    "channel": channel,
                    "contact_id": whose.contact_id,
                    "agreed_on": made.entered[-1].date().isoformat(),
                }
            )


def _unanswered(made: MadeDeal) -> int:
    tried = 0
    for touch in made.touches:
        tried = 0 if touch.heard else tried + touch.tried
    return tried


def _commission(made: MadeDeal, owner: User) -> str | None:
    percent = owner.commission_percent
    if made.ended != "won" or percent is None:
        return None
    return f"{made.amount * percent / 100:.2f}"


def _buyer_words(made: MadeDeal, number: int) -> str:
    """Not every buyer says something: one in four."""
    if made.ended == "won":
        return world.WIN_WORDS[number % len(world.WIN_WORDS)] if number % 4 == 0 else ""
    return world.LOSS_WORDS.get(made.reason, "") if number % 4 == 0 else ""
