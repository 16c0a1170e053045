"""History in bulk: accounts, contacts, deals and all that hangs on them. Faster than any door, and as consistent."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import nullcontext
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from crm.sample import history, world
from crm.sample.event_log import EventLog
from crm.sample.loading import Table, Writer, settle, stamp_of, without_indexes
from crm.sample.rows import DealRows, Whose
from crm.shared.models import EventRecord
from deals.actions import setup
from deals.models import Account, Contact, Deal, LossReason, Outcome, Stage, StageChange
from followups.actions import stop_rules
from followups.models import FollowUp, Plan, Touch

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db import models

    from crm.sample.people import Company
    from crm.shared.models import User

BATCH = 2500
BIG = 10_000
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


class History:
    """Writes `count` deals of made-up history for the people of `company`, the same for the same seed."""

    def __init__(self, company: Company, *, count: int, seed: int) -> None:
        self.company = company
        self.count = count
        self.rng = random.Random(seed)  # noqa: S311  (a sample, no secret)
        self.now = timezone.now().replace(microsecond=0)
        self.stages = list(Stage.objects.current())
        rules = stop_rules.of_stages(self.stages)
        self.rules = [rules[stage.pk] for stage in self.stages[: history.PHASES]]
        self.products = [
            setup.add_product(name=name, by=None, is_sample=True) for name in world.PRODUCTS
        ]
        self.tables = {model: Table(model) for model in TABLES}
        self.stamp = stamp_of(connection.vendor)
        self.rows = self._rows()
        self.account_id = self.contact_id = 0
        self.account = ""
        self.place = world.PLACES[0]

    def _rows(self) -> DealRows:
        rivals = [
            setup.add_competitor(name=name, by=None, is_sample=True) for name in world.COMPETITORS
        ]
        return DealRows(
            self.tables,
            log=EventLog(self.tables[EventRecord], stamp=self.stamp),
            stages=self.stages,
            reasons={reason.slug: reason for reason in LossReason.objects.all()},
            rivals=rivals,
            stamp=self.stamp,
            is_lively=self.count < BIG,
        )

    def write(self, *, say: Callable[[str], None]) -> None:
        """Write all of it, a short transaction for each 2,500 deals."""
        tables = list(self.tables.values())
        is_load = self.count >= BIG and not Deal.objects.exists()
        with without_indexes(tables) if is_load else nullcontext(), Writer(tables) as writer:
            for number in range(1, self.count + 1):
                self._deal(number)
                if number % BATCH == 0 or number == self.count:
                    writer.hand_over()
                    say(f"{number:,} deals")
        settle(tables)

    # ---- one deal ----------------------------------------------------------------------------------

    def _deal(self, number: int) -> None:
        made = history.make(self.rng, now=self.now, rules=self.rules)
        owner = self.company.reps[self.rng.randrange(len(self.company.reps))]
        if number % DEALS_PER_ACCOUNT == 1:
            self._account(number // DEALS_PER_ACCOUNT, owner_id=owner.pk)
        if self.rng.random() < CONTACTS_SHARE:
            self._contact(owner_id=owner.pk)
        self.rows.add(made, self._whose(number, owner), next_at=self._next_at(made))

    def _whose(self, number: int, owner: User) -> Whose:
        project = world.PROJECTS[self.rng.randrange(len(world.PROJECTS))]
        return Whose(
            owner=owner,
            account_id=self.account_id,
            account=self.account,
            contact_id=self.contact_id,
            product=self.products[number % len(self.products)],
            title=project if number % 3 else f"{project}, {self.rng.randint(2, 40)} sites",
            source=world.SOURCES[number % len(world.SOURCES)],
        )

    def _account(self, index: int, *, owner_id: int) -> None:
        self.place = world.PLACES[index % len(world.PLACES)]
        first = world.FIRST_WORDS[index % len(world.FIRST_WORDS)]
        second = world.SECOND_WORDS[self.rng.randrange(len(world.SECOND_WORDS))]
        suffix = f" {index}" if index >= len(world.FIRST_WORDS) * 5 else ""
        self.account = f"{first} {second}{suffix}"
        self.account_id = self.tables[Account].add(
            {
                "name": self.account,
                "owner_id": owner_id,
                "industry": second,
                "country": self.place[0],
                "is_sample": True,
            }
        )
        self._contact(owner_id=owner_id)

    def _contact(self, *, owner_id: int) -> None:
        given = world.GIVEN_NAMES[self.rng.randrange(len(world.GIVEN_NAMES))]
        family = world.FAMILY_NAMES[self.rng.randrange(len(world.FAMILY_NAMES))]
        contacts = self.tables[Contact]
        country, zone, language = self.place
        self.contact_id = contacts.add(
            {
                "name": f"{given} {family}",
                "title": world.TITLES[contacts.last_id % len(world.TITLES)],
                "email": f"buyer{contacts.last_id + 1}@example.org",
                "phone": f"+44 20 7946 {contacts.last_id % 10_000:04}",
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
            due = self.now + dt.timedelta(days=self.rng.randint(-DAYS_LATE, DAYS_AHEAD))
        if due.weekday() >= SATURDAY:
            due += dt.timedelta(days=7 - due.weekday())
        hour = MORNING + self.rng.randrange(HOURS)
        return due.replace(hour=hour, minute=30 * self.rng.randrange(2), second=0)
