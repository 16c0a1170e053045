"""Persistent or a pest: what counts as heard, what as unanswered, and when a lead is dead."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from deals.states import Answer, Phase
from followups.states import Channel, Direction, Result

COUNTED = frozenset({Channel.CALL, Channel.EMAIL, Channel.MEETING})
ANSWERS = frozenset({Result.ANSWERED, Result.REPLIED, Result.KEPT})
NEVER_HEARD = frozenset({Result.BOUNCED, Result.OUT_OF_OFFICE, Result.NOT_KEPT})

NEAR_TRIES_PERCENT = 60
NEAR_DAYS_PERCENT = 75
KEEP_OPEN_DAYS = 14


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchFacts:
    """One touch. `is_commitment`: the buyer named a date or budget, brought in a colleague, signed a pilot."""

    at: dt.datetime
    channel: str
    direction: str
    result: str
    is_commitment: bool = False
    is_nurture: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """What all touches of a deal add up to; `agreed_until` is the date agreed with the buyer, if any."""

    touch_count: int = 0
    last_touch_at: dt.datetime | None = None
    first_outgoing_at: dt.datetime | None = None
    last_heard_at: dt.datetime | None = None
    unanswered: int = 0
    agreed_until: dt.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Rule:
    """A stop rule (B6): tries without an answer, days of silence, and days of grace after the warning."""

    max_unanswered: int
    max_silent_days: int
    grace_days: int = 7

    def __post_init__(self) -> None:
        if self.max_unanswered < 1 or self.max_silent_days < 1 or self.grace_days < 0:
            raise ValueError(
                "A stop rule leaves at least one try and one day, and no less than no grace."
            )


DELIVERED_RULES: dict[str, Rule] = {
    Phase.SUSPECT: Rule(4, 30),
    Phase.PROSPECT: Rule(5, 45),
    Phase.APPROACH: Rule(6, 60),
    Phase.NEGOTIATION: Rule(6, 45),
    Phase.CONCLUSION: Rule(6, 30),
}


# ---- what the touches say: rules 1 and 2 ---------------------------------------------------------


def hears(touch: TouchFacts) -> bool:
    """Whether the buyer did something (rule 1). What they write or say counts, and a commitment.

    A bounce, an out-of-office answer and an appointment that was not kept never do.
    """
    if touch.result in NEVER_HEARD:
        return False
    return touch.is_commitment or touch.direction == Direction.IN or touch.result in ANSWERS


def counts_as_unanswered(
    channel: str, direction: str, result: str, *, is_nurture: bool = False
) -> bool:
    """Whether it is one more try without an answer (rule 2); soft channels are not (B8)."""
    ours = direction == Direction.OUT and result not in ANSWERS
    return ours and channel in COUNTED and not is_nurture


def with_touch(facts: Facts, touch: TouchFacts) -> Facts:
    """The facts after one more touch, not earlier than those before it; for an earlier one, `replay`.

    Raises ValueError for an earlier one, since it may lie before or after what was heard.
    """
    if any(at and touch.at < at for at in (facts.last_touch_at, facts.last_heard_at)):
        raise ValueError("A touch from before the last one takes a replay of all.")
    if touch.direction == Direction.OUT and facts.first_outgoing_at is None:
        facts = dataclasses.replace(facts, first_outgoing_at=touch.at)
    facts = dataclasses.replace(facts, touch_count=facts.touch_count + 1, last_touch_at=touch.at)
    if hears(touch):
        return with_heard(facts, touch.at)
    adds = counts_as_unanswered(
        touch.channel, touch.direction, touch.result, is_nurture=touch.is_nurture
    )
    return dataclasses.replace(facts, unanswered=facts.unanswered + adds)


def with_heard(facts: Facts, at: dt.datetime) -> Facts:
    """The facts after the buyer was heard, by a touch or otherwise, at or after all that came before."""
    return dataclasses.replace(facts, last_heard_at=at, unanswered=0)


def replay(
    touches: Iterable[TouchFacts],
    *,
    heard_otherwise: Iterable[dt.datetime] = (),
    agreed_until: dt.datetime | None = None,
) -> Facts:
    """All derived columns from all touches of a deal, in any order; of one instant, as they come.

    `heard_otherwise`: when the buyer was heard outside a touch: a feedback answer, an agreed next step.
    """
    facts = Facts(agreed_until=agreed_until)
    heard: list[TouchFacts | dt.datetime] = list(heard_otherwise)
    for item in sorted([*touches, *heard], key=moment_of):
        facts = with_touch(facts, item) if isinstance(item, TouchFacts) else with_heard(facts, item)
    return facts


def moment_of(item: TouchFacts | dt.datetime) -> dt.datetime:
    return item.at if isinstance(item, TouchFacts) else item


# ---- the stop rule: rule 4 -----------------------------------------------------------------------


def never_contacted(facts: Facts) -> bool:
    """Nothing went out and nothing came in: not dead, but waiting for a first touch (rule 4)."""
    return facts.first_outgoing_at is None and facts.last_heard_at is None


def is_suspended(facts: Facts, now: dt.datetime) -> bool:
    """An agreed future date holds back every warning until it has passed (rule 1)."""
    return facts.agreed_until is not None and now <= facts.agreed_until


def silent_days(facts: Facts, now: dt.datetime) -> int:
    """Whole days of 24 hours since the buyer was heard, or else since the first outgoing touch."""
    since = facts.last_heard_at or facts.first_outgoing_at
    return max((now - since).days, 0) if since else 0


def rule_met(facts: Facts, rule: Rule, now: dt.datetime) -> bool:
    """Whether the lead is dead by its rule (B6): so many tries or days, whichever comes first."""
    if never_contacted(facts) or is_suspended(facts, now):
        return False
    tries_are_up = facts.unanswered >= rule.max_unanswered
    return tries_are_up or silent_days(facts, now) >= rule.max_silent_days


class MeterState(StrEnum):
    CALM = "calm"
    NEAR = "near"
    MET = "met"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Meter:
    """The persistence meter (B1): "2 of 6 unanswered, 12 of 45 days"."""

    unanswered: int
    max_unanswered: int
    silent_days: int
    max_silent_days: int
    state: MeterState
    is_never_contacted: bool


def meter(facts: Facts, rule: Rule, now: dt.datetime) -> Meter:
    """Where a deal stands against its rule; near from 60 % of the tries or 75 % of the days."""
    return Meter(
        unanswered=facts.unanswered,
        max_unanswered=rule.max_unanswered,
        silent_days=silent_days(facts, now),
        max_silent_days=rule.max_silent_days,
        state=meter_state(facts, rule, now),
        is_never_contacted=never_contacted(facts),
    )


def meter_state(facts: Facts, rule: Rule, now: dt.datetime) -> MeterState:
    if rule_met(facts, rule, now):
        return MeterState.MET
    tries = 100 * facts.unanswered >= NEAR_TRIES_PERCENT * rule.max_unanswered
    days = 100 * silent_days(facts, now) >= NEAR_DAYS_PERCENT * rule.max_silent_days
    is_near = (tries or days) and not is_suspended(facts, now)
    return MeterState.NEAR if is_near else MeterState.CALM


# ---- letting go: rule 5 --------------------------------------------------------------------------


class Step(StrEnum):
    """What the sweep does with one deal."""

    NOTHING = "nothing"
    MARK = "mark"
    WAIT = "wait"
    CLEAR = "clear"
    CLOSE = "close"


def next_step(
    facts: Facts, rule: Rule, closes_on: dt.date | None, *, now: dt.datetime, today: dt.date
) -> Step:
    """Mark and warn, wait out the grace, clear the mark, or close as lost with "no answer" (rule 5)."""
    if not rule_met(facts, rule, now):
        return Step.CLEAR if closes_on else Step.NOTHING
    if closes_on is None:
        return Step.MARK
    return Step.CLOSE if closes_on <= today else Step.WAIT


def closing_day(today: dt.date, rule: Rule) -> dt.date:
    """When a deal that is marked today closes, unless somebody is heard until then."""
    return today + dt.timedelta(days=rule.grace_days)


def check_keep_open(*, until: dt.date, today: dt.date, times_kept: int, by_manager: bool) -> None:
    """Refuse to keep a dead deal open a second time, for too long, or to a day gone by (rule 5, E5)."""
    if times_kept > 0 and not by_manager:
        raise ActionRefused(_("This deal was kept open once already. A manager can do it again."))
    if until < today:
        raise ActionRefused(
            _("The next step lies in the past."), fields={"due_at": _("Choose a day to come.")}
        )
    if (until - today).days > KEEP_OPEN_DAYS:
        message = _("A deal is kept open for at most %(days)s days.") % {"days": KEEP_OPEN_DAYS}
        raise ActionRefused(message, fields={"due_at": message})


def goes_to_nurture(need: str, fit: str) -> bool:
    """Whether a lead closed by its rule is qualified, and so stays in touch (rule 5, B8)."""
    return need == fit == Answer.YES
