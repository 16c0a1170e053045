"""Sending invitations: once, to the right people, and one reminder."""

import datetime as dt
import re

import pytest
from django.core import mail

from crm.shared import delivery, mailing
from crm.shared.models import EventRecord, OutgoingMail
from reviews import tasks
from reviews.actions import inviting
from reviews.models import FeedbackInvitation
from reviews.states import InvitationState
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HALF_PAST_EIGHT = dt.timedelta(minutes=30)


@pytest.fixture(autouse=True)
def company(settings):
    settings.COMPANY_NAME = "Halden Cold-Chain"
    settings.COMPANY_ADDRESS = "1 Harbour Road, Bergen"


def token_in(text):
    (token,) = re.findall(r"/feedback/([^/\s]+)/", text)
    return token


def body(message):
    return message.get_payload()[0].get_payload(decode=True).decode()


def sent(now):
    """What has left the house, as the readers get it."""
    delivery.send_due(now=now)
    return [box.message() for box in mail.outbox]


# ---- invite --------------------------------------------------------------------------------------


@pytest.mark.practice("A3", "D7")
def test_an_invitation_is_queued_once_with_a_link_that_only_its_reader_has(rep, now):
    invitation = reviews.invitation(owner=rep)

    first, second = inviting.invite_due(now=now), inviting.invite_due(now=now)

    invitation.refresh_from_db()
    queued = OutgoingMail.objects.get()
    assert (first, second) == (1, 0)
    assert (invitation.state, invitation.invited_at) == (InvitationState.INVITED, now)
    assert invitation.expires_at == now + 30 * DAY
    assert (queued.key, queued.audience, queued.contact_id, queued.deal_id) == (
        f"feedback-invitation:{invitation.pk}",
        "buyer",
        invitation.contact_id,
        invitation.deal_id,
    )
    (message,) = sent(now)
    token = token_in(body(message))
    assert len(token) == 43  # 32 bytes
    assert invitation.token_hash == inviting.hash_of(token)
    assert token not in str(FeedbackInvitation.objects.values().get())
    assert FeedbackInvitation.objects.with_token_hash(inviting.hash_of(token)).get() == invitation
    assert EventRecord.objects.get(name="feedback.invited").subject_id == invitation.pk


@pytest.mark.practice("D7")
def test_the_mail_comes_from_the_owner_and_never_sells(rep, now):
    product = deals.product("Depot monitoring")
    outcome = reviews.outcome(
        owner=rep, contact=deals.contact(owner=rep), title="Upsell, weak champion", product=product
    )
    reviews.invitation(owner=rep, outcome=outcome)

    inviting.invite_due(now=now)

    (message,) = sent(now)
    text = body(message)
    assert message["Subject"] == "What decided it for you?"
    assert message["From"].startswith("Rita Rep <")
    assert message["Reply-To"] == "rep@example.com"
    assert "Depot monitoring" in text
    assert "20 May 2026" in text or "May 20, 2026" in text
    assert not re.search(r"Upsell|champion|1,?000|EUR|price|discount", text)


def test_an_invitation_waits_for_its_time(rep, now):
    reviews.invitation(owner=rep, due_at=now + dt.timedelta(seconds=1))

    assert inviting.invite_due(now=now) == 0
    assert not OutgoingMail.objects.exists()


NEVER_SENT = {
    "wishes no contact": ({"do_not_contact": True}, "no_contact"),
    "wants no mail": ({"email": "Stop@example.com"}, "no_contact"),
    "has no address": ({"email": ""}, "no_address"),
    "has a broken address": ({"email": "no address at all"}, "not_sent"),
}


@pytest.mark.parametrize(("fields", "why"), NEVER_SENT.values(), ids=NEVER_SENT)
def test_nothing_goes_to_a_buyer_who_meanwhile(rep, now, fields, why):
    mailing.suppress("stop@example.com")
    invitation = reviews.invitation(
        owner=rep, outcome=reviews.outcome(owner=rep, contact=deals.contact(owner=rep, **fields))
    )

    inviting.invite_due(now=now)

    invitation.refresh_from_db()
    assert (invitation.state, invitation.withdrawn_because) == ("withdrawn", why)
    assert invitation.token_hash is None
    assert not OutgoingMail.objects.filter(state="scheduled").exists()


def test_without_the_companys_address_nothing_goes_to_buyers(rep, now, settings):
    settings.COMPANY_ADDRESS = ""
    invitation = reviews.invitation(owner=rep)

    inviting.invite_due(now=now)

    invitation.refresh_from_db()
    assert (invitation.state, invitation.withdrawn_because) == ("withdrawn", "not_sent")


@pytest.mark.parametrize(
    ("late", "state"),
    [(2 * DAY, "invited"), (2 * DAY + dt.timedelta(seconds=1), "withdrawn")],
)
def test_after_a_long_outage_it_is_not_sent_too_late(rep, now, late, state):
    invitation = reviews.invitation(owner=rep, due_at=now - late)

    inviting.invite_due(now=now)

    invitation.refresh_from_db()
    assert (invitation.state, invitation.withdrawn_because) == (
        state,
        "late" if state == "withdrawn" else "",
    )


def test_the_mail_is_in_the_language_of_its_reader(rep, now):
    contact = deals.contact(owner=rep, language="it")
    reviews.invitation(owner=rep, outcome=reviews.outcome(owner=rep, contact=contact))

    inviting.invite_due(now=now)

    (message,) = sent(now)
    assert message.get_payload()[1].get_payload(decode=True).decode().count('lang="it"') == 1


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_is_invited_in_a_fixed_number_of_queries(
    rep, now, django_assert_max_num_queries, number
):
    for _ in range(number):
        reviews.invitation(owner=rep)

    with django_assert_max_num_queries(14):
        assert inviting.invite_due(now=now) == number


def test_a_batch_takes_no_more_than_its_limit(rep, now):
    for _ in range(3):
        reviews.invitation(owner=rep)

    assert [inviting.invite_due(now=now, limit=2) for _ in range(3)] == [2, 1, 0]


# ---- remind --------------------------------------------------------------------------------------


@pytest.fixture
def invited(rep, now):
    """An invitation whose mail has left."""
    reviews.invitation(owner=rep)
    inviting.invite_due(now=now)
    sent(now)
    mail.outbox.clear()
    return FeedbackInvitation.objects.get()


def test_a_week_later_one_reminder_goes_with_a_link_of_its_own(now, invited):
    assert inviting.remind_due(now=now + 7 * DAY - dt.timedelta(seconds=1)) == 0
    later = now + 7 * DAY

    tries = [inviting.remind_due(now=later) for _ in range(2)]

    (message,) = sent(later)
    token = token_in(body(message))
    reminded = FeedbackInvitation.objects.get()
    assert tries == [1, 0]
    assert (reminded.state, reminded.reminded_at) == (InvitationState.REMINDED, later)
    assert reminded.reminder_token_hash == inviting.hash_of(token)
    assert (reminded.token_hash, reminded.expires_at) == (invited.token_hash, invited.expires_at)
    assert FeedbackInvitation.objects.with_token_hash(inviting.hash_of(token)).get() == invited
    assert FeedbackInvitation.objects.with_token_hash(invited.token_hash).get() == invited


NOT_REMINDED = {
    "answered": {"state": "answered"},
    "ended": {"expires_at": dt.datetime(2026, 4, 27, 8, tzinfo=dt.UTC)},
    "reminded": {"state": "reminded"},
}


@pytest.mark.parametrize("fields", NOT_REMINDED.values(), ids=NOT_REMINDED)
def test_nobody_is_reminded_who_has(now, invited, fields):
    FeedbackInvitation.objects.update(**fields)

    assert inviting.remind_due(now=now + 7 * DAY) == 0


@pytest.mark.parametrize("state", ["bounced", "missed", "suppressed", "failed", "uncertain"])
def test_nobody_is_reminded_of_a_mail_that_did_not_surely_arrive(now, invited, state):
    gone = {"sent_at": now if state == "uncertain" else None}
    OutgoingMail.objects.update(state=state, **gone)

    assert inviting.remind_due(now=now + 7 * DAY) == 0


def test_nobody_is_reminded_of_a_closing_that_was_undone(rep, now, invited):
    outcome = invited.outcome
    outcome.undone_at = now
    outcome.save()

    assert inviting.remind_due(now=now + 7 * DAY) == 0


def test_nobody_is_reminded_who_meanwhile_wishes_no_contact(now, invited):
    invited.contact.do_not_contact = True
    invited.contact.save()

    assert inviting.remind_due(now=now + 7 * DAY) == 0


def test_an_address_that_meanwhile_wants_no_mail_is_tried_once_and_left_in_peace(now, invited):
    mailing.suppress(invited.contact.email)

    tries = [inviting.remind_due(now=now + 7 * DAY) for _ in range(2)]

    invited.refresh_from_db()
    assert tries == [1, 0]
    assert (invited.state, invited.reminder_mail.state) == ("invited", "suppressed")
    assert mail.outbox == []


# ---- settle, and the task ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["invited", "reminded"])
def test_a_link_ends_after_thirty_days(now, invited, state):
    FeedbackInvitation.objects.update(state=state)

    inviting.settle(now=now + 30 * DAY - dt.timedelta(seconds=1))
    before = FeedbackInvitation.objects.get().state
    inviting.settle(now=now + 30 * DAY)

    assert (before, FeedbackInvitation.objects.get().state) == (state, "expired")


@pytest.mark.parametrize("state", ["bounced", "missed", "suppressed", "failed"])
def test_an_invitation_that_never_arrived_ends(now, invited, state):
    OutgoingMail.objects.update(state=state, sent_at=None)

    inviting.settle(now=now)

    invited.refresh_from_db()
    assert (invited.state, invited.withdrawn_because) == ("withdrawn", "not_sent")


def test_the_task_invites_reminds_and_settles_all_that_is_due(rep, now, invited, monkeypatch):
    monkeypatch.setattr(inviting, "BATCH", 2)
    arrived = {"mail": invited.mail, "invited_at": now - 8 * DAY}
    for number in range(2):
        reviews.sent_invitation(owner=rep, token=f"token {number}", **arrived)
    FeedbackInvitation.objects.filter(pk=invited.pk).update(**arrived)
    for _ in range(3):
        reviews.invitation(owner=rep)
    run_out = reviews.sent_invitation(owner=rep, expires_at=now)

    tasks.send_invitations.run()

    states = dict(FeedbackInvitation.objects.values_list("pk", "state"))
    assert sorted(states.values()) == ["expired"] + ["invited"] * 3 + ["reminded"] * 3
    assert states[run_out.pk] == "expired"
    assert str(run_out) == f"{run_out.deal} · Invited"


def test_the_task_finds_its_work_done(rep, now, invited):
    tasks.send_invitations.run()

    assert OutgoingMail.objects.count() == 1
