"""Log what went to the buyer and what came from them; the deal's columns and its next step follow."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import display, loading
from crm.shared.errors import ActionRefused
from crm.shared.events import FollowUpDone, TouchLogged
from crm.shared.publishing import publish
from deals.actions import pipeline
from followups import persistence
from followups.actions import moving_on, next_steps, stop_rules
from followups.models import FollowUp, Touch
from followups.states import Channel, Direction, FollowUpState, Result, Signal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from crm.shared.models import User
    from deals.models import Contact, Deal

CHOICES = {"channel": Channel, "result": Result}
FROM_THE_BUYER = frozenset({Result.REPLIED, Result.OUT_OF_OFFICE})


class DealClosed(ActionRefused):
    """The deal was closed before the touch came in; nothing was written (rule 6)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewTouch:
    """A touch to log. `at` None = now; without a direction it follows from channel and result.

    `follow_up` is the one that it was made for; else it answers the deal's next step, if it can. What is `imported`
    is history: it may belong to a closed deal, up to its closing, and moves nothing on.
    """

    deal: Deal
    channel: str
    result: str
    direction: str = ""
    contact: Contact | None = None
    at: dt.datetime | None = None
    minutes: int | None = None
    note: str = ""
    resource: str = ""
    signal: str = ""
    commitment: str = ""
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    follow_up: FollowUp | None = None
    external_id: str | None = None
    version: int | None = None
    imported: bool = False
    made_by: User | None = None  # where another person brings it in


def log_touch(deal: Deal, *, by: User | None, **fields: object) -> Touch:
    """Log one touch; the fields are those of `NewTouch`. Raises DealClosed, ActionRefused, StaleVersion."""
    return log_touches([NewTouch(deal=deal, **fields)], by=by)[0]  # type: ignore[arg-type]


@transaction.atomic
def log_touches(entries: Sequence[NewTouch], *, by: User | None) -> list[Touch]:
    """Log a batch, all or none, with a fixed number of statements. Raises DealClosed, ActionRefused, StaleVersion.

    The deals are locked first, so that a sweep either sees the touch or has closed the deal before (rule 6).
    """
    now = timezone.now()
    deals = {deal.pk: deal for deal in pipeline.lock_deals([entry.deal.pk for entry in entries])}
    for entry in entries:
        _check(entry, deals[entry.deal.pk], now=now)
    touches = loading.write_new(
        [_as_touch(entry, deals[entry.deal.pk], by=by, now=now) for entry in entries]
    )
    touched_before = {pk: deal.last_touch_at for pk, deal in deals.items()}
    _keep_columns(deals, touches)
    records = publish([_logged(touch) for touch in touches])
    answers = [
        moving_on.Answer(touch=touch, follow_up=entry.follow_up, cause=event.record_id)
        for entry, touch, event in zip(entries, touches, records, strict=True)
        if not entry.imported
    ]
    moving_on.move_on(
        answers, deals=deals, touched_before=touched_before, by_id=by.pk if by else None
    )
    return touches


@transaction.atomic
def done(follow_up: FollowUp, *, by: User, version: int | None = None, **touch: object) -> FollowUp:
    """Do a follow-up by logging its touch; `touch` are fields of `NewTouch` (B5).

    On a closed deal, to call again or to stay in touch, no touch is logged: it is only ticked off.
    Raises DealClosed, ActionRefused (done already; an open deal needs the touch), StaleVersion.
    """
    deal, follow_up = next_steps.lock(follow_up, version=version)
    if deal.is_open:
        if not touch.get("result"):
            raise ActionRefused(_("Say how it went."), fields={"result": _("Choose one.")})
        log_touch(deal, by=by, follow_up=follow_up, **({"channel": follow_up.channel} | touch))
        follow_up.refresh_from_db()
        return follow_up
    if touch.get("result"):
        raise _closed(deal)
    next_steps.finish(follow_up, state=FollowUpState.DONE, at=timezone.now())
    publish([FollowUpDone(actor_id=by.pk, deal_id=deal.pk, follow_up_id=follow_up.pk)])
    next_steps.note_earliest([deal.pk])
    return follow_up


# ---- checks and rows -----------------------------------------------------------------------------


def _check(entry: NewTouch, deal: Deal, *, now: dt.datetime) -> None:
    is_history = entry.imported and entry.at and deal.closed_at and entry.at <= deal.closed_at
    if not deal.is_open and not is_history:
        raise _closed(deal)
    pipeline.check_version(deal, entry.version)
    wrong = {
        name: _("Choose one of the list.")
        for name, choices in CHOICES.items()
        if getattr(entry, name) not in choices.values
    }
    optional = {"direction": Direction, "signal": Signal}
    wrong |= {
        name: _("Choose one of the list.")
        for name, choices in optional.items()
        if getattr(entry, name) and getattr(entry, name) not in choices.values
    }
    if entry.at is not None and entry.at > now:
        wrong["at"] = _("Not later than now.")
    if entry.follow_up is not None and entry.follow_up.deal_id != deal.pk:
        wrong["follow_up"] = _("It belongs to another deal.")
    if wrong:
        raise ActionRefused(_("This touch cannot be logged."), fields=wrong)


def _closed(deal: Deal) -> DealClosed:
    closed_at = deal.closed_at or timezone.now()
    words = {"time": display.clock(closed_at), "day": display.day(closed_at)}
    return DealClosed(
        _(
            "This deal was closed at %(time)s on %(day)s. Undo the closing, or give the deal a"
            " second chance; then log the touch."
        )
        % words
    )


def _as_touch(entry: NewTouch, deal: Deal, *, by: User | None, now: dt.datetime) -> Touch:
    return Touch(
        deal=deal,
        contact=entry.contact or deal.contact,
        by=entry.made_by or by,
        at=entry.at or now,
        channel=entry.channel,
        direction=entry.direction or direction_of(entry.channel, entry.result),
        result=entry.result,
        minutes=entry.minutes,
        note=entry.note.strip(),
        resource=entry.resource.strip(),
        signal=entry.signal,
        commitment=entry.commitment.strip(),
        extra=dict(entry.extra),
        external_id=entry.external_id,
    )


def direction_of(channel: str, result: str) -> str:
    """Who did it, where nobody says: a form, a reply and an out-of-office answer come from the buyer."""
    is_theirs = channel == Channel.FORM or result in FROM_THE_BUYER
    return Direction.IN if is_theirs else Direction.OUT


def facts_of(touch: Touch) -> persistence.TouchFacts:
    return persistence.TouchFacts(
        at=touch.at,
        channel=touch.channel,
        direction=touch.direction,
        result=touch.result,
        is_commitment=bool(touch.commitment),
    )


def _logged(touch: Touch) -> TouchLogged:
    return TouchLogged(
        actor_id=touch.by_id,
        deal_id=touch.deal_id,
        at=touch.at,
        touch_id=touch.pk,
        channel=touch.channel,
        direction=touch.direction,
        result=touch.result,
        heard=persistence.hears(facts_of(touch)),
        contact_id=touch.contact_id,
        minutes=touch.minutes,
        note=touch.note,
        resource=touch.resource,
        signal=touch.signal,
        commitment=touch.commitment,
    )


# ---- the deal's columns --------------------------------------------------------------------------


def _keep_columns(deals: Mapping[int, Deal], touches: Iterable[Touch]) -> None:
    """Add new touches to what their deals say; a touch from before the last one takes a replay of all (rules 1, 2)."""
    new: dict[int, list[Touch]] = defaultdict(list)
    for touch in sorted(touches, key=lambda touch: (touch.at, touch.pk)):
        new[touch.deal_id].append(touch)
    backdated = {pk for pk, rows in new.items() if _is_earlier(rows[0], deals[pk])}
    facts = _replayed([deals[pk] for pk in sorted(backdated)])
    for pk, rows in new.items():
        if pk not in backdated:
            known = stop_rules.facts_of(deals[pk])
            for touch in rows:
                known = persistence.with_touch(known, facts_of(touch))
            facts[pk] = known
    pipeline.note_touches({pk: _columns(found) for pk, found in facts.items()})
    for pk, found in facts.items():
        deals[pk].last_touch_at = found.last_touch_at


@transaction.atomic
def hear(heard: Mapping[int, dt.datetime]) -> None:
    """The buyers of these deals, by deal id, were heard then in another way than by a touch (rule 1)."""
    deals = pipeline.lock_deals(sorted(heard))
    for deal in deals:
        deal.last_heard_at = max(filter(None, [deal.last_heard_at, heard[deal.pk]]))
    count_anew(deals)


def count_anew(deals: Sequence[Deal], *, without: Sequence[Touch] = ()) -> None:
    """What locked deals say of their touches, once some were removed: as if those had never been."""
    gone = {(touch.deal_id, touch.at) for touch in without}
    for deal in deals:
        if (deal.pk, deal.last_heard_at) in gone:
            deal.last_heard_at = None
    facts = _replayed(deals)
    pipeline.note_touches({pk: _columns(found) for pk, found in facts.items()})


def _is_earlier(touch: Touch, deal: Deal) -> bool:
    return any(at and touch.at < at for at in (deal.last_touch_at, deal.last_heard_at))


def _replayed(deals: Sequence[Deal]) -> dict[int, persistence.Facts]:
    """All touches of these deals from the first, in one query; and when the buyer was last heard outside of them."""
    if not deals:
        return {}
    rows: dict[int, list[persistence.TouchFacts]] = defaultdict(list)
    for touch in Touch.objects.filter(deal__in=deals).order_by("at", "pk"):
        rows[touch.deal_id].append(facts_of(touch))
    return {deal.pk: _replay(rows[deal.pk], deal) for deal in deals}


def _replay(rows: Sequence[persistence.TouchFacts], deal: Deal) -> persistence.Facts:
    facts = persistence.replay(rows, agreed_until=deal.agreed_until)
    heard = deal.last_heard_at
    if heard is None or (facts.last_heard_at is not None and heard <= facts.last_heard_at):
        return facts
    return persistence.replay(rows, heard_otherwise=[heard], agreed_until=deal.agreed_until)


def _columns(facts: persistence.Facts) -> pipeline.TouchColumns:
    return pipeline.TouchColumns(
        touch_count=facts.touch_count,
        first_outgoing_at=facts.first_outgoing_at,
        last_touch_at=facts.last_touch_at,
        last_heard_at=facts.last_heard_at,
        unanswered_touches=facts.unanswered,
    )
