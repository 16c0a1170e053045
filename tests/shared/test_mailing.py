"""Queueing mail: one row a key, who wants none, what stands in the bytes."""

import datetime as dt
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.core import mail as local
from django.db import transaction
from django.test import Client

from crm.shared import delivery, letters, mailing
from crm.shared.errors import ActionRefused
from crm.shared.models import OutgoingMail, Suppression, User
from crm.shared.states import MailState, Scope
from tests.factories import mail as make

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
HOSTILE = [
    "Hello\r\nBcc: everybody@example.com",
    "Hello\nBcc: everybody@example.com",
    "Hello\rBcc: everybody@example.com",
    "Hello\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029Bcc: everybody@example.com",
    "Hello\r\n\r\n<script>",
    "=?utf-8?q?Hello=0D=0ABcc:_everybody=40example.com?=",
    '"Hello" <everybody@example.com>, other',
    "\ud800 half a letter",
]


@pytest.fixture(autouse=True)
def _templates(settings: Any) -> None:
    make.use_templates(settings)


def read(row: OutgoingMail) -> Any:
    return message_from_bytes(bytes(row.message), policy=default)


# ---- rows ----------------------------------------------------------------------------------------


def test_a_mail_queued_twice_is_one(rep: User, now: dt.datetime) -> None:
    [first] = mailing.queue([make.to_rep(rep, due_at=now, key="digest:1:2026-04-20")])
    again = make.to_rep(rep, due_at=now + HOUR, key="digest:1:2026-04-20", context={})

    [second] = mailing.queue([again])

    assert second == first
    assert second.due_at == now
    assert OutgoingMail.objects.count() == 1


def test_rows_come_back_in_the_order_asked_for(rep: User, now: dt.datetime) -> None:
    mailing.queue([make.to_rep(rep, due_at=now, key="b")])

    rows = mailing.queue([make.to_rep(rep, due_at=now, key=key) for key in ["c", "b", "a", "b"]])

    assert [row.key for row in rows] == ["c", "b", "a", "b"]
    assert OutgoingMail.objects.count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_takes_a_fixed_number_of_queries(
    count: int, rep: User, now: dt.datetime, django_assert_num_queries: Any
) -> None:
    mails = [make.to_rep(rep, due_at=now) for _ in range(count)]
    mails += [make.to_buyer(due_at=now) for _ in range(count)]

    with transaction.atomic(), django_assert_num_queries(7):  # two of them the savepoint
        mailing.queue(mails)


def test_a_rolled_back_transaction_leaves_no_mail(rep: User, now: dt.datetime) -> None:
    with transaction.atomic():
        mailing.queue([make.to_rep(rep, due_at=now)])
        transaction.set_rollback(True)

    assert not OutgoingMail.objects.exists()


def test_a_mail_to_a_buyer_names_its_contact(now: dt.datetime) -> None:
    with pytest.raises(ValueError, match="names its contact"):
        make.to_buyer(due_at=now, contact_id=None)


def test_what_waits_can_be_cancelled_and_what_goes_out_cannot(rep: User, now: dt.datetime) -> None:
    rows = mailing.queue([make.to_rep(rep, due_at=now, key=key) for key in "ab"])
    OutgoingMail.objects.filter(key="b").update(
        state=MailState.SENDING, claim_token="0" * 32, lease_until=now
    )

    stopped = mailing.cancel(OutgoingMail.objects.filter(pk__in=[row.pk for row in rows]))

    assert stopped == 1
    assert list(OutgoingMail.objects.order_by("key").values_list("state", flat=True)) == [
        MailState.CANCELLED,
        MailState.SENDING,
    ]


# ---- what it says --------------------------------------------------------------------------------


def test_a_mail_to_a_rep_is_whole(rep: User, now: dt.datetime) -> None:
    row = make.queued(make.to_rep(rep, due_at=now))

    message = read(row)

    assert {name: str(message[name]) for name in set(message.keys())} == {
        "Message-ID": row.message_id,
        "Subject": "Your day",
        "From": "Rebound <rebound@localhost>",
        "To": "Rita Rep <rep@example.com>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": str(message["Content-Type"]),
        "MIME-Version": "1.0",
    }
    assert "Three calls." in message.get_body(("plain",)).get_content()
    assert "<p>Three calls.</p>" in message.get_body(("html",)).get_content()


def test_a_mail_to_a_buyer_says_who_we_are_and_how_to_stop_it(
    now: dt.datetime, settings: Any
) -> None:
    row = make.queued(make.to_buyer(due_at=now, from_name="Rita Rep", reply_to="rep@example.com"))

    message = read(row)
    link = message["List-Unsubscribe"].strip("<>")

    assert link.startswith(f"{settings.BASE_URL}/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["From"] == "Rita Rep <rebound@localhost>"
    assert message["Reply-To"] == "rep@example.com"
    for kind in ("plain", "html"):
        words = message.get_body((kind,)).get_content()
        assert [part in words for part in ("1 Mill Lane, Ludlow", link)] == [True, True]
        assert "http://" not in words.replace(settings.BASE_URL, "")  # no pixel, no other site


def test_a_mail_is_written_in_its_readers_language(rep: User, now: dt.datetime) -> None:
    rep.language = "it"
    context = {"subject": now.date(), "words": "…"}

    row = make.queued(make.to_rep(rep, due_at=now, context=context))

    assert row.subject == "20 Aprile 2026"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_header_can_be_smuggled_in(hostile: str, rep: User, now: dt.datetime) -> None:
    rep.name = hostile
    mails = [
        make.to_rep(rep, due_at=now, context={"subject": hostile, "words": hostile}),
        make.to_buyer(
            due_at=now, from_name=hostile, to_name=hostile, reply_to=f"a@b.example{hostile}"
        ),
    ]

    rows = mailing.queue(mails)

    for row in rows:
        message = read(row)
        assert message["Bcc"] is None
        assert message["To"].addresses[0].addr_spec == row.to_address
        assert len(message["To"].addresses) == len(message["From"].addresses) == 1
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c.example",
        "a b@c.example",
        "a@c.example\r\nBcc: d@e.example",
        "ü@c.example",
    ],
)
def test_what_is_no_address_is_refused_and_seen(address: str, rep: User, now: dt.datetime) -> None:
    good, bad = mailing.queue(
        [make.to_rep(rep, due_at=now), make.to_buyer(due_at=now, to_address=address)]
    )

    assert good.state == MailState.SCHEDULED
    assert bad.state == MailState.FAILED
    assert "is not an e-mail address" in bad.last_error
    assert list(OutgoingMail.objects.problems()) == [bad]


def test_an_international_domain_is_written_in_ascii(now: dt.datetime) -> None:
    row = make.queued(make.to_buyer(due_at=now, to_address=" Jo@Bücher.example "))

    assert row.normal_address == "jo@xn--bcher-kva.example"
    assert read(row)["To"] == "Jo@xn--bcher-kva.example"


def test_the_same_moment_gives_the_same_bytes(rep: User, now: dt.datetime) -> None:
    row = make.queued(make.to_rep(rep, due_at=now))

    first, second = (
        letters.dated(bytes(row.message), now + dt.timedelta(microseconds=n)) for n in (1, 9)
    )

    assert first == second
    assert first.startswith(b"Date: Mon, 20 Apr 2026 08:00:00 +0000\r\nMessage-ID: <")


# ---- who wants none ------------------------------------------------------------------------------


def test_buyers_get_no_mail_before_our_address_is_known(
    rep: User, now: dt.datetime, settings: Any
) -> None:
    settings.COMPANY_ADDRESS = " "
    mails = [make.to_rep(rep, due_at=now, key="r"), make.to_buyer(due_at=now, key="b")]

    to_rep, to_buyer = mailing.queue(mails)

    assert (to_rep.state, to_buyer.state) == (MailState.SCHEDULED, MailState.FAILED)
    assert "COMPANY_ADDRESS" in to_buyer.last_error
    assert to_buyer.subject == "One question"

    settings.COMPANY_ADDRESS = "1 Mill Lane, Ludlow"
    assert [row.state for row in mailing.queue(mails)] == [MailState.SCHEDULED] * 2


def test_a_suppressed_address_gets_no_mail_whoever_asks(rep: User, now: dt.datetime) -> None:
    refusal = mailing.suppress("Buyer@Example.com ", why="asked on the phone", by=rep)
    rep.email = "BUYER@example.com"

    rows = mailing.queue(
        [
            make.to_buyer(due_at=now, to_address="buyer@EXAMPLE.com"),
            make.to_rep(rep, due_at=now),
            make.to_buyer(due_at=now, to_address="other@example.com"),
        ]
    )

    assert [row.state for row in rows] == [
        MailState.SUPPRESSED,
        MailState.SUPPRESSED,
        MailState.SCHEDULED,
    ]
    assert rows[0].last_error == "buyer@example.com wants no mail since April 20, 2026."
    assert mailing.suppress("buyer@example.com", why="again") == refusal
    assert Suppression.objects.get().why == "asked on the phone"
    assert bytes(rows[0].message) == b""


def test_a_refusal_of_one_kind_leaves_the_others(now: dt.datetime) -> None:
    mailing.suppress("buyer@example.com", scope=Scope.NURTURE)

    rows = mailing.queue(
        [
            make.to_buyer(due_at=now, to_address="buyer@example.com", scope=Scope.NURTURE),
            make.to_buyer(due_at=now, to_address="buyer@example.com"),
        ]
    )

    assert [row.state for row in rows] == [MailState.SUPPRESSED, MailState.SCHEDULED]


def test_a_refusal_stops_what_waits(now: dt.datetime) -> None:
    kept = make.queued(make.to_buyer(due_at=now, to_address="buyer@example.com"))
    stopped = make.queued(
        make.to_buyer(due_at=now, to_address="BUYER@example.com", scope=Scope.NURTURE)
    )

    mailing.suppress("buyer@example.com", scope=Scope.NURTURE)

    assert OutgoingMail.objects.get(pk=kept.pk).state == MailState.SCHEDULED
    assert OutgoingMail.objects.get(pk=stopped.pk).state == MailState.SUPPRESSED

    mailing.suppress("buyer@example.com")

    assert OutgoingMail.objects.get(pk=kept.pk).state == MailState.SUPPRESSED


def test_a_refusal_says_since_when() -> None:
    mailing.suppress("buyer@example.com")

    mailing.refuse_if_suppressed("other@example.com")
    with pytest.raises(ActionRefused) as refused:
        mailing.refuse_if_suppressed("Buyer@example.com")

    assert refused.value.message == "buyer@example.com wants no mail since April 20, 2026."


def test_many_addresses_are_looked_up_at_once(django_assert_num_queries: Any) -> None:
    refusal = mailing.suppress("a@example.com")
    mailing.suppress("b@example.com", scope=Scope.NURTURE)

    with django_assert_num_queries(1):
        found = mailing.suppressed_among(["A@example.com", "b@example.com", "c@example.com"])

    assert found == {"a@example.com": refusal}


# ---- who sees what -------------------------------------------------------------------------------


def test_mail_and_refusals_are_seen_by_those_concerned(
    rep: User, colleague: User, admin: User, viewer: User, now: dt.datetime
) -> None:
    own = make.queued(make.to_rep(rep, due_at=now))
    refusal = mailing.suppress("buyer@example.com")

    seen = {user: list(OutgoingMail.objects.visible_to(user)) for user in (rep, colleague, admin)}

    assert seen == {rep: [own], colleague: [], admin: [own]}
    assert list(Suppression.objects.visible_to(rep)) == [refusal]
    assert list(Suppression.objects.visible_to(viewer)) == []


# ---- opting out ----------------------------------------------------------------------------------


def path_of(row: OutgoingMail, settings: Any) -> str:
    link: str = read(row)["List-Unsubscribe"].strip("<>")
    return link.removeprefix(settings.BASE_URL)


def test_one_click_opts_out_without_cookies_as_often_as_it_comes(
    now: dt.datetime, settings: Any
) -> None:
    row = make.queued(make.to_buyer(due_at=now + HOUR, to_address="buyer@example.com"))
    client = Client(enforce_csrf_checks=True)
    one_click = {"List-Unsubscribe": "One-Click"}

    answers = [client.post(path_of(row, settings), one_click) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [dict(answer.cookies) for answer in answers] == [{}, {}]
    assert Suppression.objects.get().address == "buyer@example.com"
    assert OutgoingMail.objects.get().state == MailState.SUPPRESSED
    assert delivery.send_due(now=now + HOUR).total() == 0
    assert local.outbox == []


def test_following_the_link_changes_nothing_and_shows_a_button(
    now: dt.datetime, settings: Any
) -> None:
    row = make.queued(make.to_buyer(due_at=now, to_address="buyer@example.com"))
    client = Client(enforce_csrf_checks=True)

    answers = [client.get(path_of(row, settings)) for _ in range(3)]
    answers += [client.head(path_of(row, settings))]

    assert {answer.status_code for answer in answers} == {200}
    assert b'<form method="post">' in answers[0].content
    assert answers[0]["Referrer-Policy"] == "no-referrer"
    assert not Suppression.objects.exists()
    assert OutgoingMail.objects.get().state == MailState.SCHEDULED


def test_only_the_kind_of_the_mail_is_stopped(now: dt.datetime, settings: Any) -> None:
    row = make.queued(make.to_buyer(due_at=now, scope=Scope.NURTURE))

    Client().post(path_of(row, settings))

    assert Suppression.objects.get().scope == Scope.NURTURE


@pytest.mark.parametrize("token", ["nonsense", "a@b:c", "x" * 500])
def test_a_link_that_is_not_ours_leads_nowhere(token: str) -> None:
    assert Client().post(f"/unsubscribe/{token}/").status_code == 404
    assert not Suppression.objects.exists()


def test_rows_say_what_they_are(rep: User, now: dt.datetime) -> None:
    row = make.queued(make.to_rep(rep, due_at=now))

    assert str(row) == "Your day → rep@example.com"
    assert str(mailing.suppress("a@example.com")) == "a@example.com (every message)"
