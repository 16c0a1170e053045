"""Reviews: planned by the rule or by hand, written down, held, withdrawn."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from deals.actions import closing
from deals.models import Stakeholder
from deals.states import Role
from reviews.actions import reviewing
from reviews.actions.reviewing import Draft, Promise
from reviews.models import NextTime, Review
from reviews.states import ReviewState
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db


def stakeholder(deal, **fields):
    contact = deals.contact(owner=deal.owner, name="Priya Raman")
    return Stakeholder.objects.create(
        deal=deal, contact=contact, role=Role.ECONOMIC_BUYER, **fields
    )


# ---- by hand -------------------------------------------------------------------------------------


def test_a_review_can_be_started_by_hand(rep, now):
    outcome = reviews.outcome(owner=rep, at=now - dt.timedelta(days=30))

    review = reviewing.start(outcome.deal, by=rep, now=now)

    record = EventRecord.objects.get(name="review.planned")
    assert (review.outcome_id, review.why, review.due_on) == (outcome.pk, "by_hand", now.date())
    assert (record.actor, record.subject_id, record.data["why"]) == (rep, review.pk, "by_hand")


def test_a_review_started_by_hand_lies_clear_of_the_loss(rep, now):
    outcome = reviews.outcome(owner=rep)

    review = reviewing.start(outcome.deal, by=rep, now=now)

    assert review.due_on == dt.date(2026, 4, 23)


def test_an_open_deal_has_nothing_to_review(rep, now):
    with pytest.raises(ActionRefused, match="won or lost"):
        reviewing.start(deals.deal(owner=rep), by=rep, now=now)


def test_a_disqualified_deal_is_not_reviewed(rep, now):
    deal = deals.deal(owner=rep)
    closing.disqualify(deal, disqualified_as="duplicate", by=rep)

    with pytest.raises(ActionRefused, match="won or lost"):
        reviewing.start(deal, by=rep, now=now)


def test_a_closing_has_one_review(rep, now):
    review = reviews.review(owner=rep)

    with pytest.raises(ActionRefused, match="its review already"):
        reviewing.start(review.deal, by=rep, now=now)


def test_a_withdrawn_review_makes_room_for_another(rep, now):
    withdrawn = reviews.review(owner=rep, state=ReviewState.WITHDRAWN)

    review = reviewing.start(withdrawn.deal, by=rep, now=now)

    assert review.pk != withdrawn.pk


# ---- write down ----------------------------------------------------------------------------------


@pytest.mark.practice("D1", "D3", "D5")
def test_a_draft_keeps_what_was_typed_and_starts_the_clock(rep, colleague, now):
    review = reviews.review(owner=rep)
    priya = stakeholder(review.deal)

    saved = reviewing.save_draft(
        review,
        draft=reviews.complete_draft(
            people=[priya.pk],
            factors_words="They asked for references",
            next_times=[Promise(text=" Meet Priya "), Promise(text="Offer", owner=colleague)],
        ),
        by=rep,
        now=now,
        version=1,
    )

    review.refresh_from_db()
    assert (saved.version, review.version, review.started_at) == (2, 2, now)
    assert review.value == "Half the work on Mondays"
    assert review.voices == "The plant manager, who was never in the room"
    assert (review.factors, review.factors_words) == (
        ["trust", "price"],
        "They asked for references",
    )
    assert list(review.people.all()) == [priya]
    assert list(review.next_times.values_list("position", "text", "owner_id")) == [
        (1, "Meet Priya", rep.pk),
        (2, "Offer", colleague.pk),
    ]
    assert review.state == ReviewState.PLANNED


def test_a_draft_writes_only_what_it_names(rep, now):
    review = reviews.review(owner=rep, value="Kept", voices="Kept, too", factors=["fit"])

    reviewing.save_draft(review, draft=Draft(voices="New"), by=rep, now=now)

    review.refresh_from_db()
    assert (review.value, review.voices, review.factors) == ("Kept", "New", ["fit"])


def test_a_draft_that_changes_nothing_raises_no_version(rep, now):
    review = reviews.review(owner=rep, value="Kept", factors=["fit"])
    priya = stakeholder(review.deal)
    review.people.add(priya)
    same = Draft(value="Kept", factors=["fit"], people=[priya.pk], next_times=[Promise(text=" ")])

    saved = reviewing.save_draft(review, draft=same, by=rep, now=now)

    assert (saved.version, saved.started_at) == (1, None)


def test_a_stale_draft_is_refused_and_overwrites_nothing(rep, now):
    review = reviews.review(owner=rep)
    reviewing.save_draft(review, draft=Draft(value="Theirs"), by=rep, now=now, version=1)

    with pytest.raises(StaleVersion):
        reviewing.save_draft(review, draft=Draft(value="Ours"), by=rep, now=now, version=1)

    review.refresh_from_db()
    assert review.value == "Theirs"


WRONG_DRAFTS = {
    "unknown factor": (Draft(factors=["luck"]), "factors"),
    "one factor twice": (Draft(factors=["fit", "fit"]), "factors"),
    "a person who is not on the deal": (Draft(people=[999_999]), "people"),
    "too many items": (Draft(next_times=[Promise(text=f"{n}") for n in range(13)]), "next_times"),
}


@pytest.mark.parametrize(("draft", "field"), WRONG_DRAFTS.values(), ids=WRONG_DRAFTS)
def test_a_draft_is_refused_for(rep, now, draft, field):
    review = reviews.review(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        reviewing.save_draft(review, draft=draft, by=rep, now=now)

    assert set(refusal.value.fields) == {field}


def test_a_person_of_another_deal_is_no_voice(rep, now):
    review = reviews.review(owner=rep)
    stranger = stakeholder(deals.deal(owner=rep))

    with pytest.raises(ActionRefused, match="Unknown person"):
        reviewing.save_draft(review, draft=Draft(people=[stranger.pk]), by=rep, now=now)


def test_a_held_review_is_not_written_to_again(rep, now):
    review = reviews.held_review(owner=rep)

    with pytest.raises(ActionRefused, match="held already"):
        reviewing.save_draft(review, draft=Draft(value="Later"), by=rep, now=now)


# ---- hold ----------------------------------------------------------------------------------------


@pytest.mark.practice("A5", "D1", "D3")
def test_holding_takes_three_answers_and_one_next_time(rep, now):
    started = now - dt.timedelta(minutes=7, seconds=5)
    review = reviews.review(owner=rep, started_at=started)

    held = reviewing.hold(review, by=rep, now=now, draft=reviews.complete_draft(), version=1)

    record = EventRecord.objects.get(name="review.held")
    assert (held.state, held.held_at, held.held_by, held.minutes) == ("held", now, rep, 8)
    assert (record.actor, record.deal_id, record.data) == (
        rep,
        review.deal_id,
        {"review_id": review.pk, "minutes": 8},
    )
    assert list(NextTime.objects.values_list("text", "owner_id", "state")) == [
        ("Meet the plant manager first", rep.pk, "open")
    ]


def test_what_was_saved_before_need_not_come_again(rep, now):
    review = reviews.review(owner=rep)
    reviewing.save_draft(review, draft=reviews.complete_draft(), by=rep, now=now)

    held = reviewing.hold(review, by=rep, now=now)

    assert held.state == ReviewState.HELD


def test_people_picked_from_the_deal_are_voices_enough(rep, now):
    review = reviews.review(owner=rep)
    draft = reviews.complete_draft(voices="", people=[stakeholder(review.deal).pk])

    assert reviewing.hold(review, by=rep, now=now, draft=draft).state == ReviewState.HELD


MISSING = {
    "value": {"value": " "},
    "voices": {"voices": " "},
    "factors": {"factors": []},
    "next_times": {"next_times": [Promise(text=" ")]},
}


@pytest.mark.parametrize(("field", "left_out"), MISSING.items(), ids=MISSING)
@pytest.mark.practice("A5", "D3")
def test_nothing_is_held_without(rep, now, field, left_out):
    review = reviews.review(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        reviewing.hold(review, by=rep, now=now, draft=reviews.complete_draft(**left_out))

    review.refresh_from_db()
    assert set(refusal.value.fields) == {field}
    assert (review.state, review.value, review.version) == ("planned", "", 1)


@pytest.mark.practice("D6")
def test_price_alone_is_no_answer_to_the_third_question(rep, now):
    review = reviews.review(owner=rep)
    draft = reviews.complete_draft(factors=["price"], factors_words="The price, nothing else")

    with pytest.raises(ActionRefused) as refusal:
        reviewing.hold(review, by=rep, now=now, draft=draft)

    assert refusal.value.fields == {
        "factors": "Price alone does not say why. What else weighed in?"
    }


@pytest.mark.practice("D6")
def test_a_price_only_draft_is_kept_and_flagged(rep, now):
    review = reviews.review(owner=rep)

    saved = reviewing.save_draft(review, draft=Draft(factors=["price"]), by=rep, now=now)

    assert saved.is_price_only


def test_a_review_is_held_once(rep, now):
    review = reviews.held_review(owner=rep)

    with pytest.raises(ActionRefused, match="held already"):
        reviewing.hold(review, by=rep, now=now)


def test_a_stale_review_is_not_held(rep, now):
    review = reviews.review(owner=rep, version=3)

    with pytest.raises(StaleVersion):
        reviewing.hold(review, by=rep, now=now, draft=reviews.complete_draft(), version=2)

    assert Review.objects.get().state == ReviewState.PLANNED


@pytest.mark.parametrize(
    ("started", "minutes"),
    [
        (None, None),
        (dt.timedelta(0), None),
        (dt.timedelta(seconds=1), 1),
        (dt.timedelta(minutes=10), 10),
        (dt.timedelta(hours=2), 120),
        (dt.timedelta(hours=2, seconds=1), None),
    ],
)
def test_minutes_say_nothing_when_the_review_was_left_and_taken_up_again(
    rep, now, started, minutes
):
    review = reviews.review(owner=rep, started_at=None if started is None else now - started)

    assert (
        reviewing.hold(review, by=rep, now=now, draft=reviews.complete_draft()).minutes == minutes
    )


# ---- withdraw ------------------------------------------------------------------------------------


def test_withdrawing_takes_back_what_is_planned_and_leaves_what_was_held(rep, now):
    planned = reviews.review(owner=rep)
    held = reviews.held_review(owner=rep)
    other = reviews.review(owner=rep)

    reviewing.withdraw([planned.outcome_id, held.outcome_id], now=now)

    states = dict(Review.objects.values_list("pk", "state"))
    assert states == {planned.pk: "withdrawn", held.pk: "held", other.pk: "planned"}


# ---- what a review says of itself ----------------------------------------------------------------


def test_factors_are_named_in_their_order(rep):
    review = reviews.review(owner=rep, factors=["trust", "fit", "no longer known"])

    assert review.factor_names == ["Trust or working together", "Fit with the work to be done"]
    assert str(review) == f"{review.deal} · Planned"


def test_promises_are_those_of_held_reviews_that_are_still_open(rep):
    held = reviews.held_review(owner=rep)
    draft = reviews.review(owner=rep)
    NextTime.objects.create(review=draft, position=1, text="Only a draft", owner=rep)
    NextTime.objects.create(review=held, position=2, text="Done", owner=rep, state="done")

    assert [str(item) for item in NextTime.objects.promised()] == ["Meet the plant manager first"]


def test_reviews_are_seen_with_their_deal(rep, manager, outsider, viewer, admin):
    review = reviews.held_review(owner=rep)
    promise = review.next_times.get()

    seen = {
        user.name: (
            list(Review.objects.visible_to(user)) == [review],
            list(NextTime.objects.visible_to(user)) == [promise],
        )
        for user in (rep, manager, admin, outsider, viewer)
    }

    assert seen == {
        "Rita Rep": (True, True),
        "Mona Manager": (True, True),
        "Ada Admin": (True, True),
        "Otto Outsider": (False, False),
        "Vera Viewer": (False, False),
    }
