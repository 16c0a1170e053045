"""Logging touches: columns, the next step, refusals, and the number of statements."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, User
from deals.actions import closing, proposals, reopening
from deals.models import Deal
from followups.actions import letting_go, touches
from followups.models import FollowUp, Touch
from tests.factories import deals as make
from tests.factories import followups as made
from tests.factories import reviews

pytestmark = pytest.mark.django_db


def columns(deal: Deal) -> dict[str, object]:
    deal.refresh_from_db()
    return {
        "touches": deal.touch_count,
        "first": deal.first_outgoing_at,
        "last": deal.last_touch_at,
        "heard": deal.last_heard_at,
        "unanswered": deal.unanswered_touches,
        "silent_since": deal.silent_since,
    }


def days(moment: dt.datetime, count: int) -> dt.datetime:
    return moment + dt.timedelta(days=count)


# ---- heard and unanswered: rules 1 and 2 ---------------------------------------------------------


@pytest.mark.practice("B1")
def test_each_try_adds_one_and_an_answer_begins_anew(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    made.touch(deal, days_ago=9)
    made.touch(deal, days_ago=7, channel="email", result="sent")
    made.touch(deal, days_ago=6, channel="social", result="sent")
    before = columns(deal)
    made.touch(deal, days_ago=2, result="answered")
    made.touch(deal, days_ago=1, result="left_message")

    assert before == {
        "touches": 3,
        "first": days(now, -9),
        "last": days(now, -6),
        "heard": None,
        "unanswered": 2,
        "silent_since": days(now, -9),
    }
    assert columns(deal) == {
        "touches": 5,
        "first": days(now, -9),
        "last": days(now, -1),
        "heard": days(now, -2),
        "unanswered": 1,
        "silent_since": days(now, -2),
    }


@pytest.mark.parametrize(
    ("touch", "unanswered"),
    [
        ({"channel": "email", "result": "out_of_office"}, 3),
        ({"channel": "email", "result": "bounced"}, 4),
        ({"channel": "meeting", "result": "not_kept"}, 4),
        ({"channel": "post", "result": "sent"}, 3),
        ({"channel": "call", "result": "no_answer", "commitment": "Signs the pilot"}, 0),
        ({"channel": "email", "result": "replied"}, 0),
        ({"channel": "meeting", "result": "kept"}, 0),
        ({"channel": "form", "direction": "in", "result": "sent"}, 0),
    ],
)
def test_only_what_the_buyer_did_counts_as_heard(
    rep: User, touch: dict[str, str], unanswered: int
) -> None:
    deal = make.deal(owner=rep)
    for ago in (9, 8, 7):
        made.touch(deal, days_ago=ago)

    made.touch(deal, **touch)

    assert (deal.unanswered_touches, deal.last_heard_at is not None) == (
        unanswered,
        unanswered == 0,
    )


def test_a_touch_from_before_the_last_word_changes_nothing_but_the_count(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep)
    made.touch(deal, days_ago=5, result="answered")
    made.touch(deal, days_ago=3)

    made.touch(deal, days_ago=10)

    assert columns(deal) == {
        "touches": 3,
        "first": days(now, -10),
        "last": days(now, -3),
        "heard": days(now, -5),
        "unanswered": 1,
        "silent_since": days(now, -5),
    }


def test_an_answer_found_out_later_begins_anew_at_its_own_time(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    for ago in (9, 6, 3):
        made.touch(deal, days_ago=ago)

    made.touch(deal, days_ago=5, channel="email", result="replied")

    assert columns(deal) == {
        "touches": 4,
        "first": days(now, -9),
        "last": days(now, -3),
        "heard": days(now, -5),
        "unanswered": 1,
        "silent_since": days(now, -5),
    }


def test_backdating_keeps_what_was_heard_outside_of_touches(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    made.touch(deal, days_ago=4)
    Deal.objects.filter(pk=deal.pk).update(last_heard_at=days(now, -2), unanswered_touches=0)
    made.touch(deal, days_ago=1)

    made.touch(deal, days_ago=3)

    assert columns(deal) == {
        "touches": 3,
        "first": days(now, -4),
        "last": days(now, -1),
        "heard": days(now, -2),
        "unanswered": 1,
        "silent_since": days(now, -2),
    }


def test_a_batch_in_any_order_says_what_its_touches_say_one_by_one(rep: User) -> None:
    one, other = make.deal(owner=rep), make.deal(owner=rep)
    rows = [(6, "no_answer"), (2, "no_answer"), (4, "answered"), (1, "left_message")]
    for ago, result in rows:
        made.touch(one, days_ago=ago, result=result)

    touches.log_touches(
        [
            touches.NewTouch(
                deal=other, channel="call", result=result, at=days(other.opened_at, -ago)
            )
            for ago, result in rows
        ],
        by=rep,
    )

    assert columns(other) == columns(one)


# ---- the record ----------------------------------------------------------------------------------


def test_the_record_says_what_followed_from_what(rep: User, now: dt.datetime) -> None:
    contact = make.contact(owner=rep)
    deal = make.deal(owner=rep, contact=contact)

    touch = made.touch(deal, days_ago=1, note=" Asked for the offer. ", minutes=12)

    record = EventRecord.objects.get(name="touch.logged")
    assert (record.subject_id, record.at, record.actor, record.data) == (
        touch.pk,
        days(now, -1),
        rep,
        {
            "touch_id": touch.pk,
            "channel": "call",
            "direction": "out",
            "result": "no_answer",
            "heard": False,
            "contact_id": contact.pk,
            "minutes": 12,
            "note": "Asked for the offer.",
            "resource": "",
            "signal": "",
            "commitment": "",
        },
    )
    followed = record.consequences.order_by("pk").values_list("name", flat=True)
    assert list(followed) == ["follow_up.done", "follow_up.planned"]


# ---- refusals ------------------------------------------------------------------------------------


def test_a_closed_deal_refuses_and_says_when_it_was_closed(rep: User) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason(), by=rep)

    with pytest.raises(touches.DealClosed, match=r"closed at 08:00 on Mon 20 Apr\. Undo"):
        made.touch(deal)

    assert Touch.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"at": dt.datetime(2026, 4, 20, 8, 1, tzinfo=dt.UTC)}, ["at"]),
        ({"channel": "pigeon"}, ["channel"]),
        ({"result": "shouted"}, ["result"]),
        ({"direction": "up"}, ["direction"]),
        ({"signal": "smoke"}, ["signal"]),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    rep: User, fields: dict[str, object], wrong: list[str]
) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        made.touch(deal, **fields)

    assert list(refusal.value.fields) == wrong


def test_a_follow_up_of_another_deal_is_refused(rep: User) -> None:
    deal, other = make.deal(owner=rep), make.deal(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        made.touch(deal, follow_up=made.next_step(other))

    assert list(refusal.value.fields) == ["follow_up"]


def test_a_follow_up_is_answered_once(rep: User) -> None:
    deal = make.deal(owner=rep)
    step = made.next_step(deal)
    made.touch(deal, follow_up=step)

    with pytest.raises(ActionRefused, match="done already"):
        made.touch(deal, follow_up=step)

    assert Touch.objects.count() == 1


def test_a_stale_version_is_refused(rep: User) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(StaleVersion):
        made.touch(deal, version=deal.version + 1)


def test_one_refused_touch_refuses_the_batch(rep: User) -> None:
    deal, closed = make.deal(owner=rep), make.deal(owner=rep)
    closing.lose(closed, reason=make.reason(), by=rep)

    with pytest.raises(touches.DealClosed):
        touches.log_touches(
            [
                touches.NewTouch(deal=each, channel="call", result="answered")
                for each in (deal, closed)
            ],
            by=rep,
        )

    assert Touch.objects.count() == 0


# ---- done ----------------------------------------------------------------------------------------


def test_doing_a_follow_up_logs_its_touch(rep: User) -> None:
    deal = make.deal(owner=rep, contact=make.contact(owner=rep, preferred_channel="call"))
    step = made.next_step(deal)

    done = touches.done(step, by=rep, result="answered", note="Good")

    touch = Touch.objects.get()
    assert (done.state, done.done_by, touch.channel, touch.note) == ("done", touch, "call", "Good")


def test_an_open_deal_asks_how_it_went(rep: User) -> None:
    step = made.next_step(make.deal(owner=rep))

    with pytest.raises(ActionRefused) as refusal:
        touches.done(step, by=rep)

    assert list(refusal.value.fields) == ["result"]


def test_calling_again_on_a_lost_deal_is_ticked_off_without_a_touch(rep: User) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, reason=make.reason(), by=rep)
    revisit = FollowUp.objects.get(deal=deal, purpose="revisit")
    nurture = FollowUp.objects.get(deal=deal, purpose="nurture")

    with pytest.raises(touches.DealClosed):
        touches.done(revisit, by=rep, result="answered")
    touches.done(revisit, by=rep)

    revisit.refresh_from_db()
    deal.refresh_from_db()
    assert (revisit.state, deal.next_follow_up_at) == ("done", nurture.due_at)


# ---- statements ----------------------------------------------------------------------------------


def count_of_statements(deals: list[Deal], by: User) -> int:
    with CaptureQueriesContext(connection) as queries:
        touches.log_touches(
            [touches.NewTouch(deal=deal, channel="call", result="no_answer") for deal in deals],
            by=by,
        )
    return len(queries)


def test_a_touch_takes_the_same_few_statements_however_many_there_are(rep: User) -> None:
    one = [make.deal(owner=rep)]
    thirty = [make.deal(owner=rep) for _ in range(30)]

    assert (count_of_statements(one, rep), count_of_statements(thirty, rep)) == (17, 17)


# ---- heard in another way (rule 1) -------------------------------------------------------------------


@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_an_answer_to_a_proposal_is_heard_and_takes_the_mark_away(state, rep, now):
    deal = made.deal_at_risk(owner=rep)
    sent = proposals.send(deal, by=rep, sent_on=now.date() - dt.timedelta(days=20))

    proposals.answer(sent, state=state, by=rep)

    deal.refresh_from_db()
    assert (deal.last_heard_at, deal.unanswered_touches, deal.closes_on) == (now, 0, None)
    assert deal.silent_since == now


def test_an_answer_of_an_earlier_day_leaves_what_was_tried_since(rep, now):
    deal = made.dead_deal(owner=rep)
    sent = proposals.send(deal, by=rep, sent_on=now.date() - dt.timedelta(days=20))
    for days_ago in (12, 9, 3):
        made.touch(deal, days_ago=days_ago)

    proposals.answer(sent, state="declined", by=rep, answered_on=now.date() - dt.timedelta(days=10))

    deal.refresh_from_db()
    assert deal.last_heard_at.date() == now.date() - dt.timedelta(days=9)  # midnight
    assert deal.unanswered_touches == 2
    assert deal.touch_count == 4


def test_a_proposal_that_we_withdraw_is_nothing_heard(rep, now):
    deal = made.deal_at_risk(owner=rep)
    marked = deal.closes_on
    sent = proposals.send(deal, by=rep, sent_on=now.date())

    proposals.answer(sent, state="withdrawn", by=rep)

    deal.refresh_from_db()
    assert (deal.closes_on, deal.unanswered_touches) == (marked, 1)


@pytest.mark.practice("A3")
def test_a_buyers_view_is_heard_and_stays_heard_when_the_loss_is_undone(rep, now):
    deal = made.dead_deal(owner=rep, contact=make.contact(owner=rep))
    outcome = closing.lose(deal, reason=make.reason(), by=rep)
    outcome.feedback_invitations.all().delete()
    invited = reviews.sent_invitation(owner=rep, outcome=outcome, contact=deal.contact)
    reviews.answered(owner=rep, invited=invited)

    reopening.undo_close(deal, by=rep, now=now)

    deal.refresh_from_db()
    assert (deal.last_heard_at, deal.unanswered_touches) == (now, 0)
    assert letting_go.settle([deal.pk], now=now).marked == 0
