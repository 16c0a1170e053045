"""The timeline of a deal: who spoke, what was planned, in words."""

import datetime as dt

import pytest

from crm.shared.models import EventRecord
from deals.actions import closing, pipeline, reopening
from deals.models import Deal
from deals.views.entries import Facts
from deals.views.timeline_words import entry_of
from followups.actions import touches
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    account = make.account(owner=rep, name="Brightwater Foods")
    person = make.contact(owner=rep, name="Dana Whitfield", account=account)
    return make.deal(owner=rep, title="Monitoring", account=account, contact=person)


@pytest.fixture
def page(client, rep):
    """A browser in which the rep is signed in."""
    client.force_login(rep)
    return client


def touch(deal, rep, now, *, days, **facts):
    known = {"channel": "call", "result": "answered", "contact": deal.contact}
    touches.log_touch(deal, by=rep, at=now - dt.timedelta(days=days), **(known | facts))


def test_the_timeline_tells_who_spoke(page, deal, rep, now):
    Deal.objects.filter(pk=deal.pk).update(opened_at=now - dt.timedelta(days=30))
    touch(deal, rep, now, days=3, note="“Priya decides.”", minutes=18, signal="warmer")
    touch(deal, rep, now, days=2, channel="email", result="sent", note="Offer sent.")
    touch(deal, rep, now, days=1, result="no_answer")

    answer = page.get(f"/deals/{deal.pk}/")

    timeline = [entry for entry in answer.context["timeline"].entries if entry.title != "Opened"]
    assert [
        (entry.title, entry.detail, entry.kind, entry.voice, entry.text) for entry in timeline
    ] == [
        ("Call, no answer", "to Dana Whitfield", "no", "", ""),
        ("E-mail, sent", "to Dana Whitfield", "no", "", "Offer sent."),
        ("Dana Whitfield answered", "call", "in", "“Priya decides.”", ""),
    ]
    assert [line.text for line in timeline[0].planned] == ["Next: e-mail"]
    assert ([mark.text for mark in timeline[2].marks], timeline[2].minutes) == (["warmer"], 18)


def test_a_loss_of_the_past_stands_on_its_day(page, deal, rep, now):
    Deal.objects.filter(pk=deal.pk).update(opened_at=now - dt.timedelta(days=30))
    touch(deal, rep, now, days=9)
    deal.refresh_from_db()
    lost_at = now - dt.timedelta(days=5)
    pipeline.edit(deal, by=rep, title="Monitoring of all halls")
    closing.lose(deal, by=rep, reason=make.reason("timing"), at=lost_at)

    entries = page.get(f"/deals/{deal.pk}/").context["timeline"].entries

    told = [(entry.title, entry.at) for entry in entries if entry.title != "Opened"]
    assert [title for title, _at in told] == ["Edited", "Lost: Timing", "Dana Whitfield answered"]
    assert told[1] == ("Lost: Timing", lost_at)


def test_the_sides_can_be_told_apart(page, deal, rep, now):
    touch(deal, rep, now, days=2, direction="in", channel="email", result="replied", note="Soon.")
    touch(deal, rep, now, days=1, result="no_answer")

    buyer = page.get(f"/deals/{deal.pk}/?show=buyer").context["timeline"].entries
    us = page.get(f"/deals/{deal.pk}/?show=us").context["timeline"].entries

    assert [(entry.title, entry.voice) for entry in buyer] == [("Dana Whitfield replied", "Soon.")]
    assert [entry.title for entry in us] == ["Call, no answer"]


def test_a_closing_stands_above_what_it_set_up(page, deal, rep):
    closing.lose(deal, by=rep, reason=make.reason("poor-fit"))

    answer = page.get(f"/deals/{deal.pk}/")

    first = answer.context["timeline"].entries[0]
    assert (first.title, first.detail) == ("Lost: Poor fit", "by Rita Rep")
    assert [line.text for line in first.planned] == [
        "Dana is asked why, neutrally",
        "Review, ten minutes",
        "You ask Dana for a referral",
    ]


def test_an_undone_closing_stays_on_the_record(page, deal, rep, now):
    closing.lose(deal, by=rep, reason=make.reason("timing"), buyer_words="Not now.")
    reopening.undo_close(deal, by=rep, now=now)

    answer = page.get(f"/deals/{deal.pk}/")

    shown = {entry.title: entry for entry in answer.context["timeline"].entries}
    assert shown["Lost: Timing"].voice == "Not now."
    assert [mark.text for mark in shown["Lost: Timing"].marks] == ["undone"]
    assert "Closing undone" in shown


def test_an_edit_says_what_was_and_what_is(page, deal, rep):
    pipeline.edit(deal, by=rep, amount=2000, expected_close_on=dt.date(2026, 6, 1), need="yes")

    first = page.get(f"/deals/{deal.pk}/").context["timeline"].entries[0]

    assert (first.title, first.text) == (
        "Edited",
        "Amount: 1,000.00 → 2,000.00; Expected close: – → Mon 1 Jun; Need: don’t know → yes",
    )


def test_a_long_history_comes_whole_when_asked_for(page, deal, rep, monkeypatch):
    monkeypatch.setattr("deals.views.timeline.ROWS", 1)
    pipeline.edit(deal, by=rep, amount=2000)

    short = page.get(f"/deals/{deal.pk}/").context["timeline"]
    whole = page.get(f"/deals/{deal.pk}/?whole=1").context["timeline"]

    assert (len(short.entries), short.has_more) == (1, True)
    assert (len(whole.entries), whole.has_more) == (2, False)


WORDS = [
    ("deal.created", {}, "Opened"),
    ("deal.created", {"second_chance_of": 3}, "Opened as a second chance"),
    ("deal.moved", {"from_stage": "A", "to_stage": "B", "days_in_stage": 1}, "A → B"),
    ("deal.lost", {"outcome_id": 1, "reason": "timing", "automatic": True}, "Lost: timing"),
    ("deal.disqualified", {"outcome_id": 1, "disqualified_as": "duplicate"}, "Let go: Duplicate"),
    ("deal.won", {"outcome_id": 1}, "Won"),
    (
        "deal.past_closing_recorded",
        {"outcome_id": 1, "kind": "lost", "reason": ""},
        "A closing of the past came in",
    ),
    ("deal.created", {"repeat_of": 3}, "Opened as repeat business"),
    ("deal.confidence_stated", {"percent": 60, "was": 75}, "Confidence 60 %"),
    ("deal.parked", {"until": "2026-05-04", "because": "Budget"}, "Parked until Mon 4 May"),
    ("deal.unparked", {}, "Taken up again"),
    ("deal.shared", {"added": [1], "removed": []}, "Shared with a colleague"),
    ("deal.shared", {"added": [], "removed": [1]}, "Shared with fewer"),
    (
        "deal.stakeholder_placed",
        {"contact_id": 1, "role": "champion", "was": "", "stance": 0, "met": False},
        "Somebody takes part",
    ),
    (
        "deal.stakeholder_placed",
        {"contact_id": 1, "role": "champion", "was": "user", "stance": 0, "met": False},
        "Somebody takes part in another way",
    ),
    (
        "deal.stakeholder_removed",
        {"contact_id": 1, "role": "champion"},
        "Somebody is off the deal",
    ),
    (
        "proposal.sent",
        {"amount": "52900", "currency": "EUR", "offer": "Two waves"},
        "Proposal sent",
    ),
    ("proposal.answered", {"state": "accepted", "words": ""}, "Proposal accepted"),
    ("proposal.answered", {"state": "declined", "words": "No"}, "Proposal declined"),
    ("proposal.answered", {"state": "withdrawn", "words": ""}, "Proposal withdrawn"),
    (
        "proposal.objections_noted",
        {"objections": [{"objection": "Price", "reply": "Two waves", "is_settled": True}]},
        "Objections noted",
    ),
    ("order.opened", {}, "The order is open"),
    (
        "order.moved",
        {"was": "confirmed", "state": "issue", "on": "2026-05-04", "issue": "Late"},
        "Order: issue",
    ),
    ("order.edited", {"changes": {}}, "Order edited"),
    (
        "order.value_checked",
        {"after_days": 30, "skipped": True, "satisfaction": None, "words": ""},
        "Value check after 30 days",
    ),
    (
        "order.value_checked",
        {"after_days": 90, "skipped": False, "satisfaction": 8, "words": "Good"},
        "Value check after 90 days",
    ),
    ("deal.at_risk", {"unanswered": 6, "silent_days": 41}, "Meets its stop rule"),
    ("deal.kept_open", {"what": "Demo"}, "Kept open"),
    ("plan.agreed", {"interval_days": 7}, "Rhythm agreed"),
    ("follow_up.planned", {"channel": "call", "purpose": "close"}, "Next: call"),
    ("follow_up.planned", {"channel": "post", "purpose": "close"}, "Next step"),
    ("follow_up.planned", {"what": "Demo", "purpose": "close"}, "Next: Demo"),
    ("follow_up.planned", {"channel": "call", "purpose": "revisit"}, "Call again"),
    ("follow_up.planned", {"channel": "post", "purpose": "revisit"}, "Be in touch again"),
    ("follow_up.planned", {"purpose": "nurture"}, "Stay in touch"),
    ("follow_up.done", {"skipped": True}, "Follow-up left out"),
    ("follow_up.done", {}, "Follow-up done"),
    ("review.planned", {"due_on": "2026-04-27"}, "Review, ten minutes"),
    ("review.held", {}, "Review held"),
    ("feedback.invitation_planned", {}, "The buyer is asked why, neutrally"),
    ("feedback.invited", {}, "The buyer was asked why"),
    ("feedback.received", {}, "The buyer answered"),
    ("referral.ask_planned", {}, "You ask for a referral"),
    ("referral.asked", {"state": "given"}, "A referral was given"),
    ("referral.asked", {"state": "forgotten"}, "Referral ask"),
    ("something.new", {}, "something.new"),
    (
        "touch.logged",
        {"channel": "pigeon", "result": "replied", "direction": "in", "heard": True},
        "The buyer replied",
    ),
    (
        "touch.logged",
        {"channel": "meeting", "result": "kept", "direction": "out", "heard": True},
        "Meeting kept",
    ),
    (
        "touch.logged",
        {"channel": "email", "result": "out_of_office", "direction": "in", "heard": False},
        "E-mail, out of office",
    ),
]


@pytest.mark.parametrize(("name", "data", "title"), WORDS)
def test_every_event_has_words(now, name, data, title):
    record = EventRecord(name=name, at=now, data=data)

    assert entry_of(record, Facts(names={}, outcomes={})).title == title
