"""Made-up deals over eighteen months: when each was opened, how it went, what was said. Plain values, the same for a seed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from crm.sample import world
from crm.sample.dice import Weighted

if TYPE_CHECKING:
    from crm.sample.dice import Dice
    from followups.persistence import Rule

MONTHS_BACK = 548  # days
OPEN_SHARE = 0.2
OF_LATE = 180  # days
RIVAL_IN_WINS = 0.45
PHASES = 5  # an open deal is in one of the first five; the sixth is Order


class MadeTouch(NamedTuple):
    """One touch. `heard` and `tried` are what rules 1 and 2 make of it."""

    at: dt.datetime
    channel: str
    direction: str
    result: str
    minutes: int | None
    note: str
    heard: bool
    tried: bool


class MadeDeal(NamedTuple):
    """`ended` is won, lost, disqualified or "" for open; `entered` is when it came into each stage so far."""

    opened_at: dt.datetime
    closed_at: dt.datetime | None
    ended: str
    phase: int
    entered: list[dt.datetime]
    amount: int
    reason: str
    rival: int | None
    touches: list[MadeTouch]

    @property
    def disqualified_as(self) -> str:
        return "unqualified" if self.ended == "disqualified" else ""

    @property
    def last_touch_at(self) -> dt.datetime | None:
        return self.touches[-1].at if self.touches else None


NO_ANSWER = ("call", "out", "no_answer", 1, False, True)
KINDS = Weighted(  # channel, direction, result, minutes, heard, tried; how often
    {
        NO_ANSWER: 30,
        ("email", "out", "sent", 4, False, True): 24,
        ("call", "out", "answered", 12, True, False): 20,
        ("email", "in", "replied", 3, True, False): 14,
        ("meeting", "out", "kept", 45, True, False): 9,
        ("social", "out", "sent", 1, False, False): 3,
    }
)
ENDS = Weighted({"won": 30, "lost": 62, "disqualified": 8})
PHASES_OF_WON = Weighted({1: 1, 2: 2, 3: 4, 4: 5})
PHASES_OF_OTHERS = Weighted({0: 3, 1: 5, 2: 6, 3: 4, 4: 2})
PHASES_OF_OPEN = Weighted({0: 24, 1: 26, 2: 22, 3: 18, 4: 10})
REASONS = Weighted(world.REASONS)
REASONS_OF_LATE = Weighted(world.REASONS_OF_LATE)
RIVALS_IN_LOSSES = Weighted(dict(enumerate(world.MET_IN_LOSSES)))
RIVALS_IN_WINS = Weighted(dict(enumerate(world.MET_IN_WINS)))
MORNING, OFFICE_HOURS = 7, 10  # UTC
FRIDAY = 4
HOUR, DAY = 3600, 86400  # seconds
EPOCH_WEEKDAY = 3  # 1970 began on a Thursday


def make(dice: Dice, *, now: dt.datetime, rules: list[Rule]) -> MadeDeal:
    """One deal with its story up to `now`. `rules` are the stop rules of the open stages: most open deals keep within."""
    if dice.random() < OPEN_SHARE:
        return _open(dice, now=now, rules=rules)
    ended = ENDS.draw(dice)
    closed_at = _at_work(now - dt.timedelta(days=dice.uniform(1, MONTHS_BACK)), dice)
    days = min(dice.lognormvariate(3.6, 0.7), 200)
    opened_at = closed_at - dt.timedelta(seconds=int(days * DAY))
    phase = (PHASES_OF_WON if ended == "won" else PHASES_OF_OTHERS).draw(dice)
    reasons = REASONS_OF_LATE if (now - closed_at).days < OF_LATE else REASONS
    reason = reasons.draw(dice) if ended == "lost" else ""
    count = dice.between(2, 9)
    touches = _touches(
        dice, start=opened_at, end=closed_at, count=count, quiet=4 if reason == "no-answer" else 0
    )
    return MadeDeal(
        opened_at=opened_at,
        closed_at=closed_at,
        ended=ended,
        phase=phase,
        entered=_entered(dice, opened_at, closed_at, phase),
        amount=_amount(dice),
        reason=reason,
        rival=_rival(dice, ended, reason),
        touches=touches,
    )


def _open(dice: Dice, *, now: dt.datetime, rules: list[Rule]) -> MadeDeal:
    phase = PHASES_OF_OPEN.draw(dice)
    opened_at = _at_work(now - dt.timedelta(days=dice.uniform(1, 30 + 30 * phase)), dice)
    touches: list[MadeTouch] = []
    if dice.random() > 0.06:
        last = max(now - dt.timedelta(days=dice.uniform(0.1, 12)), opened_at)
        touches = _touches(
            dice, start=opened_at, end=last, count=dice.between(1, 3 + 2 * phase), quiet=0
        )
        touches = _within(rules[phase], touches, dice)
    return MadeDeal(
        opened_at=opened_at,
        closed_at=None,
        ended="",
        phase=phase,
        entered=_entered(dice, opened_at, now, phase),
        amount=_amount(dice),
        reason="",
        rival=None,
        touches=touches,
    )


def _within(rule: Rule, touches: list[MadeTouch], dice: Dice) -> list[MadeTouch]:
    """Let most open deals have heard from the buyer before their rule bites."""
    tried = 0
    kept: list[MadeTouch] = []
    for touch in touches:
        tried = 0 if touch.heard else tried + touch.tried
        if tried >= rule.max_unanswered - 1 and dice.random() < 0.97:
            kept.append(
                touch._replace(
                    result="answered",
                    direction="out",
                    channel="call",
                    minutes=9,
                    heard=True,
                    tried=False,
                )
            )
            tried = 0
        else:
            kept.append(touch)
    return kept


def _touches(
    dice: Dice, *, start: dt.datetime, end: dt.datetime, count: int, quiet: int
) -> list[MadeTouch]:
    """`count` touches between start and end, in order; the last `quiet` ones without an answer.

    A few less where two would fall on one moment, since then nobody could say which was the last.
    """
    first, last = int(start.timestamp()), int(end.timestamp())
    moments = {
        min(max(_in_office_hours(int(dice.uniform(first, last))), first), last)
        for _ in range(count)
    }
    touches = []
    for index, moment in enumerate(sorted(moments)):
        at = dt.datetime.fromtimestamp(moment, dt.UTC)
        kind = NO_ANSWER if index >= len(moments) - quiet else KINDS.draw(dice)
        channel, direction, result, minutes, heard, tried = kind
        note = world.NOTES[at.minute % len(world.NOTES)] if heard and at.minute % 3 == 0 else ""
        touches.append(MadeTouch(at, channel, direction, result, minutes, note, heard, tried))
    return touches


def _in_office_hours(moment: int) -> int:
    """The same day or the Friday before it, at an hour when people work; in seconds, five times as quick as in dates."""
    day, second = divmod(moment, DAY)
    hour = MORNING + second // HOUR % OFFICE_HOURS
    days_after_friday = max((day + EPOCH_WEEKDAY) % 7 - FRIDAY, 0)
    return (day - days_after_friday) * DAY + hour * HOUR + second % HOUR


def _rival(dice: Dice, ended: str, reason: str) -> int | None:
    """Which competitor was in the room; one of them is met more often by what is lost."""
    if reason == "lost-to-a-competitor":
        return RIVALS_IN_LOSSES.draw(dice)
    if ended == "won" and dice.random() < RIVAL_IN_WINS:
        return RIVALS_IN_WINS.draw(dice)
    return None


def _entered(dice: Dice, start: dt.datetime, end: dt.datetime, phase: int) -> list[dt.datetime]:
    span = (end - start).total_seconds()
    later = sorted(dice.uniform(0.05, 0.9) * span for _ in range(phase))
    return [
        start,
        *(start + dt.timedelta(seconds=int(seconds)) for seconds in later),
    ]


def _amount(dice: Dice) -> int:
    return round(min(dice.lognormvariate(9.6, 0.7), 250_000) / 100) * 100


def _at_work(moment: dt.datetime, dice: Dice) -> dt.datetime:
    """Some minute of office hours on that day, or on the Friday before it."""
    moment -= dt.timedelta(days=max(moment.weekday() - FRIDAY, 0))
    return moment.replace(
        hour=MORNING + dice.below(OFFICE_HOURS),
        minute=dice.between(0, 59),
        second=0,
        microsecond=0,
    )
