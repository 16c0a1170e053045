"""Made-up deals over eighteen months: when each was opened, how it went, what was said. Plain values, the same for a seed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from crm.sample import world

if TYPE_CHECKING:
    import random

    from followups.persistence import Rule

MONTHS_BACK = 548  # days
OPEN_SHARE = 0.2
OF_LATE = 180  # days
RIVAL_IN_WINS = 0.45
PHASES = 5  # an open deal is in one of the first five; the sixth is Order


@dataclasses.dataclass(frozen=True)
class MadeTouch:
    """One touch. `heard` and `tried` are what rules 1 and 2 make of it."""

    at: dt.datetime
    channel: str
    direction: str
    result: str
    minutes: int | None
    note: str
    heard: bool
    tried: bool


@dataclasses.dataclass(frozen=True)
class MadeDeal:
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


KINDS = (  # channel, direction, result, minutes, heard, tried; how often
    (("call", "out", "no_answer", 1, False, True), 30),
    (("email", "out", "sent", 4, False, True), 24),
    (("call", "out", "answered", 12, True, False), 20),
    (("email", "in", "replied", 3, True, False), 14),
    (("meeting", "out", "kept", 45, True, False), 9),
    (("social", "out", "sent", 1, False, False), 3),
)
ALL_KINDS = [kind for kind, _often in KINDS]
OFTEN = [often for _kind, often in KINDS]
REASONS = list(world.REASONS)
REASONS_OFTEN = list(world.REASONS.values())
REASONS_OF_LATE = list(world.REASONS_OF_LATE.values())
RIVALS = range(len(world.COMPETITORS))
MORNING, OFFICE_HOURS = 7, 10  # UTC
FRIDAY = 4


def make(rng: random.Random, *, now: dt.datetime, rules: list[Rule]) -> MadeDeal:
    """One deal with its story up to `now`. `rules` are the stop rules of the open stages: most open deals keep within."""
    if rng.random() < OPEN_SHARE:
        return _open(rng, now=now, rules=rules)
    ended = rng.choices(("won", "lost", "disqualified"), (30, 62, 8))[0]
    closed_at = _at_work(now - dt.timedelta(days=rng.uniform(1, MONTHS_BACK)), rng)
    days = min(rng.lognormvariate(3.6, 0.7), 200)
    opened_at = closed_at - dt.timedelta(days=days)
    phase = rng.choices(range(PHASES), (0, 1, 2, 4, 5) if ended == "won" else (3, 5, 6, 4, 2))[0]
    often = REASONS_OF_LATE if (now - closed_at).days < OF_LATE else REASONS_OFTEN
    reason = rng.choices(REASONS, often)[0] if ended == "lost" else ""
    count = rng.randint(2, 9)
    touches = _touches(
        rng, start=opened_at, end=closed_at, count=count, quiet=4 if reason == "no-answer" else 0
    )
    return MadeDeal(
        opened_at=opened_at,
        closed_at=closed_at,
        ended=ended,
        phase=phase,
        entered=_entered(rng, opened_at, closed_at, phase),
        amount=_amount(rng),
        reason=reason,
        rival=_rival(rng, ended, reason),
        touches=touches,
    )


def _open(rng: random.Random, *, now: dt.datetime, rules: list[Rule]) -> MadeDeal:
    phase = rng.choices(range(PHASES), (24, 26, 22, 18, 10))[0]
    opened_at = _at_work(now - dt.timedelta(days=rng.uniform(1, 30 + 30 * phase)), rng)
    touches: list[MadeTouch] = []
    if rng.random() > 0.06:
        last = max(now - dt.timedelta(days=rng.uniform(0.1, 12)), opened_at)
        touches = _touches(
            rng, start=opened_at, end=last, count=rng.randint(1, 3 + 2 * phase), quiet=0
        )
        touches = _within(rules[phase], touches, rng)
    return MadeDeal(
        opened_at=opened_at,
        closed_at=None,
        ended="",
        phase=phase,
        entered=_entered(rng, opened_at, now, phase),
        amount=_amount(rng),
        reason="",
        rival=None,
        touches=touches,
    )


def _within(rule: Rule, touches: list[MadeTouch], rng: random.Random) -> list[MadeTouch]:
    """Let most open deals have heard from the buyer before their rule bites."""
    tried = 0
    kept: list[MadeTouch] = []
    for touch in touches:
        tried = 0 if touch.heard else tried + touch.tried
        if tried >= rule.max_unanswered - 1 and rng.random() < 0.97:
            kept.append(
                dataclasses.replace(
                    touch,
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
    rng: random.Random, *, start: dt.datetime, end: dt.datetime, count: int, quiet: int
) -> list[MadeTouch]:
    """`count` touches between start and end, in order; the last `quiet` ones without an answer."""
    span = (end - start).total_seconds()
    moments = sorted(
        _in_office_hours(start + dt.timedelta(seconds=rng.uniform(0, span)), start, end)
        for _ in range(count)
    )
    kinds = rng.choices(ALL_KINDS, OFTEN, k=count)
    touches = []
    for index, (at, kind) in enumerate(zip(moments, kinds, strict=True)):
        channel, direction, result, minutes, heard, tried = (
            ALL_KINDS[0] if index >= count - quiet else kind
        )
        note = world.NOTES[at.minute % len(world.NOTES)] if heard and at.minute % 3 == 0 else ""
        touches.append(MadeTouch(at, channel, direction, result, minutes, note, heard, tried))
    return touches


def _in_office_hours(moment: dt.datetime, start: dt.datetime, end: dt.datetime) -> dt.datetime:
    """The same day or the Friday before it, at an hour when people work; still between start and end."""
    moment = moment.replace(hour=MORNING + moment.hour % OFFICE_HOURS, microsecond=0)
    if moment.weekday() > FRIDAY:
        moment -= dt.timedelta(days=moment.weekday() - FRIDAY)
    return min(max(moment, start), end)


def _rival(rng: random.Random, ended: str, reason: str) -> int | None:
    """Which competitor was in the room; one of them is met more often by what is lost."""
    if reason == "lost-to-a-competitor":
        return rng.choices(RIVALS, world.MET_IN_LOSSES)[0]
    if ended == "won" and rng.random() < RIVAL_IN_WINS:
        return rng.choices(RIVALS, world.MET_IN_WINS)[0]
    return None


def _entered(
    rng: random.Random, start: dt.datetime, end: dt.datetime, phase: int
) -> list[dt.datetime]:
    span = (end - start).total_seconds()
    later = sorted(rng.uniform(0.05, 0.9) * span for _ in range(phase))
    return [
        start,
        *((start + dt.timedelta(seconds=seconds)).replace(microsecond=0) for seconds in later),
    ]


def _amount(rng: random.Random) -> int:
    return round(min(rng.lognormvariate(9.6, 0.7), 250_000) / 100) * 100


def _at_work(moment: dt.datetime, rng: random.Random) -> dt.datetime:
    """Some minute of office hours on that day, or on the Friday before it."""
    moment -= dt.timedelta(days=max(moment.weekday() - FRIDAY, 0))
    return moment.replace(
        hour=MORNING + rng.randrange(OFFICE_HOURS),
        minute=rng.randint(0, 59),
        second=0,
        microsecond=0,
    )
