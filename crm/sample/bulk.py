"""History as rows: accounts, contacts, deals and all that hangs on them, in bulk. Faster than any door, and as consistent."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from crm.sample import history, world
from crm.sample.loading import Table, Writer, settle, stamp_of, without_indexes
from crm.shared.models import EventRecord
from deals.actions import setup
from deals.models import (
    Account,
    Contact,
    Deal,
    LossReason,
    Outcome,
    Stage,
    StageChange,
    Stakeholder,
)
from followups.actions import stop_rules
from followups.models import FollowUp, Plan, Touch

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.sample.people import Company

BATCH = 2500
BIG = 10_000
DEALS_PER_ACCOUNT = 6
CONTACTS_SHARE = 0.5
NINE = 9
SATURDAY = 5


class History:
    """Writes `count` deals of made-up history for the people of `company`, the same for the same seed."""

    def __init__(self, company: Company, *, seed: int) -> None:
        self.company = company
        self.rng = random.Random(seed)  # noqa: S311  (a sample, no secret)
        self.stamp = stamp_of(connection.vendor)
        self.now = timezone.now().replace(microsecond=0)
        self.stages = list(Stage.objects.current())
        self.reasons = {reason.slug: reason for reason in LossReason.objects.all()}
        self.products = [
            setup.add_product(name=name, by=None, is_sample=True) for name in world.PRODUCTS
        ]
        self.rivals = [
            setup.add_competitor(name=name, by=None, is_sample=True) for name in world.COMPETITORS
        ]
        rules = stop_rules.of_stages(self.stages)
        self.rules = [rules[stage.pk] for stage in self.stages[: history.PHASES]]
        # Parents before children: foreign keys are checked at the end of each flush.
        models = (
            Account,
            Contact,
            Deal,
            Outcome,
            StageChange,
            Stakeholder,
            Touch,
            FollowUp,
            Plan,
            EventRecord,
        )
        self.tables = {model: Table(model) for model in models}
        self.account_id = self.contact_id = 0
        self.place = world.PLACES[0]

    def write(self, count: int, *, say: Callable[[str], None] = lambda text: None) -> None:
        """Write all of it, a short transaction for each 2,500 deals."""
        if count >= BIG and not Deal.objects.exists():
            with without_indexes(list(self.tables.values())):
                self._write(count, say=say)
        else:
            self._write(count, say=say)
        settle(list(self.tables.values()))

    def _write(self, count: int, *, say: Callable[[str], None]) -> None:
        writer = Writer(list(self.tables.values()))
        for number in range(1, count + 1):
            self._deal(number)
            if number % BATCH == 0 or number == count:
                writer.hand_over()
                say(f"{number:,} deals")
        writer.close()

    # ---- one deal ----------------------------------------------------------------------------------

    def _deal(self, number: int) -> None:
        made = history.make(self.rng, now=self.now, rules=self.rules)
        owner = self.company.reps[self.rng.randrange(len(self.company.reps))]
        if number % DEALS_PER_ACCOUNT == 1:
            self._account(number, owner_id=owner.pk)
        if self.rng.random() < CONTACTS_SHARE:
            self._contact(owner_id=owner.pk)
        heard = [touch.at for touch in made.touches if touch.heard]
        outgoing = [touch.at for touch in made.touches if touch.direction == "out"]
        is_open = not made.ended
        stage = self.stages[-1] if made.ended == "won" else self.stages[made.phase]
        last = made.touches[-1].at if made.touches else None
        next_at = (
            self._next(last or made.opened_at, self.stages[made.phase].interval_days)
            if is_open
            else None
        )
        deals = self.tables[Deal]
        deal_id = deals.last_id + 1
        outcome_id = self._outcome(made, deal_id, owner) if made.closed_at else None
        product = self.products[number % len(self.products)]
        title = (
            product.name.lower()
            if number % 3
            else f"{product.name.lower()}, {self.rng.randint(2, 40)} sites"
        )
        deals.add(
            {
                "title": title.capitalize(),
                "account_id": self.account_id,
                "contact_id": self.contact_id,
                "owner_id": owner.pk,
                "stage_id": stage.pk,
                "amount": f"{made.amount}.00",
                "currency": settings.ORGANISATION_CURRENCY,
                "expected_close_on": (made.opened_at + dt.timedelta(days=60)).date().isoformat(),
                "product_id": product.pk,
                "source": world.SOURCES[number % len(world.SOURCES)],
                "need": "yes" if made.phase > 1 else "unknown",
                "fit": "yes" if made.phase > 0 else "unknown",
                "timing": "yes" if made.phase > 2 else "unknown",
                "status": made.ended or "open",
                "outcome_id": outcome_id,
                "closed_at": self.stamp(made.closed_at) if made.closed_at else None,
                "opened_at": self.stamp(made.opened_at),
                "entered_stage_at": self.stamp(
                    made.closed_at if made.ended == "won" and made.closed_at else made.entered[-1]
                ),
                "first_outgoing_at": self.stamp(outgoing[0]) if outgoing else None,
                "last_touch_at": self.stamp(last) if last else None,
                "last_heard_at": self.stamp(heard[-1]) if heard else None,
                "silent_since": self.stamp(heard[-1] if heard else outgoing[0])
                if heard or outgoing
                else None,
                "unanswered_touches": self._unanswered(made),
                "touch_count": len(made.touches),
                "next_follow_up_at": self.stamp(next_at) if next_at else None,
                "is_sample": True,
            }
        )
        self._stages(made, deal_id, owner.pk)
        self._touches(made, deal_id, owner.pk)
        self._event(
            "deal.created",
            deal_id,
            made.opened_at,
            owner.pk,
            {"title": title, "second_chance_of": None},
        )
        if next_at:
            self._next_step(deal_id, next_at, made)

    @staticmethod
    def _unanswered(made: history.MadeDeal) -> int:
        tried = 0
        for touch in made.touches:
            tried = 0 if touch.heard else tried + touch.tried
        return tried

    def _account(self, number: int, *, owner_id: int) -> None:
        self.place = world.PLACES[number // DEALS_PER_ACCOUNT % len(world.PLACES)]
        first = world.FIRST_WORDS[self.rng.randrange(len(world.FIRST_WORDS))]
        second = world.SECOND_WORDS[self.rng.randrange(len(world.SECOND_WORDS))]
        index = number // DEALS_PER_ACCOUNT
        suffix = f" {index}" if index >= len(world.FIRST_WORDS) * 2 else ""
        self.account_id = self.tables[Account].add(
            {
                "name": f"{first} {second}{suffix}",
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

    def _outcome(self, made: history.MadeDeal, deal_id: int, owner: Any) -> int:
        assert made.closed_at is not None  # noqa: S101  (the caller has looked)
        reason = self.reasons[made.reason] if made.reason else None
        automatic = made.reason == "no-answer"
        won = made.ended == "won"
        commission = f"{made.amount * owner.commission_percent / 100:.2f}" if won else None
        words = world.WIN_WORDS[deal_id % len(world.WIN_WORDS)] if won and deal_id % 3 == 0 else ""
        outcome_id = self.tables[Outcome].add(
            {
                "deal_id": deal_id,
                "kind": made.ended,
                "at": self.stamp(made.closed_at),
                "by_id": None if automatic else owner.pk,
                "automatic": automatic,
                "stage_id": self.stages[made.phase].pk,
                "owner_id": owner.pk,
                "amount": f"{made.amount}.00",
                "currency": settings.ORGANISATION_CURRENCY,
                "base_amount": f"{made.amount}.00",
                "commission": commission,
                "touches": len(made.touches),
                "reason_id": reason.pk if reason else None,
                "control": reason.control if reason else "",
                "competitor_id": self.rivals[made.rival].pk if made.rival is not None else None,
                "disqualified_as": "unqualified" if made.ended == "disqualified" else "",
                "buyer_words": words
                or (world.LOSS_WORDS.get(made.reason, "") if deal_id % 4 == 0 else ""),
                "created_at": self.stamp(made.closed_at),
            }
        )
        self._event(
            f"deal.{made.ended}",
            deal_id,
            made.closed_at,
            None if automatic else owner.pk,
            {"outcome_id": outcome_id, "title": "", "reason": made.reason, "automatic": automatic},
        )
        return outcome_id

    def _stages(self, made: history.MadeDeal, deal_id: int, owner_id: int) -> None:
        changes = self.tables[StageChange]
        for index, at in enumerate(made.entered):
            before = self.stages[index - 1] if index else None
            changes.add(
                {
                    "deal_id": deal_id,
                    "from_stage_id": before.pk if before else None,
                    "to_stage_id": self.stages[index].pk,
                    "at": self.stamp(at),
                    "by_id": owner_id,
                }
            )
        if made.ended == "won" and made.closed_at:
            changes.add(
                {
                    "deal_id": deal_id,
                    "from_stage_id": self.stages[made.phase].pk,
                    "to_stage_id": self.stages[-1].pk,
                    "at": self.stamp(made.closed_at),
                    "by_id": owner_id,
                }
            )

    def _touches(self, made: history.MadeDeal, deal_id: int, owner_id: int) -> None:
        touches = self.tables[Touch]
        for touch in made.touches:
            touches.add(
                {
                    "deal_id": deal_id,
                    "contact_id": self.contact_id,
                    "by_id": owner_id,
                    "at": self.stamp(touch.at),
                    "channel": touch.channel,
                    "direction": touch.direction,
                    "result": touch.result,
                    "minutes": touch.minutes,
                    "note": touch.note,
                }
            )

    def _next_step(self, deal_id: int, at: dt.datetime, made: history.MadeDeal) -> None:
        channel = "call" if deal_id % 2 else "email"
        self.tables[FollowUp].add(
            {
                "deal_id": deal_id,
                "contact_id": self.contact_id,
                "due_at": self.stamp(at),
                "channel": channel,
                "purpose": "close",
                "state": "due",
            }
        )
        if made.phase > 1 and deal_id % 3 == 0:
            self.tables[Plan].add(
                {
                    "deal_id": deal_id,
                    "interval_days": self.stages[made.phase].interval_days,
                    "channel": channel,
                    "contact_id": self.contact_id,
                    "agreed_on": made.entered[-1].date().isoformat(),
                }
            )

    def _next(self, last: dt.datetime, interval: int) -> dt.datetime:
        """The working-day rule without holidays, nine o'clock UTC; most of what lies behind us moves to the next days."""
        due = last + dt.timedelta(days=interval)
        if due < self.now - dt.timedelta(days=3):
            due = self.now + dt.timedelta(days=self.rng.randint(-2, 9))
        while due.weekday() >= SATURDAY:
            due += dt.timedelta(days=1)
        return due.replace(hour=NINE, minute=0, second=0)

    def _event(
        self, name: str, deal_id: int, at: dt.datetime, actor_id: int | None, data: dict[str, Any]
    ) -> None:
        self.tables[EventRecord].add(
            {
                "name": name,
                "at": self.stamp(at),
                "actor_id": actor_id,
                "deal_id": deal_id,
                "subject_kind": "deal",
                "subject_id": deal_id,
                "data": json.dumps(data),
            }
        )
