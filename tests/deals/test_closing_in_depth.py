"""What a closing can say beyond its reason, and what becomes of what was still to be done."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.events import Aftercare
from deals.actions import closing, reopening
from deals.filters import DealFilters
from deals.models import Deal, Outcome
from deals.states import Competition, OpenTasks
from deals.views.chain import chain_of
from followups.models import FollowUp
from tests.conftest import MONDAY
from tests.factories import deals as make
from tests.factories import followups, shared

PAST = {"revisit_after_days": None}


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


def open_steps(deal):
    return list(FollowUp.objects.open().filter(deal=deal).values_list("purpose", "what"))


def test_a_competitor_is_named_none_or_unknown(rep):
    reason = make.reason()
    named = closing.lose(make.deal(owner=rep), reason=reason, by=rep, competitor=make.competitor())
    none = closing.win(make.deal(owner=rep), by=rep, no_competitor=True)
    unknown = closing.lose(make.deal(owner=rep), reason=reason, by=rep)

    found = {
        which: set(DealFilters({"competition": which}, queryset=Deal.objects.all()).qs)
        for which in Competition.values
    }

    assert found == {"named": {named.deal}, "none": {none.deal}, "unknown": {unknown.deal}}


@pytest.mark.parametrize(("chosen", "kept"), [("", (False, None)), ("none", (True, None))])
def test_the_dialog_tells_nobody_else_from_not_known(page, rep, chosen, kept):
    deal = make.deal(owner=rep)

    page.post(f"/deals/{deal.pk}/lose/", {"reason": "timing", "competitor": chosen})

    outcome = Outcome.objects.get(deal=deal)
    assert (outcome.no_competitor, outcome.competitor) == kept


def test_a_day_in_the_past_is_noon_there_or_the_last_touch(page, rep):
    quiet, touched = make.deal(owner=rep), make.deal(owner=rep)
    followups.touch(touched, at=dt.datetime(2026, 4, 17, 15, tzinfo=dt.UTC))

    for deal in (quiet, touched):
        page.post(f"/deals/{deal.pk}/lose/", {"reason": "timing", "closed_on": "2026-04-17"})

    hours = [Deal.objects.get(pk=deal.pk).closed_at.hour for deal in (quiet, touched)]
    assert hours == [12, 15]
    late = page.post(f"/deals/{make.deal(owner=rep).pk}/win/", {"closed_on": "2026-04-25"})
    assert late.status_code == 422


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        (OpenTasks.CANCEL, []),
        (OpenTasks.KEEP, [("close", "Send the plan")]),
        (OpenTasks.REVISIT, [("revisit", "Send the plan")]),
    ],
)
@pytest.mark.parametrize("kind", ["lost", "won", "let go", "lost with a day to call again"])
def test_what_was_still_to_be_done_is_withdrawn_kept_or_one_call(rep, kind, choice, left):
    deal = make.deal(owner=rep)
    step = followups.next_step(deal)
    FollowUp.objects.filter(pk=step.pk).update(what="Send the plan")
    wants = Aftercare(open_tasks=choice, review=False)

    if kind == "lost":
        closing.lose(deal, reason=make.reason(), by=rep, aftercare=wants)
    elif kind == "won":
        closing.win(deal, by=rep, open_tasks=choice)
    elif kind == "let go":
        closing.disqualify(deal, by=rep, disqualified_as="duplicate", open_tasks=choice)
    else:
        wants = Aftercare(open_tasks=choice, revisit_after_days=30)
        closing.lose(deal, reason=make.reason(), by=rep, aftercare=wants)
        own = [("revisit", "")] if choice != OpenTasks.REVISIT else []
        left = sorted([*left, *own])

    assert sorted(open_steps(deal)) == left
    due = Deal.objects.get(pk=deal.pk).next_follow_up_at
    first = FollowUp.objects.open().filter(deal=deal).order_by("due_at").first()
    assert due == (first.due_at if first else None)
    reopening.undo_close(deal, by=rep, now=MONDAY)
    assert open_steps(deal) == [("close", "Send the plan")]


def test_nothing_open_makes_no_call(rep):
    deal = make.deal(owner=rep)
    FollowUp.objects.filter(deal=deal).delete()

    closing.win(deal, by=rep, open_tasks=OpenTasks.REVISIT)

    assert open_steps(deal) == []


def test_the_dialog_asks_what_becomes_of_the_open_follow_up(page, rep):
    deal = make.deal(owner=rep)
    path = f"/deals/{deal.pk}/lose/"

    assert b"open_tasks" in page.get(path).content
    page.post(path, {"reason": "no-decision", "open_tasks": "keep"})

    assert "close" in dict(open_steps(deal))


@pytest.mark.practice("A4")
def test_the_six_questions_stand_beside_what_is_known(page, rep):
    account = make.account(owner=rep)
    earlier = make.deal(owner=rep, account=account)
    closing.lose(earlier, reason=make.reason(), by=rep, competitor=make.competitor("Polarlog"))
    deal = make.deal(owner=rep, account=account, need="yes")
    for name, role, met in (("Ann", "decision_maker", True), ("Bob", "economic_buyer", False)):
        person = make.contact(owner=rep, name=name)
        deal.stakeholders.create(contact=person, role=role, met=met)
    objections = [{"objection": "Dear", "reply": "", "is_settled": False}]
    deal.proposals.create(sent_on=dt.date(2026, 4, 2), currency="EUR", objections=objections)
    followups.touch(deal, channel="call", result="answered", minutes=12, resource="Price guide")

    six = page.get(f"/deals/{deal.pk}/lose/").context["six"]

    assert {question.field.name: question.evidence for question in six} == {
        "six_decision_makers": "Met: Ann. Not met: Bob.",
        "six_problems": "The need was confirmed. 1 talk, 12 minutes.",
        "six_proposal": "Offer of Thu 2 Apr, 1 objection open.",
        "six_competitors": "Named here before: Polarlog.",
        "six_value": "Given: Price guide.",
        "six_understood": "Nothing in their own words on record.",
    }


@pytest.mark.practice("F5")
def test_the_chain_shows_all_generations_and_hides_what_is_not_ones_own(page, rep, outsider):
    first = make.deal(owner=rep, title="First")
    closing.lose(first, reason=make.reason(), by=rep)
    second = reopening.second_chance(first, by=rep, title="Second")
    closing.lose(second, reason=make.reason(), by=rep)
    third = reopening.second_chance(second, by=rep, title="Third")
    Deal.objects.filter(pk=third.pk).update(owner=outsider)

    for deal in (first, second):
        answer = page.get(f"/deals/{deal.pk}/").content.decode()
        assert all(title in answer for title in ("First", "Second"))
        assert "Third" not in answer
    seen = chain_of(third, user=outsider)
    assert ([one.title for one in seen.deals], seen.begins_unseen) == (["Third"], True)
    admin = shared.user(role="admin")
    assert [one.title for one in chain_of(second, user=admin).deals] == ["First", "Second", "Third"]


@pytest.mark.postgres  # SQLite cuts a statement after some hundred values
def test_three_hundred_are_lost_with_one_reason_and_undone_at_once(rep):
    """At most 25 statements, all effects among them (quality.md)."""
    contact = make.contact(owner=rep)
    deals = [make.deal(owner=rep, contact=contact) for _ in range(300)]
    reason = make.reason("price-or-value")

    with CaptureQueriesContext(connection) as losing:
        outcomes = closing.lose_many(
            [closing.Loss(deal=deal, reason=reason) for deal in deals], by=rep
        )
    assert len([one for one in losing if "SAVEPOINT" not in one["sql"]]) <= 25

    with CaptureQueriesContext(connection) as undoing:
        reopening.undo_close_many([one.deal for one in outcomes], by=rep, now=MONDAY)
    assert len(undoing) <= 30
    assert Deal.objects.open().count() == 300
