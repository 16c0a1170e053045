"""What touches mean for the next step: the follow-up that they answer is done, and the plan sets the next."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from crm.shared import working_days
from crm.shared.events import FollowUpDone
from crm.shared.publishing import publish
from deals.actions import pipeline
from followups import persistence
from followups.actions import next_steps
from followups.models import FollowUp
from followups.states import Direction, FollowUpState, Purpose, Signal, check_move

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from deals.models import Deal
    from followups.models import Touch


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """A touch just logged, the follow-up it was logged for if one was named, and its EventRecord."""

    touch: Touch
    follow_up: FollowUp | None
    cause: int | None


Done = dict[int, tuple[FollowUp, Answer]]


def move_on(
    answers: Sequence[Answer],
    *,
    deals: Mapping[int, Deal],
    touched_before: Mapping[int, dt.datetime | None],
    by_id: int | None,
) -> None:
    """Tick off what the touches answer and plan what comes next (rule 3, B5). Raises ActionRefused: done already.

    A step with a date of its own stands until its day. Who asked to be left alone is planned no further touch.
    """
    named = {answer.follow_up.pk: answer for answer in answers if answer.follow_up}
    rows = FollowUp.objects.locked().filter(
        Q(pk__in=named) | Q(state=FollowUpState.DUE, purpose=Purpose.CLOSE, deal__in=deals)
    )
    follow_ups = {row.pk: row for row in rows}
    steps = {
        row.deal_id: row
        for row in follow_ups.values()
        if row.state == FollowUpState.DUE and row.purpose == Purpose.CLOSE
    }
    newest = _newest(answers, touched_before)
    done: Done = {pk: (follow_ups[pk], answer) for pk, answer in named.items()}
    for deal_id, answer in newest.items():
        step = steps.get(deal_id)
        if step and step.pk not in done and not _stands(step, answer.touch, deals[deal_id]):
            done[step.pk] = (step, answer)
    _finish(done, by_id=by_id)

    moved = {answer.touch.deal_id: answer for _, answer in done.values()} | newest
    going_on = {
        deal_id: answer
        for deal_id, answer in moved.items()
        if answer.touch.signal != Signal.ASKED_TO_STOP and deal_id not in _standing(steps, done)
    }
    _plan(going_on, deals=deals, by_id=by_id)
    if (
        ended := {row.deal_id for row, _ in done.values()}
        - going_on.keys()
        - _standing(steps, done)
    ):
        pipeline.note_next_follow_up(dict.fromkeys(ended))


def _standing(steps: Mapping[int, FollowUp], done: Done) -> set[int]:
    return {deal_id for deal_id, step in steps.items() if step.pk not in done}


def _newest(
    answers: Sequence[Answer], touched_before: Mapping[int, dt.datetime | None]
) -> dict[int, Answer]:
    """The last touch of each deal, if it is one of ours or heard, and later than those that were there."""
    newest: dict[int, Answer] = {}
    for answer in sorted(answers, key=lambda answer: (answer.touch.at, answer.touch.pk)):
        touch = answer.touch
        before = touched_before[touch.deal_id]
        facts = persistence.TouchFacts(
            at=touch.at,
            channel=touch.channel,
            direction=touch.direction,
            result=touch.result,
            is_commitment=bool(touch.commitment),
        )
        is_late = before is None or touch.at >= before
        if is_late and (touch.direction == Direction.OUT or persistence.hears(facts)):
            newest[touch.deal_id] = answer
    return newest


def _stands(step: FollowUp, touch: Touch, deal: Deal) -> bool:
    _, zone = next_steps.place_of(deal, deal.contact)
    due_on = working_days.local_day(step.due_at, zone)
    return step.is_fixed and due_on > working_days.local_day(touch.at, zone)


def _finish(done: Done, *, by_id: int | None) -> None:
    if not done:
        return
    now = timezone.now()
    for follow_up, answer in done.values():
        check_move(follow_up.state, FollowUpState.DONE)
        follow_up.state, follow_up.done_by, follow_up.done_at = (
            FollowUpState.DONE,
            answer.touch,
            now,
        )
        follow_up.version, follow_up.updated_at = follow_up.version + 1, now
    FollowUp.objects.bulk_update(
        [follow_up for follow_up, _ in done.values()],
        ["state", "done_by", "done_at", "version", "updated_at"],
        batch_size=500,
    )
    publish(
        [
            FollowUpDone(
                actor_id=by_id,
                deal_id=follow_up.deal_id,
                follow_up_id=follow_up.pk,
                caused_by=answer.cause,
            )
            for follow_up, answer in done.values()
        ]
    )


def _plan(going_on: Mapping[int, Answer], *, deals: Mapping[int, Deal], by_id: int | None) -> None:
    since = {pk: deals[pk].last_touch_at or answer.touch.at for pk, answer in going_on.items()}
    next_steps.plan_next(
        [deals[pk] for pk in going_on],
        since=since,
        by_id=by_id,
        causes={pk: answer.cause for pk, answer in going_on.items()},
    )
