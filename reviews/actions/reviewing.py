"""Reviews: plan by the rule or by hand, write down, hold, withdraw."""

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import DealLost, DealWon, ReviewHeld, ReviewPlanned
from crm.shared.models import User
from crm.shared.publishing import publish
from crm.shared.working_days import local_day
from deals.actions import pipeline
from deals.models import Deal, Outcome, Stakeholder
from deals.states import DealStatus
from reviews import selection
from reviews.actions import coverage
from reviews.models import NextTime, Review
from reviews.states import Factor, NextTimeState, ReviewState, check_review_move

LEFT_AND_TAKEN_UP_AGAIN = 120  # minutes after which the clock says nothing about the work
NEXT_TIMES = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Promise:
    """One "next time we will …" as it is written down; without an owner it is the writer's."""

    text: str
    owner: User | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be written down; None leaves as it is. `people` are ids of the deal's stakeholders."""

    value: str | None = None
    voices: str | None = None
    people: Sequence[int] | None = None
    factors: Sequence[str] | None = None
    factors_words: str | None = None
    next_times: Sequence[Promise] | None = None


NOTHING_NEW = Draft()


# ---- plan ----------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def plan(closings: Sequence[DealLost | DealWon], *, today: dt.date) -> list[Review]:
    """Plan the reviews that the rule chooses among these closings (D2, D8, D11).

    A fixed number of queries however many there are.
    """
    by_outcome = {closing.outcome_id: closing for closing in closings}
    outcomes = list(
        Outcome.objects.filter(pk__in=by_outcome).select_related("deal", "owner").order_by("pk")
    )
    if not outcomes:
        return []
    facts, load = coverage.facts_of(outcomes)
    choices = selection.choose(facts, today=today, load=load)
    reviews = Review.objects.bulk_create(
        Review(
            deal_id=by_outcome[choice.outcome_id].deal_id,
            outcome_id=choice.outcome_id,
            due_on=choice.due_on,
            why=choice.why,
        )
        for choice in choices
    )
    publish([_planned(review, cause=by_outcome[review.outcome_id]) for review in reviews])
    return reviews


def _planned(review: Review, *, cause: DealLost | DealWon) -> ReviewPlanned:
    return ReviewPlanned(
        actor_id=cause.actor_id,
        deal_id=review.deal_id,
        review_id=review.pk,
        due_on=review.due_on.isoformat(),
        why=review.why,
        caused_by=cause.record_id,
    )


@transaction.atomic
def start(deal: Deal, *, by: User, now: dt.datetime) -> Review:
    """Plan a review by hand. Raises ActionRefused unless the deal is won or lost and has no review of that yet."""
    deal = Deal.objects.locked().select_related("outcome__deal", "outcome__owner").get(pk=deal.pk)
    outcome = deal.outcome
    if outcome is None or outcome.kind == DealStatus.DISQUALIFIED:
        raise ActionRefused(_("Only a deal that was won or lost can be reviewed."))
    if Review.objects.standing().filter(outcome=outcome).exists():
        raise ActionRefused(_("This closing has its review already."))
    facts, _load = coverage.facts_of([outcome])
    choice = selection.by_hand(facts[0], today=local_day(now, outcome.owner.time_zone))
    review = Review.objects.create(deal=deal, outcome=outcome, due_on=choice.due_on, why=choice.why)
    publish(
        [
            ReviewPlanned(
                actor_id=by.pk,
                deal_id=deal.pk,
                review_id=review.pk,
                due_on=review.due_on.isoformat(),
                why=review.why,
            )
        ]
    )
    return review


@transaction.atomic
def withdraw(outcome_ids: Sequence[int], *, now: dt.datetime) -> None:
    """Take back what these closings planned and nobody held; a held review stays on the record."""
    Review.objects.planned().filter(outcome__in=outcome_ids).update(
        state=ReviewState.WITHDRAWN, version=F("version") + 1, updated_at=now
    )


# ---- write down ----------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    review: Review, *, draft: Draft, by: User, now: dt.datetime, version: int | None = None
) -> Review:
    """Write down what was typed so far; the first words start the clock (D1). No event: it happens every second.

    Raises StaleVersion, ActionRefused (the review is held or withdrawn, an unknown factor or person).
    """
    review = _locked(review, version=version)
    check_review_move(review.state, ReviewState.HELD)
    _write(review, draft=draft, by=by, now=now)
    return review


@transaction.atomic
def hold(
    review: Review,
    *,
    by: User,
    now: dt.datetime,
    draft: Draft = NOTHING_NEW,
    version: int | None = None,
) -> Review:
    """Finish a review: all three questions answered (D3, D6), and at least one "next time we will …" (A5).

    Raises StaleVersion, ActionRefused with the fields to mend; then nothing is written.
    """
    review = _locked(review, version=version)
    check_review_move(review.state, ReviewState.HELD)
    _write(review, draft=draft, by=by, now=now)
    if missing := unanswered(review):
        raise ActionRefused(_("Nearly there: a few answers are missing."), fields=missing)
    review.state, review.held_at, review.held_by = ReviewState.HELD, now, by
    review.minutes = _minutes(review.started_at, now)
    review.save_changed("state", "held_at", "held_by", "minutes")
    publish(
        [
            ReviewHeld(
                actor_id=by.pk,
                deal_id=review.deal_id,
                review_id=review.pk,
                minutes=review.minutes,
            )
        ]
    )
    return review


def unanswered(review: Review) -> dict[str, str]:
    """What a review still needs before it can be held, by field."""
    missing = {}
    if not review.value.strip():
        missing["value"] = _("How would the customer put it? One sentence is enough.")
    if not review.voices.strip() and not review.people.exists():
        missing["voices"] = _("Pick or name at least one person.")
    if review.is_price_only:
        missing["factors"] = _("Price alone does not say why. What else weighed in?")
    elif not review.factors:
        missing["factors"] = _("Choose at least one factor beyond price.")
    if not review.next_times.exists():
        missing["next_times"] = _("Name at least one thing to do next time.")
    return missing


def _locked(review: Review, *, version: int | None) -> Review:
    """The review, with its deal locked before it."""
    Deal.objects.locked().get(pk=review.deal_id)
    review = Review.objects.locked().get(pk=review.pk)
    pipeline.check_version(review, version)
    return review


def _write(review: Review, *, draft: Draft, by: User, now: dt.datetime) -> None:
    """Write what `draft` changes and raise the version; a draft that changes nothing leaves it."""
    changes = _changed_words(review, draft)
    has_people_changed = _pick_people(review, draft.people)
    have_promises_changed = _promise(review, draft.next_times, by=by)
    if not (changes or has_people_changed or have_promises_changed):
        return
    for name, value in changes.items():
        setattr(review, name, value)
    review.started_at = review.started_at or now
    review.save_changed(*changes, "started_at")


def _changed_words(review: Review, draft: Draft) -> Mapping[str, object]:
    if draft.factors is not None and (
        set(draft.factors) - set(Factor.values) or len(set(draft.factors)) < len(draft.factors)
    ):
        raise ActionRefused(
            _("Unknown factor."), fields={"factors": _("Each factor of the list, once.")}
        )
    written = {
        "value": draft.value,
        "voices": draft.voices,
        "factors": None if draft.factors is None else list(draft.factors),
        "factors_words": draft.factors_words,
    }
    return {
        name: value
        for name, value in written.items()
        if value is not None and value != getattr(review, name)
    }


def _pick_people(review: Review, people: Sequence[int] | None) -> bool:
    """Pick voices from the people on the deal, with the role and stance they have there (D5)."""
    if people is None:
        return False
    current = set(review.people.values_list("pk", flat=True))
    if current == set(people):
        return False
    on_deal = Stakeholder.objects.filter(deal=review.deal_id, pk__in=people)
    if on_deal.count() < len(set(people)):
        raise ActionRefused(
            _("Unknown person."), fields={"people": _("Choose among the people on the deal.")}
        )
    review.people.set(on_deal)
    return True


def _promise(review: Review, promises: Sequence[Promise] | None, *, by: User) -> bool:
    """Set the items of a draft as a whole; empty ones fall out."""
    if promises is None:
        return False
    wanted = [
        (text, (promise.owner or by).pk) for promise in promises if (text := promise.text.strip())
    ]
    if len(wanted) > NEXT_TIMES:
        raise ActionRefused(
            _("That is a lot for next time."),
            fields={"next_times": _("At most %(n)d items.") % {"n": NEXT_TIMES}},
        )
    if wanted == list(review.next_times.values_list("text", "owner_id")):
        return False
    review.next_times.all().delete()
    NextTime.objects.bulk_create(
        NextTime(review=review, position=position, text=text, owner_id=owner_id)
        for position, (text, owner_id) in enumerate(wanted, start=1)
    )
    return True


def _minutes(started_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """Whole minutes begun since the first word.

    None when nobody saw the start (all came at once), or when it was left and taken up again.
    """
    if started_at is None or started_at >= now:
        return None
    minutes = math.ceil((now - started_at).total_seconds() / 60)
    return minutes if minutes <= LEFT_AND_TAKEN_UP_AGAIN else None


@transaction.atomic(savepoint=False)
def hand_over(person_id: int, *, heir_ids: Sequence[int]) -> None:
    """Give the open promises of a person to colleagues, an even share to each."""
    promises = NextTime.objects.filter(owner=person_id, state=NextTimeState.OPEN)
    ids = list(promises.order_by("pk").values_list("pk", flat=True))
    for place, heir_id in enumerate(heir_ids):
        mine = ids[place :: len(heir_ids)]
        NextTime.objects.filter(pk__in=mine).update(owner=heir_id)
