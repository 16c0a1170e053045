"""History in bulk: accounts, contacts, deals and all that hangs on them. Faster than any door, and as consistent."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Self

from django.db import connection, connections
from django.utils import timezone

from crm.sample import history, world
from crm.sample.bare_tables import bare
from crm.sample.dice import Dice
from crm.sample.event_log import EventLog
from crm.sample.loading import Table, settle, stamp_of, write_all
from crm.sample.rows import DealRows, Whose
from crm.shared.folding import fold, key, phone_digits
from crm.shared.models import EventRecord
from deals.actions import setup
from deals.models import Account, Contact, Deal, LossReason, Outcome, Stage, StageChange
from followups.actions import stop_rules
from followups.models import FollowUp, Plan, Touch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db import models

    from crm.sample.people import Company
    from crm.shared.models import User
    from deals.models import Competitor, Product

BATCH = 2500
BIG = 10_000
PARTS = 2  # of a big load, each written by a process of its own
DEALS_PER_ACCOUNT = 6
CONTACTS_SHARE = 0.5
DAYS_LATE, DAYS_AHEAD = 2, 22
MORNING, HOURS = 7, 8  # UTC
SATURDAY = 5
# In the order of writing.
TABLES: tuple[type[models.Model], ...] = (
    Account,
    Contact,
    Deal,
    Outcome,
    StageChange,
    Touch,
    FollowUp,
    Plan,
    EventRecord,
)


def write(company: Company, *, count: int, seed: int) -> None:
    """Write `count` deals of made-up history for the people of `company`, the same for the same seed.

    Very many, into an empty database on PostgreSQL, are loaded by several processes. Raises what one of them raised,
    after the others have finished.
    """
    parts = _parts(company, count=count, seed=seed)
    is_load = (
        len(parts) > 1
        and connection.vendor == "postgresql"
        and not connection.in_atomic_block
        and not any(model._default_manager.exists() for model in TABLES if model != EventRecord)
    )
    try:
        if is_load:
            with bare(TABLES):
                _write_at_once(parts)
        else:
            for part in parts:
                part.write()
    finally:
        settle(TABLES)


def _parts(company: Company, *, count: int, seed: int) -> list[History]:
    catalogue = Catalogue.make()
    now = timezone.now().replace(microsecond=0)
    total = PARTS if count >= BIG else 1
    ends = [count * part // total for part in range(total + 1)]
    return [
        History(
            company.reps,
            catalogue,
            numbers=range(start + 1, end + 1),
            dice=Dice(f"{seed} {part}"),
            tables={model: Table(model, part=part, parts=total) for model in TABLES},
            now=now,
            is_lively=count < BIG,
        )
        for part, (start, end) in enumerate(itertools.pairwise(ends))
    ]


def _write_at_once(parts: Sequence[History]) -> None:
    """Making takes as long as writing: a process for each part keeps the database busy."""
    connections.close_all()  # a connection cannot be shared
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(parts), mp_context=fork) as pool:
        for under_way in [pool.submit(part.write) for part in parts]:
            under_way.result()


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """What is sold, and who else sells such things."""

    products: list[Product]
    rivals: list[Competitor]

    @classmethod
    def make(cls) -> Self:
        return cls(
            products=[
                setup.add_product(name=name, by=None, is_sample=True) for name in world.PRODUCTS
            ],
            rivals=[
                setup.add_competitor(name=name, by=None, is_sample=True)
                for name in world.COMPETITORS
            ],
        )


class History:
    """The deals of these numbers, with all that hangs on them. `is_lively`: touches and moves stand in the event log, too."""

    def __init__(
        self,
        reps: Sequence[User],
        catalogue: Catalogue,
        *,
        numbers: range,
        dice: Dice,
        tables: Mapping[type[models.Model], Table],
        now: dt.datetime,
        is_lively: bool,
    ) -> None:
        self.reps = reps
        self.products = catalogue.products
        self.numbers = numbers
        self.dice = dice
        self.tables = tables
        self.now = now
        self.stages = list(Stage.objects.current())
        rules = stop_rules.of_stages(self.stages)
        self.rules = [rules[stage.pk] for stage in self.stages[: history.PHASES]]
        stamp = stamp_of(connection.vendor)
        self.rows = DealRows(
            self.tables,
            log=EventLog(self.tables[EventRecord], stamp=stamp),
            stages=self.stages,
            reasons={reason.slug: reason for reason in LossReason.objects.all()},
            rivals=catalogue.rivals,
            stamp=stamp,
            is_lively=is_lively,
        )
        self.account_number = numbers.start // DEALS_PER_ACCOUNT
        self.account_id = self.contact_id = 0
        self.account = self.contact = ""
        self.place = world.PLACES[0]

    def write(self) -> None:
        """Write all of it, a short transaction for each 2,500 deals."""
        for index, number in enumerate(self.numbers, start=1):
            self._deal(number, is_of_a_new_account=index % DEALS_PER_ACCOUNT == 1)
            if index % BATCH == 0:
                write_all(self.tables.values())
        write_all(self.tables.values())

    # ---- one deal ----------------------------------------------------------------------------------

    def _deal(self, number: int, *, is_of_a_new_account: bool) -> None:
        made = history.make(self.dice, now=self.now, rules=self.rules)
        owner = self.dice.one_of(self.reps)
        if is_of_a_new_account:
            self._account(owner_id=owner.pk)
        if self.dice.random() < CONTACTS_SHARE:
            self._contact(owner_id=owner.pk)
        self.rows.add(made, self._whose(number, owner), next_at=self._next_at(made))

    def _whose(self, number: int, owner: User) -> Whose:
        project = self.dice.one_of(world.PROJECTS)
        return Whose(
            owner=owner,
            account_id=self.account_id,
            account=self.account,
            contact_id=self.contact_id,
            contact=self.contact,
            product=self.products[number % len(self.products)],
            number=number,
            title=project if number % 3 else f"{project}, {self.dice.between(2, 40)} sites",
            source=world.SOURCES[number % len(world.SOURCES)],
        )

    def _account(self, *, owner_id: int) -> None:
        number = self.account_number
        self.account_number += 1
        self.place = world.PLACES[number % len(world.PLACES)]
        self.account, second = account_name(number)
        self.account_id = self.tables[Account].add(
            {
                "name": self.account,
                "owner_id": owner_id,
                "industry": second,
                "country": self.place[0],
                "is_sample": True,
                "folded": fold(self.account),
                "name_key": key(self.account),
            }
        )
        self._contact(owner_id=owner_id)

    def _contact(self, *, owner_id: int) -> None:
        given = self.dice.one_of(world.GIVEN_NAMES)
        family = self.dice.one_of(world.FAMILY_NAMES)
        contacts = self.tables[Contact]
        self.contact = f"{given} {family}"
        country, zone, language = self.place
        email = f"buyer{contacts.next_id}@example.org"
        phone = f"+44 20 7946 {contacts.next_id % 10_000:04}"
        self.contact_id = contacts.add(
            {
                "name": self.contact,
                "title": self.dice.one_of(world.TITLES),
                "email": email,
                "phone": phone,
                "folded": fold(self.contact, email, phone, phone_digits(phone), self.account),
                "name_key": key(self.contact),
                "account_id": self.account_id,
                "owner_id": owner_id,
                "country": country,
                "time_zone": zone,
                "language": language,
                "is_sample": True,
            }
        )

    def _next_at(self, made: history.MadeDeal) -> dt.datetime | None:
        """The working-day rule without holidays; most of what lies behind us moves to the next weeks."""
        if made.ended:
            return None
        interval = self.stages[made.phase].interval_days
        due = (made.last_touch_at or made.opened_at) + dt.timedelta(days=interval)
        if due < self.now - dt.timedelta(days=1):
            due = self.now + dt.timedelta(days=self.dice.between(-DAYS_LATE, DAYS_AHEAD))
        if due.weekday() >= SATURDAY:
            due += dt.timedelta(days=7 - due.weekday())
        hour = MORNING + self.dice.below(HOURS)
        return due.replace(hour=hour, minute=30 * self.dice.below(2), second=0)


def account_name(number: int) -> tuple[str, str]:
    """The name of the account of that number, and its industry: no two alike, numbered once the words are used up."""
    first, second = world.FIRST_WORDS, world.SECOND_WORDS
    turn = number // len(first)
    industry = second[(number % len(first) + turn * (len(first) + 1)) % len(second)]
    times_used_up = number // (len(first) * len(second))
    name = f"{first[number % len(first)]} {industry}"
    return (f"{name} {times_used_up + 1}" if times_used_up else name), industry
