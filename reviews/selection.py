"""Which closed deals to review, why, and on which day (D8, D11)."""

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from crm.shared.working_days import DAY, is_working_day, next_working_day

Why = Literal["amount", "account", "owner", "chance", "by_hand"]
Load = Mapping[tuple[int, dt.date], int]  # reviews due already, by owner and day

DUE_IN_DAYS = 7
QUIET_DAYS_AFTER_A_LOSS = 2
QUIET_DAYS_OF_A_QUARTER = 10  # its last ones
LATEST_DAYS = 28  # after the closing, then capacity leaves no other day
CAPACITY = 3  # reviews of ten minutes that one person holds in a day
CHANCE = Decimal("0.05")
NO_LOAD: Load = MappingProxyType({})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Closing:
    """A won or lost deal. Amount and threshold are in the organisation's currency; days are the owner's.

    Covered: the account or the owner has a review held or scheduled in the quarter of `closed_on`.
    """

    outcome_id: int
    account_id: int
    owner_id: int
    amount: Decimal | None
    threshold: Decimal | None
    is_account_covered: bool
    is_owner_covered: bool
    is_lost: bool
    closed_on: dt.date
    country: str = ""
    working_days: tuple[int, ...] = ()

    @property
    def is_large(self) -> bool:
        if self.amount is None or self.threshold is None:
            return False
        return self.amount >= self.threshold


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """A review to schedule."""

    outcome_id: int
    due_on: dt.date
    why: Why


def choose(closings: Sequence[Closing], *, today: dt.date, load: Load = NO_LOAD) -> list[Choice]:
    """The reviews to schedule for closings of one batch, in their order.

    One chosen covers its account and its owner for those that follow in the same quarter, so that a
    batch comes out as the same closings one by one.
    """
    choices: list[Choice] = []
    covered: set[tuple[str, int, dt.date]] = set()
    taken = Counter(dict(load))
    for closing in closings:
        first, _last = quarter(closing.closed_on)
        account = ("account", closing.account_id, first)
        owner = ("owner", closing.owner_id, first)
        why = reason_for(
            closing,
            is_account_covered=closing.is_account_covered or account in covered,
            is_owner_covered=closing.is_owner_covered or owner in covered,
        )
        if why:
            due_on = due_day(closing, today, taken)
            taken[closing.owner_id, due_on] += 1
            choices.append(Choice(outcome_id=closing.outcome_id, due_on=due_on, why=why))
            covered |= {account, owner}
    return choices


def by_hand(closing: Closing, *, today: dt.date) -> Choice:
    """A review that a person asked for: today, or as soon as a working day lies clear of the loss."""
    day = next_working_day(max(today, earliest_day(closing)), closing.country, closing.working_days)
    return Choice(outcome_id=closing.outcome_id, due_on=day, why="by_hand")


# ---- whether -------------------------------------------------------------------------------------


def reason_for(closing: Closing, *, is_account_covered: bool, is_owner_covered: bool) -> Why | None:
    """The first that holds of: large enough, account not covered, owner not covered, chance."""
    if closing.is_large:
        return "amount"
    if not is_account_covered:
        return "account"
    if not is_owner_covered:
        return "owner"
    return "chance" if is_drawn(closing.outcome_id) else None


def is_drawn(outcome_id: int) -> bool:
    """One in twenty, always the same for one closing: a second try draws no new lot."""
    digest = hashlib.sha256(f"review of outcome {outcome_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < CHANCE * 2**64


# ---- when ----------------------------------------------------------------------------------------


def due_day(closing: Closing, today: dt.date, load: Load = NO_LOAD) -> dt.date:
    """In 7 days, moved forward to a working day, where the quarter's end and the owner's day allow it.

    Else the nearest free day before that, then after it. Days within 2 of a loss never; the last 10 of
    a quarter only when nothing else within four weeks is free. A closing recorded late counts from then.
    """
    days = list(days_by_preference(closing, max(today, closing.closed_on)))
    free = [day for day in days if load.get((closing.owner_id, day), 0) < CAPACITY]
    calm = [day for day in free if not is_end_of_quarter(day)]
    return (calm or free or days)[0]


def days_by_preference(closing: Closing, start: dt.date) -> Iterator[dt.date]:
    """Working days: the one a week on, then back towards the start, then on to four weeks after it."""
    own = (closing.country, closing.working_days)
    best = next_working_day(start + DUE_IN_DAYS * DAY, *own)
    earliest = max(start + DAY, earliest_day(closing))
    latest = start + LATEST_DAYS * DAY
    before = (best - number * DAY for number in range(1, (best - earliest).days + 1))
    after = (best + number * DAY for number in range(1, (latest - best).days + 1))
    yield best
    yield from (day for day in before if is_working_day(day, *own))
    yield from (day for day in after if is_working_day(day, *own))


def earliest_day(closing: Closing) -> dt.date:
    """The first day that is not within 2 days of a loss; a win may be talked about at once."""
    quiet = QUIET_DAYS_AFTER_A_LOSS + 1 if closing.is_lost else 0
    return closing.closed_on + quiet * DAY


def quarter(day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of its calendar quarter."""
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return first, (first + 100 * DAY).replace(day=1) - DAY


def is_end_of_quarter(day: dt.date) -> bool:
    """One of the last ten days, when a team has other things to do (D8)."""
    _first, last = quarter(day)
    return (last - day).days < QUIET_DAYS_OF_A_QUARTER
