"""The next step of a deal: by which rhythm it is planned, and the writing of follow-ups.

For the actions beside it, in their transactions, with the deals locked.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from crm.shared.events import FollowUpPlanned
from crm.shared.publishing import publish
from deals.actions import pipeline
from followups import schedule
from followups.models import FollowUp, Plan
from followups.states import Channel, FollowUpState, Purpose, check_move

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from deals.models import Contact, Deal, Outcome

# ---- the rhythm: what is agreed, else what the stage says ----------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often and by which channel a deal is followed up; `agreed_on` None = not agreed yet (B3, B4)."""

    interval_days: int
    channel: str
    contact: Contact | None
    agreed_on: dt.date | None = None

    @property
    def is_agreed(self) -> bool:
        return self.agreed_on is not None


def rhythm(deal: Deal, plan: Plan | None) -> Rhythm:
    """The plan of a deal, else the default of its stage by the contact's preferred channel."""
    if plan is None:
        channel = deal.contact.preferred_channel if deal.contact else Channel.EMAIL
        return Rhythm(interval_days=deal.stage.interval_days, channel=channel, contact=deal.contact)
    return Rhythm(
        interval_days=plan.interval_days,
        channel=plan.channel,
        contact=deal.contact if plan.contact_id in {None, deal.contact_id} else plan.contact,
        agreed_on=plan.agreed_on,
    )


def rhythm_of(deal: Deal) -> Rhythm:
    """The rhythm of one deal; asked again of the same object, it costs no query."""
    return rhythm(deal, getattr(deal, "plan", None))


def rhythms(deals: Iterable[Deal]) -> dict[int, Rhythm]:
    """The rhythm of each deal by its id, in one query."""
    deals = list(deals)
    plans = Plan.objects.filter(deal__in=deals).select_related("contact")
    by_deal = {plan.deal_id: plan for plan in plans}
    return {deal.pk: rhythm(deal, by_deal.get(deal.pk)) for deal in deals}


def place_of(deal: Deal, contact: Contact | None) -> tuple[str, str]:
    """Country and time zone that count for a follow-up: the contact's, else the account's and the owner's (rule 3)."""
    owner = deal.owner
    country = (contact and contact.country) or (deal.account and deal.account.country)
    zone = (contact and contact.time_zone) or owner.time_zone or settings.ORGANISATION_TIME_ZONE
    return country or owner.country or settings.ORGANISATION_COUNTRY, zone


# ---- the next step -------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewStep:
    """A follow-up to plan. `cause` is the EventRecord it follows from, `outcome` the closing that plans it."""

    deal: Deal
    due_at: dt.datetime
    channel: str
    contact: Contact | None = None
    purpose: str = Purpose.CLOSE
    what: str = ""
    is_agreed: bool = False
    outcome: Outcome | None = None
    cause: int | None = None


def step_by(rhythm: Rhythm, deal: Deal, *, since: dt.datetime, cause: int | None = None) -> NewStep:
    """The next step by the plan: `since` and the interval, on a working day, at nine there (rule 3, B5)."""
    due_at = schedule.next_due(since, rhythm.interval_days, *place_of(deal, rhythm.contact))
    return NewStep(
        deal=deal, due_at=due_at, channel=rhythm.channel, contact=rhythm.contact, cause=cause
    )


def plan_steps(steps: Sequence[NewStep], *, by_id: int | None) -> list[FollowUp]:
    """Plan a batch for locked deals that have no open step of that purpose. Deals keep when the next is due."""
    follow_ups = FollowUp.objects.bulk_create(
        FollowUp(
            deal=step.deal,
            contact=step.contact,
            due_at=step.due_at,
            channel=step.channel,
            purpose=step.purpose,
            what=step.what,
            is_agreed=step.is_agreed,
            outcome=step.outcome,
        )
        for step in steps
    )
    publish(
        [
            FollowUpPlanned(
                actor_id=by_id,
                deal_id=follow_up.deal_id,
                follow_up_id=follow_up.pk,
                purpose=follow_up.purpose,
                channel=follow_up.channel,
                due_at=follow_up.due_at.isoformat(),
                what=follow_up.what,
                contact_id=follow_up.contact_id,
                is_agreed=follow_up.is_agreed,
                caused_by=step.cause,
            )
            for follow_up, step in zip(follow_ups, steps, strict=True)
        ]
    )
    return follow_ups


def plan_next(
    deals: Sequence[Deal],
    *,
    since: Mapping[int, dt.datetime],
    by_id: int | None,
    causes: Mapping[int, int | None] | None = None,
) -> list[FollowUp]:
    """Plan the next step of locked open deals by their plans, counted from `since`, by deal id (rule 3)."""
    by_deal = rhythms(deals)
    steps = [
        step_by(by_deal[deal.pk], deal, since=since[deal.pk], cause=(causes or {}).get(deal.pk))
        for deal in deals
    ]
    return plan_next_steps(steps, by_id=by_id)


def plan_next_steps(steps: Sequence[NewStep], *, by_id: int | None) -> list[FollowUp]:
    """Plan these steps and let their deals say when they are due."""
    follow_ups = plan_steps(steps, by_id=by_id)
    pipeline.note_next_follow_up({row.deal_id: row.due_at for row in follow_ups})
    return follow_ups


def replace_next_step(deal: Deal) -> None:
    """Cancel the open next step of a locked deal: another one takes its place."""
    FollowUp.objects.next_steps().filter(deal=deal).update(
        state=FollowUpState.CANCELLED, version=F("version") + 1, updated_at=timezone.now()
    )


def lock(follow_up: FollowUp, *, version: int | None) -> tuple[Deal, FollowUp]:
    """The deal first, then the follow-up: the order of all. Raises StaleVersion."""
    deal = pipeline.lock_deals([follow_up.deal_id])[0]
    follow_up = FollowUp.objects.locked().get(pk=follow_up.pk)
    pipeline.check_version(follow_up, version)
    return deal, follow_up


def finish(follow_up: FollowUp, *, state: str, at: dt.datetime) -> None:
    """Move a locked follow-up to done or skipped. Raises ActionRefused when it is not due any more."""
    check_move(follow_up.state, state)
    follow_up.state, follow_up.done_at = state, at
    follow_up.save_changed("state", "done_at")


def note_earliest(deal_ids: Iterable[int]) -> None:
    """Let deals say when the first of their open follow-ups is due, or that none is."""
    ids = list(deal_ids)
    pipeline.note_next_follow_up(
        dict.fromkeys(ids) | _dues(FollowUp.objects.open().filter(deal__in=ids))
    )


def note_due(follow_ups: Iterable[FollowUp]) -> None:
    """Let deals say when the first of these is due: all that is open on them."""
    pipeline.note_next_follow_up(_dues(follow_ups))


def _dues(follow_ups: Iterable[FollowUp]) -> dict[int, dt.datetime | None]:
    """By deal, when the first is due; to call again goes before staying in touch."""
    ranked = sorted(follow_ups, key=lambda row: (row.purpose == Purpose.NURTURE, row.due_at))
    return {row.deal_id: row.due_at for row in reversed(ranked)}
