"""Holding a mail, from the claim to its end: who wins, what stops it at the last instant, how a crash is settled."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail as local
from django.db import IntegrityError, transaction

from crm.shared import claims, delivery, mailing
from crm.shared.claims import LOST_HOLD, Held
from crm.shared.models import OutgoingMail, Suppression, User
from crm.shared.states import MAIL_MOVES, Audience, MailState
from crm.shared.transports import Answer, Verdict
from tests.factories import mail as make

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
ACCEPTED = Answer(Verdict.ACCEPTED)


@pytest.fixture(autouse=True)
def _templates(settings: Any) -> None:
    make.use_templates(settings)


def held(now: dt.datetime, count: int = 10) -> list[Held]:
    return claims.claim(count, claims.clock(now))


def begin(mail: Held, now: dt.datetime) -> bool:
    return claims.begin(mail, claims.clock(now))


def state_of(mail: Held | OutgoingMail) -> str:
    pk = mail.mail.pk if isinstance(mail, Held) else mail.pk
    return OutgoingMail.objects.get(pk=pk).state


# ---- claiming ------------------------------------------------------------------------------------


def test_what_is_due_is_held_by_one(rep: User, now: dt.datetime) -> None:
    due = [make.queued(make.to_rep(rep, due_at=now - n * MINUTE)) for n in (2, 0)]
    make.queued(make.to_rep(rep, due_at=now + MINUTE))

    first, second = held(now), held(now)

    assert [mail.mail for mail in first] == due
    assert second == []
    assert [mail.since for mail in first] == [now, now]


def test_new_mail_comes_first_and_leaves_a_quarter_to_the_backlog(
    rep: User, now: dt.datetime
) -> None:
    mailing.queue([make.to_rep(rep, due_at=now - HOUR, key=f"old:{n}") for n in range(8)])
    mailing.queue([make.to_rep(rep, due_at=now, key=f"new:{n}") for n in range(8)])

    keys = [mail.mail.key[:3] for mail in held(now, 8)]

    assert sorted(keys) == ["new"] * 6 + ["old"] * 2


def test_a_claim_takes_a_fixed_number_of_queries(
    rep: User, now: dt.datetime, django_assert_num_queries: Any
) -> None:
    for count in (1, 3):
        mailing.queue([make.to_rep(rep, due_at=now) for _ in range(count)])
        with django_assert_num_queries(6):  # two of them the savepoint
            held(now)


# ---- the point of no return ----------------------------------------------------------------------


def test_a_cancelled_mail_does_not_begin(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    [mail] = held(now)

    assert mailing.cancel(OutgoingMail.objects.all()) == 1

    assert not begin(mail, now)
    assert claims.step_back(mail, claims.clock(now)) == LOST_HOLD
    assert state_of(mail) == MailState.CANCELLED


def test_a_mail_that_goes_out_is_not_cancelled(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    [mail] = held(now)
    assert begin(mail, now)

    assert mailing.cancel(OutgoingMail.objects.all()) == 0

    assert claims.finish(mail, ACCEPTED, claims.clock(now)) == MailState.SENT


def test_a_refusal_counts_until_the_last_instant(now: dt.datetime) -> None:
    """Mutation: without the suppression in begin() this turns red."""
    make.queued(make.to_buyer(due_at=now, to_address="buyer@example.com"))
    [mail] = held(now)
    # As by a transaction that did not see this mail yet.
    Suppression.objects.create(address="buyer@example.com", since=now)

    assert not begin(mail, now)

    assert claims.step_back(mail, claims.clock(now)) == MailState.SUPPRESSED
    row = OutgoingMail.objects.get()
    assert (bytes(row.message), row.attempts) == (b"", 0)
    assert row.last_error == "buyer@example.com wants no mail since April 20, 2026."


def test_an_expired_claim_does_not_begin(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    [mail] = held(now)

    assert not begin(mail, now + 3 * MINUTE)

    assert claims.step_back(mail, claims.clock(now + 3 * MINUTE)) == MailState.SCHEDULED


def test_who_lost_the_claim_neither_begins_nor_finishes(
    rep: User, now: dt.datetime, caplog: Any
) -> None:
    """Mutation: without the claim token in Held.rows() this turns red."""
    make.queued(make.to_rep(rep, due_at=now))
    [slow] = held(now)
    assert begin(slow, now)
    later = now + 3 * MINUTE
    claims.recover(claims.clock(later))
    [second] = held(later)

    assert not begin(slow, later)
    assert begin(second, later)
    assert claims.finish(slow, ACCEPTED, claims.clock(later)) == LOST_HOLD
    assert state_of(second) == MailState.SENDING
    assert claims.finish(second, ACCEPTED, claims.clock(later)) == MailState.SENT
    assert "was taken over" in caplog.text


# ---- buyers' hours and pace ----------------------------------------------------------------------


def test_a_buyers_mail_is_due_in_their_hours(now: dt.datetime) -> None:
    friday_evening = dt.datetime(2026, 4, 24, 19, 0, tzinfo=dt.UTC)

    row = make.queued(make.to_buyer(due_at=friday_evening))

    assert row.due_at == dt.datetime(2026, 4, 27, 8, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("late", "opens"),
    [
        (dt.timedelta(hours=10), dt.timedelta(days=1)),  # 18:00: closed
        (dt.timedelta(hours=12), dt.timedelta(days=1)),
        (dt.timedelta(hours=23, minutes=59), dt.timedelta(days=1)),
    ],
)
def test_a_buyers_mail_that_is_late_waits_for_the_next_morning(
    late: dt.timedelta, opens: dt.timedelta, now: dt.datetime
) -> None:
    row = make.queued(make.to_buyer(due_at=now))

    settled = delivery.send_due(now=now + late)

    row.refresh_from_db()
    assert settled == {MailState.SCHEDULED: 1}
    assert (row.state, row.due_at, row.attempts) == (MailState.SCHEDULED, now + opens, 0)
    assert local.outbox == []


def test_the_window_may_close_between_claim_and_sending(now: dt.datetime) -> None:
    make.queued(make.to_buyer(due_at=now))
    evening = now + dt.timedelta(hours=10)
    [mail] = held(evening - dt.timedelta(seconds=1))

    assert not begin(mail, evening)

    assert claims.step_back(mail, claims.clock(evening)) == MailState.SCHEDULED
    assert OutgoingMail.objects.get().due_at == now + dt.timedelta(days=1)


def test_one_contact_gets_one_mail_in_24_hours(now: dt.datetime) -> None:
    at = now + HOUR
    rows = mailing.queue([make.to_buyer(due_at=at, contact_id=7) for _ in range(3)])
    other = make.queued(make.to_buyer(due_at=at, contact_id=8))

    days = [delivery.send_due(now=at + n * dt.timedelta(days=1)) for n in range(4)]

    assert [count[MailState.SENT] for count in days] == [2, 1, 1, 0]
    rows = [OutgoingMail.objects.get(pk=row.pk) for row in [other, *rows]]
    assert [row.sent_at for row in rows] == [at, at, at + 24 * HOUR, at + 48 * HOUR]
    assert [row.due_at for row in rows] == [at, at, at + 24 * HOUR, at + 48 * HOUR]


def test_of_one_contact_one_mail_is_held_at_a_time(now: dt.datetime) -> None:
    rows = mailing.queue([make.to_buyer(due_at=now, contact_id=7) for _ in range(2)])

    first, second = held(now), held(now)

    assert [mail.mail for mail in first] == rows[:1]
    assert second == []


def test_a_mail_that_may_have_arrived_counts_for_the_pace(now: dt.datetime) -> None:
    mailing.queue([make.to_buyer(due_at=now, contact_id=7) for _ in range(2)])
    [first] = held(now)
    begin(first, now)
    claims.finish(first, Answer(Verdict.IN_DOUBT, "cut"), claims.clock(now))
    [second] = held(now)

    assert not begin(second, now)

    claims.step_back(second, claims.clock(now))
    assert OutgoingMail.objects.get(pk=second.mail.pk).due_at == now + 24 * HOUR


def test_a_buyers_mail_two_days_late_is_missed_and_a_reps_is_sent(
    rep: User, now: dt.datetime
) -> None:
    mailing.queue([make.to_buyer(due_at=now, key="b"), make.to_rep(rep, due_at=now, key="r")])

    settled = delivery.send_due(now=now + 48 * HOUR + MINUTE)

    assert settled == {MailState.MISSED: 1, MailState.SENT: 1}
    assert [message.to for message in local.outbox] == [["rep@example.com"]]
    [missed] = OutgoingMail.objects.problems()
    assert (missed.key, bytes(missed.message)) == ("b", b"")


# ---- crashes -------------------------------------------------------------------------------------


def test_a_mail_whose_claimer_died_goes_out_after_the_lease(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    held(now)

    passes = [delivery.send_due(now=now + n * MINUTE) for n in (1, 3)]

    assert passes[0] == {}
    assert passes[1] == {MailState.SCHEDULED: 1, MailState.SENT: 1}
    assert OutgoingMail.objects.get().attempts == 1


def test_a_reps_mail_whose_sender_died_is_repeated_as_the_same_bytes(
    rep: User, now: dt.datetime
) -> None:
    row = make.queued(make.to_rep(rep, due_at=now))
    [mail] = held(now)
    begin(mail, now)

    delivery.send_due(now=now + 3 * MINUTE)

    [message] = [sent.message() for sent in local.outbox]
    assert message["Message-ID"] == row.message_id
    assert str(message["Date"]) == "Mon, 20 Apr 2026 08:00:00 +0000"
    assert OutgoingMail.objects.get().state == MailState.SENT


def test_a_buyers_mail_whose_sender_died_is_never_sent_again(now: dt.datetime) -> None:
    make.queued(make.to_buyer(due_at=now))
    [mail] = held(now)
    begin(mail, now)

    passes = [delivery.send_due(now=now + n * HOUR) for n in (0, 1, 24, 72)]

    assert passes == [{}, {MailState.UNCERTAIN: 1}, {}, {}]
    assert local.outbox == []
    [row] = OutgoingMail.objects.problems()
    assert (row.state, row.sent_at) == (MailState.UNCERTAIN, now + HOUR)
    assert bytes(row.message)  # a person decides


def test_a_mail_that_kills_its_sender_every_time_is_given_up(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    OutgoingMail.objects.update(attempts=15)
    [mail] = held(now)
    begin(mail, now)

    assert delivery.send_due(now=now + HOUR) == {MailState.FAILED: 1}


# ---- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "audience", "state"),
    [
        (Verdict.ACCEPTED, Audience.REP, MailState.SENT),
        (Verdict.ACCEPTED, Audience.BUYER, MailState.SENT),
        (Verdict.LATER, Audience.REP, MailState.SCHEDULED),
        (Verdict.LATER, Audience.BUYER, MailState.SCHEDULED),
        (Verdict.NEVER, Audience.REP, MailState.BOUNCED),
        (Verdict.NEVER, Audience.BUYER, MailState.BOUNCED),
        (Verdict.IN_DOUBT, Audience.REP, MailState.SCHEDULED),
        (Verdict.IN_DOUBT, Audience.BUYER, MailState.UNCERTAIN),
    ],
)
def test_the_servers_answer_decides(
    verdict: Verdict, audience: Audience, state: MailState, rep: User, now: dt.datetime
) -> None:
    is_rep = audience == Audience.REP
    make.queued(make.to_rep(rep, due_at=now) if is_rep else make.to_buyer(due_at=now))
    [mail] = held(now)
    begin(mail, now)

    settled = claims.finish(mail, Answer(verdict, "said so"), claims.clock(now))

    row = OutgoingMail.objects.get()
    is_over = state in {MailState.SENT, MailState.BOUNCED}
    assert (settled, row.state) == (state, state)
    assert (bytes(row.message) == b"") is is_over
    assert row.last_error == ("" if verdict is Verdict.ACCEPTED else "said so")
    assert (row.claim_token, row.lease_until) == (None, None)


def test_a_put_off_mail_is_tried_for_two_days(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    pauses, at, state = [], now, ""
    while state != MailState.FAILED:
        [mail] = held(at)
        begin(mail, at)
        state = claims.finish(mail, Answer(Verdict.LATER, "450 busy"), claims.clock(at))
        due_at = OutgoingMail.objects.get().due_at
        pauses.append((due_at - at) // MINUTE)
        at = due_at

    assert pauses == [1, 5, 15, 60, *[240] * 11, 0]
    assert dt.timedelta(hours=44) < at - now < 48 * HOUR
    assert OutgoingMail.objects.get().attempts == 16


def test_a_mail_that_was_not_tried_waits_as_before(rep: User, now: dt.datetime) -> None:
    make.queued(make.to_rep(rep, due_at=now))
    [mail] = held(now)
    begin(mail, now)

    claims.take_back(mail)

    row = OutgoingMail.objects.get()
    assert (row.state, row.due_at, row.attempts) == (MailState.SCHEDULED, now, 0)


# ---- states --------------------------------------------------------------------------------------


def test_every_state_has_its_moves() -> None:
    assert set(MAIL_MOVES) == set(MailState)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": MailState.CLAIMED},
        {"state": MailState.SENDING, "claim_token": "0" * 32},
        {"claim_token": "0" * 32},
        {"state": MailState.SENT},
        {"sent_at": dt.datetime(2026, 4, 20, tzinfo=dt.UTC)},
        {"state": MailState.UNCERTAIN, "sent_at": dt.datetime(2026, 4, 20, tzinfo=dt.UTC)},
        {"audience": Audience.BUYER},
    ],
)
def test_the_database_refuses_what_does_not_fit(
    broken: dict[str, Any], rep: User, now: dt.datetime
) -> None:
    make.queued(make.to_rep(rep, due_at=now))

    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.update(**broken)
