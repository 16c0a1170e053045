"""The rhythm agreed with the buyer, the first touch of a deal, and leaving one out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared import working_days
from crm.shared.errors import ActionRefused
from crm.shared.events import FollowUpDone, PlanAgreed
from crm.shared.publishing import publish
from deals.actions import pipeline
from deals.models import Deal
from followups.actions import next_steps
from followups.models import Plan
from followups.states import Channel, FollowUpState, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.shared.models import User
    from deals.models import Contact
    from followups.models import FollowUp

LONGEST_INTERVAL_DAYS = 365
STILL_NEW = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the buyer agreed to; what is left out stays as it was. `next_at` is a date of its own, `what` its content."""

    interval_days: int | None = None
    channel: str = ""
    contact: Contact | None = None
    next_at: dt.datetime | None = None
    what: str = ""


@transaction.atomic
def agree(
    deal: Deal,
    agreement: Agreement,
    *,
    by: User,
    now: dt.datetime,
    version: int | None = None,
) -> Plan:
    """Keep what the buyer agreed to today: rhythm, channel, perhaps a date (B3, B4, E5).

    It counts as heard from them, and a date suspends every warning until it has passed (rule 1). The next step follows it.
    Raises ActionRefused (closed, an interval below a day, a date gone by), StaleVersion (of the plan).
    """
    deal = pipeline.lock_deals([deal.pk])[0]
    if not deal.is_open:
        raise ActionRefused(_("This deal is closed: there is nothing to plan."))
    plan = Plan.objects.select_for_update(of=("self",)).filter(deal=deal).first() or Plan(deal=deal)
    if plan.pk:
        pipeline.check_version(plan, version)
        plan.version += 1
    before = next_steps.rhythm(deal, plan if plan.pk else None)
    _check(agreement, now=now)
    plan.interval_days = agreement.interval_days or before.interval_days
    plan.channel = agreement.channel or before.channel
    plan.contact = agreement.contact or before.contact
    plan.agreed_on = working_days.local_day(now, by.time_zone)
    plan.save()
    standing = deal.agreed_until if deal.agreed_until and deal.agreed_until > now else None
    pipeline.note_agreed(deal, at=now, until=agreement.next_at or standing)
    record = publish([_plan_agreed(plan, by=by)])[0].record_id
    if agreement.next_at is not None or standing is None:
        next_steps.replace_next_step(deal)
        next_steps.plan_next_steps(
            [_agreed_step(agreement, deal, plan, now=now, cause=record)], by_id=by.pk
        )
    return plan


def _check(agreement: Agreement, *, now: dt.datetime) -> None:
    if agreement.channel and agreement.channel not in Channel.values:
        raise ActionRefused(
            _("Choose a channel."), fields={"channel": _("Choose one of the list.")}
        )
    days = agreement.interval_days
    if days is not None and not 1 <= days <= LONGEST_INTERVAL_DAYS:
        text = _("Between 1 and %(days)s days.") % {"days": LONGEST_INTERVAL_DAYS}
        raise ActionRefused(text, fields={"interval_days": text})
    if agreement.next_at is not None and agreement.next_at <= now:
        raise ActionRefused(
            _("The next step lies in the past."), fields={"next_at": _("Choose a day to come.")}
        )


def _agreed_step(
    agreement: Agreement, deal: Deal, plan: Plan, *, now: dt.datetime, cause: int | None
) -> next_steps.NewStep:
    """The agreed date, else the interval after the last touch; after today where that has gone by."""
    now_by = next_steps.rhythm(deal, plan)
    if agreement.next_at is None:
        step = next_steps.step_by(now_by, deal, since=deal.last_touch_at or now, cause=cause)
        return (
            step if step.due_at > now else next_steps.step_by(now_by, deal, since=now, cause=cause)
        )
    return next_steps.NewStep(
        deal=deal,
        due_at=agreement.next_at,
        channel=now_by.channel,
        contact=now_by.contact,
        what=agreement.what.strip(),
        is_agreed=True,
        cause=cause,
    )


def _plan_agreed(plan: Plan, *, by: User) -> PlanAgreed:
    return PlanAgreed(
        actor_id=by.pk,
        deal_id=plan.deal_id,
        interval_days=plan.interval_days,
        channel=plan.channel,
        contact_id=plan.contact_id,
    )


@transaction.atomic(savepoint=False)
def plan_first(
    openings: Mapping[int, int | None], *, by_id: int | None, now: dt.datetime
) -> list[FollowUp]:
    """Plan the first touch of new deals (deal ids to EventRecord ids): at nine on the next working day there.

    Deals that were opened before yesterday come from elsewhere: they are listed as never contacted, and fill nobody's morning.
    """
    deals = list(
        Deal.objects.open()
        .filter(pk__in=openings, touch_count=0, opened_at__gt=now - STILL_NEW)
        .select_related("stage", "account", "contact", "owner")
    )
    by_deal = next_steps.rhythms(deals)
    steps = [_first(deal, by_deal[deal.pk], cause=openings[deal.pk], now=now) for deal in deals]
    return next_steps.plan_next_steps(steps, by_id=by_id)


def _first(
    deal: Deal, rhythm: next_steps.Rhythm, *, cause: int | None, now: dt.datetime
) -> next_steps.NewStep:
    country, zone = next_steps.place_of(deal, rhythm.contact)
    tomorrow = working_days.local_day(now, zone) + dt.timedelta(days=1)
    return next_steps.NewStep(
        deal=deal,
        due_at=working_days.opening_time(tomorrow, country, zone),
        channel=rhythm.channel,
        contact=rhythm.contact,
        cause=cause,
    )


@transaction.atomic
def skip(
    follow_up: FollowUp, *, by: User, now: dt.datetime, version: int | None = None
) -> FollowUp:
    """Leave one out. On an open deal the plan then sets the next, an interval after this one or after today.

    Raises ActionRefused when it is not due any more, StaleVersion.
    """
    deal, follow_up = next_steps.lock(follow_up, version=version)
    next_steps.finish(follow_up, state=FollowUpState.SKIPPED, at=now)
    done = FollowUpDone(actor_id=by.pk, deal_id=deal.pk, follow_up_id=follow_up.pk, skipped=True)
    record = publish([done])[0].record_id
    if deal.is_open and follow_up.purpose == Purpose.CLOSE:
        since = {deal.pk: max(follow_up.due_at, now)}
        next_steps.plan_next([deal], since=since, by_id=by.pk, causes={deal.pk: record})
    else:
        next_steps.note_earliest([deal.pk])
    return follow_up
