"""Sending what is due: what the mail server does wrong, and what becomes of each mail. And the feed."""

import datetime as dt
import logging
from contextlib import closing
from typing import Any

import pytest
from django.core import mail as local
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from crm.shared import delivery, mailing
from crm.shared.models import EventRecord, FeedHead, OutgoingMail, User
from crm.shared.states import MailState
from crm.shared.supervision import free_port
from tests.factories import mail as make
from tests.odd_smtp import DRIP, HANG, HANG_UP, OddServer, odd_server

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
SENT, WAITS, BOUNCED, UNCERTAIN = (
    MailState.SENT,
    MailState.SCHEDULED,
    MailState.BOUNCED,
    MailState.UNCERTAIN,
)


@pytest.fixture(autouse=True)
def _templates(settings: Any) -> None:
    make.use_templates(settings)


@pytest.fixture
def over_smtp(settings: Any) -> Any:
    """Send to this server, without patience unless told, and to buyers at any hour."""
    for name, value in make.EVERY_HOUR.items():
        setattr(settings, name, value)

    def use(server: OddServer, *, patience: float = 0.5) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = patience

    return use


def fate_of(row: OutgoingMail) -> tuple[str, int]:
    """Its state, and how many attempts counted."""
    row.refresh_from_db()
    return row.state, row.attempts


# ---- a pass --------------------------------------------------------------------------------------


def test_what_is_due_goes_out_once(rep: User, now: dt.datetime) -> None:
    row = make.queued(make.to_rep(rep, due_at=now))
    make.queued(make.to_rep(rep, due_at=now + MINUTE))

    passes = [delivery.send_due(now=now) for _ in range(2)]

    assert passes == [{SENT: 1}, {}]
    [message] = local.outbox
    assert (message.to, message.subject) == (["rep@example.com"], "Your day")
    assert message.message()["Message-ID"] == row.message_id
    row.refresh_from_db()
    assert (row.state, row.sent_at, bytes(row.message)) == (SENT, now, b"")


def test_a_pass_may_be_limited(rep: User, now: dt.datetime) -> None:
    mailing.queue([make.to_rep(rep, due_at=now) for _ in range(3)])

    assert delivery.send_due(now=now, limit=2) == {SENT: 2}


def test_a_backlog_is_worked_off_in_batches(rep: User, now: dt.datetime) -> None:
    mailing.queue([make.to_rep(rep, due_at=now) for _ in range(45)])

    assert delivery.send_due(now=now) == {SENT: 45}


@pytest.mark.parametrize(
    ("seconds", "batch"), [(0.0, 200), (0.5, 120), (3.0, 20), (20.0, 3), (90.0, 2)]
)
def test_a_slow_server_means_small_batches(seconds: float, batch: int) -> None:
    assert delivery.fitting(seconds) == batch


def test_a_folder_that_cannot_be_written_is_tried_again(
    rep: User, now: dt.datetime, monkeypatch: Any
) -> None:
    def full(*_: Any) -> int:
        raise OSError("No space left on device")

    monkeypatch.setattr(EmailBackend, "send_messages", full)
    row = make.queued(make.to_rep(rep, due_at=now))

    assert delivery.send_due(now=now) == {WAITS: 1}
    row.refresh_from_db()
    assert (row.due_at, row.last_error) == (now + MINUTE, "No space left on device")


# ---- what the server says ------------------------------------------------------------------------


@pytest.mark.servers
@pytest.mark.parametrize("step", ["RCPT", "DATA", "dot"])
@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("421 closing", WAITS),
        ("450 busy", WAITS),
        ("451 error", WAITS),
        ("452 no room", WAITS),
        ("550 nobody here", BOUNCED),
        ("552 too large", BOUNCED),
        ("554 refused", BOUNCED),
    ],
)
def test_one_bad_recipient_never_touches_another(
    said: str, state: MailState, step: str, rep: User, over_smtp: Any
) -> None:
    now = timezone.now()
    mails = [make.to_buyer(due_at=now, to_address=f"{n}@example.com") for n in range(5)]
    rows = mailing.queue(mails)

    with odd_server(answers={step: said}, for_recipient="2@example.com") as server:
        over_smtp(server, patience=10)
        delivery.send_due()

    assert [fate_of(row) for row in rows] == [
        (SENT, 1),
        (SENT, 1),
        (state, 1),
        (SENT, 1),
        (SENT, 1),
    ]
    assert rows[2].last_error == said
    assert sorted(server.message_ids) == sorted(
        row.message_id for row in rows if row is not rows[2]
    )


@pytest.mark.servers
@pytest.mark.parametrize(
    ("answers", "to_rep", "to_buyer"),
    [
        ({"MAIL": HANG}, WAITS, WAITS),
        ({"RCPT": HANG_UP}, WAITS, WAITS),
        ({"RCPT": "what?"}, WAITS, WAITS),
        ({"DATA": HANG}, WAITS, WAITS),
        ({"DATA": DRIP}, WAITS, WAITS),
        ({"body": HANG_UP}, WAITS, UNCERTAIN),
        ({"dot": HANG}, WAITS, UNCERTAIN),
        ({"dot": HANG_UP}, WAITS, UNCERTAIN),
        ({"dot": DRIP}, WAITS, UNCERTAIN),
        ({"dot": "what?"}, WAITS, UNCERTAIN),
        ({"MAIL": "552 too large"}, BOUNCED, BOUNCED),
    ],
)
def test_where_it_breaks_decides_whether_it_may_have_arrived(
    answers: dict[str, str], to_rep: MailState, to_buyer: MailState, rep: User, over_smtp: Any
) -> None:
    now = timezone.now()
    rows = mailing.queue([make.to_rep(rep, due_at=now), make.to_buyer(due_at=now)])

    with odd_server(answers=answers) as server:
        over_smtp(server)
        for _ in rows:  # a pass ends with the first mail that is not answered in time
            delivery.send_due(limit=1)

    assert [fate_of(row) for row in rows] == [(to_rep, 1), (to_buyer, 1)]
    assert all(row.last_error for row in rows)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("how", "also"),
    [
        ({"answers": {"greeting": HANG}}, {}),
        ({"answers": {"greeting": HANG_UP}}, {}),
        ({"answers": {"greeting": "554 no service"}}, {}),
        ({"answers": {"MAIL": "550 we do not know you"}}, {}),
        ({"answers": {"MAIL": "530 sign in first"}}, {}),
        (
            {"answers": {"AUTH": "535 wrong"}, "extensions": ("AUTH PLAIN",)},
            {"EMAIL_HOST_USER": "rebound", "EMAIL_HOST_PASSWORD": "old"},
        ),
        ({}, {"EMAIL_USE_TLS": True}),
    ],
    ids=["silent", "cut", "no service", "sender", "not signed in", "password", "no STARTTLS"],
)
def test_a_server_that_lets_nobody_in_costs_no_attempt(
    how: Any, also: dict[str, Any], rep: User, settings: Any, over_smtp: Any, caplog: Any
) -> None:
    rows = mailing.queue([make.to_rep(rep, due_at=timezone.now()) for _ in range(3)])

    with odd_server(**how) as server:
        over_smtp(server)
        for name, value in also.items():
            setattr(settings, name, value)
        delivery.send_due()

    assert [fate_of(row) for row in rows] == [(WAITS, 0)] * 3
    alerts = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(alerts) == 1

    with odd_server() as mended:
        over_smtp(mended)
        settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = False, ""
        delivery.send_due()
    assert [fate_of(row) for row in rows] == [(SENT, 1)] * 3


@pytest.mark.servers
def test_no_server_at_all_costs_no_attempt(rep: User, over_smtp: Any) -> None:
    row = make.queued(make.to_rep(rep, due_at=timezone.now()))
    over_smtp(OddServer(port=free_port()))

    delivery.send_due()

    assert fate_of(row) == (WAITS, 0)


@pytest.mark.servers
def test_a_pass_ends_with_the_first_mail_that_is_not_answered(rep: User, over_smtp: Any) -> None:
    rows = mailing.queue([make.to_rep(rep, due_at=timezone.now()) for _ in range(5)])

    with odd_server(answers={"RCPT": HANG}) as server:
        over_smtp(server)
        settled = delivery.send_due()

    assert settled == {WAITS: 1}
    assert sorted(fate_of(row) for row in rows) == [(WAITS, 0)] * 4 + [(WAITS, 1)]


@pytest.mark.servers
def test_one_connection_serves_a_pass(rep: User, over_smtp: Any) -> None:
    mailing.queue([make.to_rep(rep, due_at=timezone.now()) for _ in range(45)])

    with odd_server() as server:
        over_smtp(server)
        delivery.send_due()

    assert (len(server.received), server.connections) == (45, 1)


@pytest.mark.servers
def test_a_server_may_hang_up_between_two_mails(rep: User, over_smtp: Any) -> None:
    rows = mailing.queue([make.to_rep(rep, due_at=timezone.now()) for _ in range(3)])

    with odd_server(hangs_up_after_each=True) as server:
        over_smtp(server)
        delivery.send_due()

    assert [fate_of(row) for row in rows] == [(SENT, 1)] * 3
    assert sorted(server.message_ids) == sorted(row.message_id for row in rows)


@pytest.mark.servers
def test_what_arrives_is_what_was_written(rep: User, over_smtp: Any) -> None:
    words = ".\r\n..\n. a line with a dot\nlong " + "ä" * 2000
    row = make.queued(
        make.to_rep(rep, due_at=timezone.now(), context={"subject": "Ü" * 200, "words": words})
    )
    written = bytes(row.message)

    with odd_server() as server:
        over_smtp(server)
        delivery.send_due()

    [received] = server.received
    date, _, rest = received.partition(b"\r\n")
    assert date.startswith(b"Date: ")
    assert rest == written
    assert max(map(len, received.split(b"\r\n"))) < 998
    assert received.isascii()


# ---- the feed ------------------------------------------------------------------------------------


def happened(now: dt.datetime, count: int = 1) -> list[EventRecord]:
    records = [EventRecord(name="deal.moved", at=now, subject_kind="deal") for _ in range(count)]
    return EventRecord.objects.bulk_create(records)


def test_records_take_their_place_in_the_feed(now: dt.datetime) -> None:
    first, second, third = happened(now, 3)

    counts = [delivery.take_up(limit=2) for _ in range(3)]

    assert counts == [2, 1, 0]
    assert list(EventRecord.objects.in_feed(after=1)) == [second, third]
    assert FeedHead.objects.get().last == 3
    assert EventRecord.objects.get(pk=first.pk).position == 1


@pytest.mark.parametrize("count", [1, 3])
def test_taking_up_takes_a_fixed_number_of_queries(
    count: int, now: dt.datetime, django_assert_num_queries: Any
) -> None:
    FeedHead.objects.get_or_create(pk=1)
    happened(now, count)

    with django_assert_num_queries(7):  # two of them the savepoint
        delivery.take_up()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_feed_skips_nothing_though_commits_come_out_of_order(now: dt.datetime) -> None:
    """The smaller id commits last, after a reader has read past it."""
    other = connection.copy()
    other.set_autocommit(False)
    with closing(other), other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shared_eventrecord (name, at, subject_kind, data)"
            " VALUES ('deal.lost', now(), 'deal', '{}') RETURNING id"
        )
        [[slow]] = cursor.fetchall()
        [quick] = happened(now)

        delivery.take_up()
        read = list(EventRecord.objects.in_feed(after=0).values_list("pk", flat=True))
        other.commit()
    delivery.take_up()

    read += EventRecord.objects.in_feed(after=1).values_list("pk", flat=True)
    assert slow < quick.pk
    assert read == [quick.pk, slow]
