"""What reviews does when deals are closed, and when a closing is undone."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared import mailing
from crm.shared.events import Aftercare
from crm.shared.models import EventRecord, OutgoingMail
from deals.actions import closing, reopening
from deals.actions.closing import Loss, Win
from reviews.actions import inviting
from reviews.models import BuyerFeedback, FeedbackInvitation, Review
from tests.factories import deals, reviews

pytestmark = pytest.mark.django_db


def contact(rep, **fields):
    return deals.contact(owner=rep, **fields)


def consequences(name):
    return EventRecord.objects.filter(name=name).order_by("pk")


# ---- reviews -------------------------------------------------------------------------------------


@pytest.mark.practice("D8", "D11")
def test_a_loss_plans_its_review_and_says_why(rep):
    deal = reviews.lost_deal(owner=rep, account=deals.account(owner=rep))

    review = Review.objects.get()
    record = consequences("review.planned").get()
    assert (review.deal, review.outcome, review.why) == (deal, deal.outcome, "account")
    assert review.due_on == dt.date(2026, 4, 27)
    assert (record.cause.name, record.cause.deal_id) == ("deal.lost", deal.pk)
    assert record.data == {"review_id": review.pk, "due_on": "2026-04-27", "why": "account"}


@pytest.mark.practice("D2")
def test_a_win_plans_its_review(rep):
    deal = deals.deal(owner=rep, account=deals.account(owner=rep))

    closing.win(deal, by=rep)

    assert list(Review.objects.values_list("deal_id", "why")) == [(deal.pk, "account")]
    assert consequences("review.planned").get().cause.name == "deal.won"


def test_a_covered_account_and_owner_get_no_second_review(rep):
    account = deals.account(owner=rep)
    reviews.lost_deal(owner=rep, account=account)

    with_two = [reviews.lost_deal(owner=rep, account=account) for _ in range(3)]

    assert Review.objects.exclude(why="chance").count() == 1
    assert len(with_two) == 3


def test_a_review_that_the_person_left_out_is_not_planned(rep):
    deal = deals.deal(owner=rep)

    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=Aftercare(review=False))

    assert not Review.objects.exists()


def test_history_plans_nothing(rep):
    reviews.outcome(owner=rep, contact=contact(rep))

    assert (Review.objects.count(), FeedbackInvitation.objects.count()) == (0, 0)


# ---- invitations ---------------------------------------------------------------------------------


@pytest.mark.practice("A3")
def test_a_loss_plans_to_ask_the_buyer_at_nine_there(rep):
    buyer = contact(rep, time_zone="America/New_York", country="US")
    deal = reviews.lost_deal(owner=rep, contact=buyer)

    invitation = FeedbackInvitation.objects.get()
    record = consequences("feedback.invitation_planned").get()
    assert (invitation.contact, invitation.outcome, invitation.state) == (
        buyer,
        deal.outcome,
        "planned",
    )
    # Three days after Monday the 20th; nine o'clock in New York.
    assert invitation.due_at == dt.datetime(2026, 4, 23, 13, tzinfo=dt.UTC)
    assert record.cause.name == "deal.lost"
    assert record.data == {
        "invitation_id": invitation.pk,
        "contact_id": buyer.pk,
        "due_at": "2026-04-23T13:00:00+00:00",
    }


def test_the_day_moves_to_a_working_day_of_the_buyer(rep):
    # 2026-04-25 is a Saturday and Liberation Day; Monday the 27th is the next working day.
    deal = deals.deal(owner=rep, contact=contact(rep, time_zone="Europe/Rome", country="IT"))

    aftercare = Aftercare(ask_buyer=deal.contact_id, ask_buyer_after_days=5)
    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=aftercare)

    assert FeedbackInvitation.objects.get().due_at == dt.datetime(2026, 4, 27, 7, tzinfo=dt.UTC)


def test_a_closing_in_the_past_asks_from_today_on(rep, now):
    deal = deals.deal(owner=rep, contact=contact(rep))

    closing.lose(deal, reason=deals.reason(), by=rep, at=now - dt.timedelta(days=60))

    assert FeedbackInvitation.objects.get().due_at == dt.datetime(2026, 4, 20, 8, tzinfo=dt.UTC)


NOT_ASKED = {
    "nobody is named": Aftercare(ask_buyer_after_days=3),
    "no day is given": Aftercare(ask_buyer=1),
    "nothing": Aftercare(),
}


@pytest.mark.parametrize("aftercare", NOT_ASKED.values(), ids=NOT_ASKED)
def test_the_buyer_is_not_asked_where(rep, aftercare):
    deal = deals.deal(owner=rep, contact=contact(rep, pk=1))

    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=aftercare)

    assert not FeedbackInvitation.objects.exists()


UNREACHABLE = {
    "wishes no contact": {"do_not_contact": True},
    "has no address": {"email": ""},
    "wants no mail": {"email": "Stop@Example.com"},
}


@pytest.mark.parametrize("fields", UNREACHABLE.values(), ids=UNREACHABLE)
def test_nothing_is_planned_for_a_buyer_who(rep, fields):
    mailing.suppress("stop@example.com")

    reviews.lost_deal(owner=rep, contact=contact(rep, **fields))

    assert not FeedbackInvitation.objects.exists()
    assert not consequences("feedback.invitation_planned").exists()


def test_a_win_does_not_ask_why(rep):
    deal = deals.deal(owner=rep, contact=contact(rep))

    closing.win(deal, by=rep)

    assert not FeedbackInvitation.objects.exists()


# ---- batches -------------------------------------------------------------------------------------


def lose_some(rep, number):
    account = deals.account(owner=rep)
    made = [
        deals.deal(owner=rep, account=account, contact=contact(rep, account=account))
        for _ in range(number)
    ]
    return [Loss(deal=deal, reason=deals.reason()) for deal in made]


def reads_of(queries):
    """Statements without those that write rows: SQLite cuts long inserts into several."""
    return [query["sql"] for query in queries if not query["sql"].startswith("INSERT")]


@pytest.mark.parametrize("act", ["lose", "win"])
def test_a_batch_takes_the_same_queries_however_long(rep, act):
    counts = []
    for number in (1, 30):
        entries = lose_some(rep, number)
        wins = [Win(deal=entry.deal) for entry in entries]
        with CaptureQueriesContext(connection) as queries:
            closing.lose_many(entries, by=rep) if act == "lose" else closing.win_many(wins, by=rep)
        counts.append(len(reads_of(queries.captured_queries)))

    assert counts[0] == counts[1]


def test_of_a_batch_each_plan_names_its_own_cause(rep):
    closing.lose_many(lose_some(rep, 4), by=rep)

    planned = consequences("feedback.invitation_planned").select_related("cause")
    assert len(planned) == 4
    assert all(record.deal_id == record.cause.deal_id for record in planned)


# ---- undo ----------------------------------------------------------------------------------------


def undo(deal, rep, now):
    deal.refresh_from_db()
    reopening.undo_close(deal, by=rep, now=now)


def test_undoing_takes_back_what_was_planned(rep, now):
    deal = reviews.lost_deal(owner=rep, contact=contact(rep))

    undo(deal, rep, now)

    invitation = FeedbackInvitation.objects.get()
    assert Review.objects.get().state == "withdrawn"
    assert (invitation.state, invitation.withdrawn_because) == ("withdrawn", "undone")


def test_losing_it_again_plans_anew(rep, now):
    deal = reviews.lost_deal(owner=rep, contact=contact(rep))
    undo(deal, rep, now)
    deal.refresh_from_db()

    closing.lose(deal, reason=deals.reason("timing"), by=rep)

    assert sorted(Review.objects.values_list("state", flat=True)) == ["planned", "withdrawn"]
    assert sorted(FeedbackInvitation.objects.values_list("state", flat=True)) == [
        "planned",
        "withdrawn",
    ]


@pytest.fixture
def invited(rep, now, settings):
    """A lost deal whose invitation is queued and not yet on its way."""
    settings.COMPANY_ADDRESS = "1 Harbour Road, Bergen"
    deal = reviews.lost_deal(owner=rep, contact=contact(rep))
    FeedbackInvitation.objects.update(due_at=now)
    inviting.invite_due(now=now)
    return deal


def test_undoing_stops_an_invitation_that_has_not_left(rep, now, invited):
    undo(invited, rep, now)

    invitation = FeedbackInvitation.objects.get()
    assert OutgoingMail.objects.get(pk=invitation.mail_id).state == "cancelled"
    assert (invitation.state, invitation.withdrawn_because) == ("withdrawn", "undone")


def test_undoing_leaves_a_link_that_is_with_the_buyer(rep, now, invited):
    OutgoingMail.objects.filter(audience="buyer").update(state="sent", sent_at=now)

    undo(invited, rep, now)

    assert FeedbackInvitation.objects.get().state == "invited"


def test_undoing_stops_the_reminder_of_a_link_that_is_with_the_buyer(rep, now, invited):
    OutgoingMail.objects.filter(audience="buyer").update(state="sent", sent_at=now)
    inviting.remind_due(now=now + dt.timedelta(days=8))

    undo(invited, rep, now)

    invitation = FeedbackInvitation.objects.get()
    assert invitation.state == "reminded"
    assert OutgoingMail.objects.get(pk=invitation.reminder_mail_id).state == "cancelled"


def test_an_answer_survives_the_undo(rep, now):
    deal = reviews.lost_deal(owner=rep, contact=contact(rep))
    FeedbackInvitation.objects.all().delete()
    reviews.answered(owner=rep, invited=reviews.sent_invitation(owner=rep, outcome=deal.outcome))

    undo(deal, rep, now)

    assert BuyerFeedback.objects.count() == 1
    assert FeedbackInvitation.objects.get().state == "answered"
