"""Letting go: mark dead leads and warn, wait out the grace, close them as lost with "no answer"; or keep one open.

A rep who logs a touch and the sweep meet at the deal's row: the sweep locks it, and only then looks at the deal's own
columns, which the touch has written. Asking the touches instead ("not exists") would close a deal just worked on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared import working_days
from crm.shared.errors import ActionRefused
from crm.shared.events import DealAtRisk, DealKeptOpen
from crm.shared.publishing import publish
from deals.actions import closing, pipeline
from deals.models import LossReason
from deals.models.loss_reason import NO_ANSWER
from followups import persistence, policies
from followups.actions import dead_leads, next_steps, stop_rules
from followups.models import KeptOpen
from followups.persistence import Rule, Step
from followups.states import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crm.shared.events import Aftercare
    from crm.shared.models import User
    from deals.models import Deal, Outcome

BATCH = 500
MARKED_AT_ONCE = 100  # each brings a mail, which is written within the transaction
NURTURE_TRACK = "Quarterly, light"  # where the playbook of "no answer" names none (B8)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep did, in deals."""

    marked: int = 0
    cleared: int = 0
    closed: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            marked=self.marked + other.marked,
            cleared=self.cleared + other.cleared,
            closed=self.closed + other.closed,
        )


# ---- the sweep: rules 4 to 6 ---------------------------------------------------------------------


def sweep(now: dt.datetime) -> Swept:
    """Close what has waited out its grace, clear what lives again, mark what has died; in batches, each a transaction of its own.

    Safe to run as often as one likes and by two at once: each batch looks again under the lock.
    """
    swept = Swept()
    for deal_ids in batches(dead_leads.due_marks(now)):
        swept += settle(deal_ids, now=now)
    for deal_ids in batches(dead_leads.unmarked(now), size=MARKED_AT_ONCE):
        swept += settle(deal_ids, now=now)
    return swept


def batches(deal_ids: Sequence[int], *, size: int = BATCH) -> Iterator[list[int]]:
    ids = sorted(deal_ids)
    return (ids[start : start + size] for start in range(0, len(ids), size))


@transaction.atomic
def settle(deal_ids: Collection[int], *, now: dt.datetime) -> Swept:
    """Do with each of these deals what its rule says, looked at again under the lock (rules 5, 6)."""
    deals = [
        deal
        for deal in pipeline.lock_deals(list(deal_ids))
        if deal.is_open and deal.archived_at is None
    ]
    rules = stop_rules.in_force(deals)
    steps: dict[Step, list[Deal]] = {step: [] for step in Step}
    for deal in deals:
        steps[_step(deal, rules.get(deal.pk), now=now)].append(deal)
    mark_at_risk(steps[Step.MARK], rules=rules, now=now)
    if alive := [deal.pk for deal in steps[Step.CLEAR]]:
        pipeline.clear_risk(alive)
    auto_close(steps[Step.CLOSE])
    return Swept(
        marked=len(steps[Step.MARK]),
        cleared=len(steps[Step.CLEAR]),
        closed=len(steps[Step.CLOSE]),
    )


def _step(deal: Deal, rule: Rule | None, *, now: dt.datetime) -> Step:
    """What to do with a deal; one touched since the sweep began waits for the next sweep (rule 6)."""
    if rule is None:
        return Step.CLEAR if deal.closes_on else Step.NOTHING
    step = persistence.next_step(
        stop_rules.facts_of(deal), rule, deal.closes_on, now=now, today=_today(deal, now)
    )
    was_just_touched = deal.last_touch_at is not None and deal.last_touch_at >= now
    return Step.WAIT if step == Step.CLOSE and was_just_touched else step


def _today(deal: Deal, now: dt.datetime) -> dt.date:
    """The day where the owner is: a day of grace is over when theirs is."""
    return working_days.local_day(now, deal.owner.time_zone)


@transaction.atomic(savepoint=False)
def mark_at_risk(deals: Sequence[Deal], *, rules: dict[int, Rule], now: dt.datetime) -> None:
    """Mark locked deals with the day on which they close, and warn each owner once (B6, rule 5)."""
    if not deals:
        return
    closes_on = {
        deal.pk: persistence.closing_day(_today(deal, now), rules[deal.pk]) for deal in deals
    }
    pipeline.mark_at_risk(list(closes_on), closes_on=closes_on)
    publish(
        [
            DealAtRisk(
                actor_id=None,
                deal_id=deal.pk,
                title=deal.name,
                owner_id=deal.owner_id,
                closes_on=closes_on[deal.pk].isoformat(),
                unanswered=deal.unanswered_touches,
                silent_days=persistence.silent_days(stop_rules.facts_of(deal), now),
            )
            for deal in deals
        ]
    )


@transaction.atomic(savepoint=False)
def auto_close(deals: Sequence[Deal]) -> list[Outcome]:
    """Close locked deals as lost with "no answer", through the door that everybody takes (rule 5)."""
    if not deals:
        return []
    reason = no_answer()
    return closing.lose_many(
        [
            closing.Loss(
                deal=deal, reason=reason, automatic=True, aftercare=aftercare_of(deal, reason)
            )
            for deal in deals
        ],
        by=None,
    )


def no_answer() -> LossReason:
    """The system's own reason, found by its slug: it may be renamed."""
    return LossReason.objects.get(slug=NO_ANSWER)


def aftercare_of(deal: Deal, reason: LossReason) -> Aftercare:
    """The playbook of "no answer"; the qualified stay in touch, the others are left in peace (rule 5, B8)."""
    wants = closing.playbook(reason, deal=deal)
    if persistence.goes_to_nurture(deal.need, deal.fit):
        return dataclasses.replace(wants, nurture_track=wants.nurture_track or NURTURE_TRACK)
    return dataclasses.replace(wants, nurture_track="", revisit_after_days=None)


# ---- what a person does --------------------------------------------------------------------------


@transaction.atomic
def let_go(deal: Deal, *, by: User, version: int | None = None) -> Outcome:
    """End a conversation that goes nowhere, in one click: lost with "no answer" (A12). Raises ActionRefused, StaleVersion."""
    reason = no_answer()
    deal = pipeline.lock_deals([deal.pk])[0]
    return closing.lose(
        deal, reason=reason, by=by, version=version, aftercare=aftercare_of(deal, reason)
    )


@transaction.atomic
def keep_open(
    deal: Deal,
    *,
    by: User,
    what: str,
    due_at: dt.datetime,
    channel: str,
    now: dt.datetime,
    version: int | None = None,
) -> KeptOpen:
    """Keep a dead deal open up to the day of its next step; it closes on the day after, unless somebody is heard (E5).

    It is our own promise and counts as nothing heard. Once by the owner and for at most 14 days; again by a manager.
    Raises ActionRefused, StaleVersion.
    """
    deal = pipeline.lock_deals([deal.pk])[0]
    pipeline.check_version(deal, version)
    _check_at_risk(deal, now=now)
    _check_step(what=what, due_at=due_at, channel=channel, now=now)
    until = working_days.local_day(due_at, deal.owner.time_zone)
    persistence.check_keep_open(
        until=until,
        today=_today(deal, now),
        times_kept=times_kept(deal),
        by_manager=policies.may_keep_open_again(by),
    )
    kept = KeptOpen.objects.create(
        deal=deal, by=by, at=now, until=until, what=what.strip(), due_at=due_at, channel=channel
    )
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: until + dt.timedelta(days=1)})
    event = DealKeptOpen(
        actor_id=by.pk,
        deal_id=deal.pk,
        what=kept.what,
        due_at=due_at.isoformat(),
        channel=channel,
    )
    cause = publish([event])[0].record_id
    next_steps.replace_next_step(deal)
    step = next_steps.NewStep(
        deal=deal,
        due_at=due_at,
        channel=channel,
        contact=deal.contact,
        what=kept.what,
        cause=cause,
    )
    next_steps.plan_next_steps([step], by_id=by.pk)
    return kept


def times_kept(deal: Deal) -> int:
    """How often it was kept open since the buyer was last heard: a new word begins a new count."""
    kept = KeptOpen.objects.filter(deal=deal)
    return kept.filter(at__gt=deal.last_heard_at).count() if deal.last_heard_at else kept.count()


def _check_at_risk(deal: Deal, *, now: dt.datetime) -> None:
    if not deal.is_open:
        raise ActionRefused(_("This deal is closed."))
    rule = stop_rules.in_force([deal]).get(deal.pk)
    is_dead = rule is not None and persistence.rule_met(stop_rules.facts_of(deal), rule, now)
    if deal.closes_on is None and not is_dead:
        raise ActionRefused(_("No stop rule is met: this deal stays open as it is."))


def _check_step(*, what: str, due_at: dt.datetime, channel: str, now: dt.datetime) -> None:
    wrong = {}
    if not what.strip():
        wrong["what"] = _("Say what the next step is.")
    if due_at <= now:
        wrong["due_at"] = _("Choose a day to come.")
    if channel not in Channel.values:
        wrong["channel"] = _("Choose one of the list.")
    if wrong:
        raise ActionRefused(_("Keeping it open takes a next step: what, when, how."), fields=wrong)
