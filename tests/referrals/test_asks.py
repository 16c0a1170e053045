"""Referral asks: planned, asked, given, declined, waived, withdrawn."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.events import Aftercare
from crm.shared.models import EventRecord
from deals.actions import closing, reopening
from deals.actions.closing import Loss, Win
from referrals.actions import asks
from referrals.models import ReferralAsk
from referrals.states import MOVES, AskState
from tests.factories import deals, referrals, reviews

pytestmark = pytest.mark.django_db


# ---- plan ----------------------------------------------------------------------------------------


@pytest.mark.practice("A6")
def test_every_no_plans_an_ask(rep):
    contact = deals.contact(owner=rep)
    deal = reviews.lost_deal(owner=rep, contact=contact)

    ask = ReferralAsk.objects.get()
    record = EventRecord.objects.get(name="referral.ask_planned")
    assert (ask.deal, ask.outcome, ask.contact, ask.origin, ask.state) == (
        deal,
        deal.outcome,
        contact,
        "loss",
        "due",
    )
    # Fourteen days after Monday 20 April; Monday 4 May is a holiday in England.
    assert ask.due_on == dt.date(2026, 5, 5)
    assert record.cause.name == "deal.lost"
    assert record.data == {"ask_id": ask.pk, "contact_id": contact.pk, "due_on": "2026-05-05"}


@pytest.mark.practice("A6", "D2")
def test_a_win_plans_an_ask_in_thirty_days(rep):
    contact = deals.contact(owner=rep)
    deal = deals.deal(owner=rep, contact=contact)

    closing.win(deal, by=rep)

    ask = ReferralAsk.objects.get()
    assert (ask.contact, ask.origin, ask.due_on) == (contact, "win", dt.date(2026, 5, 20))
    assert EventRecord.objects.get(name="referral.ask_planned").cause.name == "deal.won"


def test_the_person_decides_whom_and_when(rep):
    other = deals.contact(owner=rep)
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))
    aftercare = Aftercare(ask_referral_after_days=1, ask_referral_of=other.pk)

    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=aftercare)

    assert list(ReferralAsk.objects.values_list("contact", "due_on")) == [
        (other.pk, dt.date(2026, 4, 21))
    ]


def test_an_ask_that_the_person_left_out_is_not_planned(rep):
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))

    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=Aftercare())

    assert not ReferralAsk.objects.exists()


def test_whoever_wishes_no_contact_is_not_the_one_to_ask(rep):
    reviews.lost_deal(owner=rep, contact=deals.contact(owner=rep, do_not_contact=True))

    assert ReferralAsk.objects.get().contact is None


def test_without_a_person_the_day_is_one_of_the_owners(rep):
    rep.country, rep.working_days, rep.time_zone = "IT", [0, 1, 2], "Europe/Rome"
    rep.save()
    deal = deals.deal(owner=rep)
    aftercare = Aftercare(ask_referral_after_days=3)

    closing.lose(deal, reason=deals.reason(), by=rep, aftercare=aftercare)

    # Thursday the 23rd is none of theirs, Monday the 27th is.
    assert ReferralAsk.objects.get().due_on == dt.date(2026, 4, 27)


def test_a_closing_in_the_past_asks_from_today_on(rep, now):
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))

    closing.lose(deal, reason=deals.reason(), by=rep, at=now - dt.timedelta(days=60))

    assert ReferralAsk.objects.get().due_on == dt.date(2026, 4, 20)


def test_history_plans_nothing(rep):
    reviews.outcome(owner=rep, contact=deals.contact(owner=rep))

    assert not ReferralAsk.objects.exists()


@pytest.mark.parametrize("act", ["lose", "win"])
def test_a_batch_takes_the_same_queries_however_long(rep, act):
    counts = []
    for number in (1, 30):
        made = [deals.deal(owner=rep, contact=deals.contact(owner=rep)) for _ in range(number)]
        losses = [Loss(deal=deal, reason=deals.reason()) for deal in made]
        wins = [Win(deal=deal) for deal in made]
        with CaptureQueriesContext(connection) as queries:
            closing.lose_many(losses, by=rep) if act == "lose" else closing.win_many(wins, by=rep)
        # SQLite cuts long inserts into several.
        counts.append(
            len([q for q in queries.captured_queries if not q["sql"].startswith("INSERT")])
        )

    assert counts[0] == counts[1]


@pytest.mark.postgres
@pytest.mark.parametrize("act", ["lose", "win"])
def test_five_hundred_closings_take_the_queries_of_one(rep, act):
    counts = []
    for number in (1, 500):
        made = [deals.deal(owner=rep, contact=deals.contact(owner=rep)) for _ in range(number)]
        losses = [Loss(deal=deal, reason=deals.reason()) for deal in made]
        wins = [Win(deal=deal) for deal in made]
        with CaptureQueriesContext(connection) as queries:
            closing.lose_many(losses, by=rep) if act == "lose" else closing.win_many(wins, by=rep)
        counts.append(len(queries))

    # A thousand events go by COPY on PostgreSQL, which asks for their ids first.
    assert counts[1] - counts[0] <= (connection.vendor == "postgresql")
    assert ReferralAsk.objects.count() == 501


# ---- from a buyer's answer -----------------------------------------------------------------------


@pytest.mark.practice("A3", "A6")
def test_a_buyer_who_names_somebody_leads_to_an_ask_today(rep):
    answer = reviews.answered(owner=rep, can_help="Ola at Fjordfisk")

    ask = ReferralAsk.objects.get()
    record = EventRecord.objects.get(name="referral.ask_planned")
    assert (ask.origin, ask.due_on, ask.contact) == (
        "feedback",
        dt.date(2026, 4, 20),
        answer.contact,
    )
    assert record.cause.name == "feedback.received"


def test_without_consent_the_ask_names_nobody(rep):
    reviews.answered(owner=rep, can_help="Ola at Fjordfisk", show_name=False)

    assert ReferralAsk.objects.get().contact is None


def test_an_ask_that_waits_is_brought_forward_instead_of_doubled(rep):
    invitation = reviews.sent_invitation(owner=rep)
    waiting = referrals.ask(owner=rep, outcome=invitation.outcome, due_on=dt.date(2026, 6, 1))

    reviews.answered(owner=rep, invited=invitation, can_help="Ola at Fjordfisk")

    ask = ReferralAsk.objects.get()
    assert (ask.pk, ask.origin, ask.due_on, ask.version) == (
        waiting.pk,
        "feedback",
        dt.date(2026, 4, 20),
        2,
    )
    assert ask.contact == invitation.contact


def test_without_consent_the_ask_that_waits_does_not_tell_who_answered(rep):
    invitation = reviews.sent_invitation(owner=rep)
    day = dt.date(2026, 6, 1)
    waiting = referrals.ask(owner=rep, outcome=invitation.outcome, due_on=day)

    reviews.answered(owner=rep, invited=invitation, can_help="Ola at Fjordfisk", show_name=False)

    rows = ReferralAsk.objects.order_by("pk").values_list("contact", "origin", "due_on")
    assert list(rows) == [
        (waiting.contact_id, "loss", day),
        (None, "feedback", dt.date(2026, 4, 20)),
    ]


def test_an_answered_ask_is_followed_by_a_new_one(rep, now):
    invitation = reviews.sent_invitation(owner=rep)
    asks.declined(referrals.ask(owner=rep, outcome=invitation.outcome), by=rep, now=now)

    reviews.answered(owner=rep, invited=invitation, can_help="Ola at Fjordfisk")

    assert sorted(ReferralAsk.objects.values_list("state", flat=True)) == ["declined", "due"]


def test_an_answer_that_names_nobody_opens_nothing(rep):
    reviews.answered(owner=rep)

    assert not ReferralAsk.objects.exists()


# ---- carry out -----------------------------------------------------------------------------------


def test_asked_keeps_when_and_what_was_sent(rep, now):
    ask = referrals.ask(owner=rep)

    done = asks.asked(ask, by=rep, now=now, letter=" Hello Helen ", version=1)

    record = EventRecord.objects.get(name="referral.asked")
    assert (done.state, done.asked_at, done.letter, done.version) == (
        "asked",
        now,
        "Hello Helen",
        2,
    )
    assert (record.actor, record.deal_id, record.data) == (
        rep,
        ask.deal_id,
        {"ask_id": ask.pk, "state": "asked"},
    )


@pytest.mark.parametrize(("act", "state"), [(asks.given, "given"), (asks.declined, "declined")])
def test_an_answer_follows_the_question(rep, now, act, state):
    ask = asks.asked(referrals.ask(owner=rep), by=rep, now=now)
    later = now + dt.timedelta(days=3)

    done = act(ask, by=rep, now=later)

    assert (done.state, done.asked_at, done.answered_at) == (state, now, later)
    assert EventRecord.objects.latest("pk").data == {"ask_id": ask.pk, "state": state}


@pytest.mark.parametrize("act", [asks.given, asks.declined])
def test_asked_and_answered_in_the_same_breath(rep, now, act):
    done = act(referrals.ask(owner=rep), by=rep, now=now)

    assert (done.asked_at, done.answered_at) == (now, now)


@pytest.mark.practice("A6")
def test_waiving_takes_a_reason(rep, now):
    ask = referrals.ask(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        asks.waive(ask, by=rep, why="  ")
    done = asks.waive(ask, by=rep, why=" They left the company ")

    assert set(refusal.value.fields) == {"why"}
    assert (done.state, done.why_waived) == ("waived", "They left the company")
    assert EventRecord.objects.get(name="referral.asked").data == {
        "ask_id": ask.pk,
        "state": "waived",
    }


def test_an_ask_without_an_answer_can_be_waived(rep, now):
    ask = asks.asked(referrals.ask(owner=rep), by=rep, now=now)

    assert asks.waive(ask, by=rep, why="No answer came").state == "waived"


ACTS = {
    "asked": lambda ask, by, now: asks.asked(ask, by=by, now=now),
    "given": lambda ask, by, now: asks.given(ask, by=by, now=now),
    "declined": lambda ask, by, now: asks.declined(ask, by=by, now=now),
    "waived": lambda ask, by, now: asks.waive(ask, by=by, why="why not"),
}
NEEDED = {
    "asked": {"asked_at": dt.datetime(2026, 4, 20, tzinfo=dt.UTC)},
    "waived": {"why_waived": "why not"},
}
ANSWER = {
    "asked_at": dt.datetime(2026, 4, 20, tzinfo=dt.UTC),
    "answered_at": dt.datetime(2026, 4, 20, tzinfo=dt.UTC),
}


@pytest.mark.parametrize("state", AskState.values)
@pytest.mark.parametrize(("new", "act"), ACTS.items(), ids=ACTS)
def test_the_table_of_moves_holds(rep, now, state, new, act):
    answer = ANSWER if state in {"given", "declined"} else {}
    ask = referrals.ask(owner=rep, state=state, **NEEDED.get(state, {}), **answer)

    if new in MOVES[state]:
        assert act(ask, rep, now).state == new
    else:
        with pytest.raises(ActionRefused, match="already"):
            act(ask, rep, now)


def test_a_stale_ask_is_refused(rep, now):
    ask = referrals.ask(owner=rep, version=4)

    with pytest.raises(StaleVersion):
        asks.asked(ask, by=rep, now=now, version=3)

    ask.refresh_from_db()
    assert ask.state == "due"


# ---- withdraw ------------------------------------------------------------------------------------


def test_undoing_takes_back_what_was_not_asked_yet(rep, now):
    deal = reviews.lost_deal(owner=rep, contact=deals.contact(owner=rep))

    reopening.undo_close(deal, by=rep, now=now)

    assert list(ReferralAsk.objects.values_list("state", "version")) == [("withdrawn", 2)]


def test_undoing_leaves_what_was_asked(rep, now):
    deal = reviews.lost_deal(owner=rep, contact=deals.contact(owner=rep))
    asks.asked(ReferralAsk.objects.get(), by=rep, now=now)
    deal.refresh_from_db()

    reopening.undo_close(deal, by=rep, now=now)

    assert ReferralAsk.objects.get().state == "asked"


# ---- what one sees -------------------------------------------------------------------------------


def test_asks_are_seen_with_their_deal(rep, manager, colleague, outsider, viewer, admin):
    ask = referrals.ask(owner=rep)

    seen = {
        user.name.split()[0]: list(ReferralAsk.objects.visible_to(user)) == [ask]
        for user in (rep, manager, admin, colleague, outsider, viewer)
    }

    assert seen == {
        "Rita": True,
        "Mona": True,
        "Ada": True,
        "Carl": False,
        "Otto": False,
        "Vera": False,
    }
    assert str(ask) == f"{ask.deal} · To be asked"
