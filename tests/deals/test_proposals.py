"""Proposals: sent, answered by the buyer, objections met point by point."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord
from deals.actions import closing, proposals
from deals.models import Proposal
from tests.factories import deals as make

pytestmark = pytest.mark.django_db
OBJECTION = {"objection": "Too much at once", "reply": "Two waves", "is_settled": False}


@pytest.fixture
def today(now):
    return now.date()


@pytest.fixture
def deal(rep):
    return make.deal(owner=rep, currency="USD")


@pytest.fixture
def proposal(deal, rep, today):
    return proposals.send(deal, by=rep, sent_on=today - dt.timedelta(days=3), amount=900)


def last_event() -> tuple[str, dict]:
    record = EventRecord.objects.order_by("-pk").first()
    return record.name, record.data


def test_a_proposal_is_sent_in_the_deals_currency(deal, rep, today):
    sent = proposals.send(deal, by=rep, sent_on=today, amount=900, offer=" Fourteen sites ")

    assert (sent.state, sent.currency, sent.offer) == ("sent", "USD", "Fourteen sites")
    assert last_event() == (
        "proposal.sent",
        {
            "proposal_id": sent.pk,
            "sent_on": today.isoformat(),
            "amount": "900",
            "currency": "USD",
            "offer": "Fourteen sites",
        },
    )


def test_none_is_sent_tomorrow_or_on_a_closed_deal(deal, rep, today):
    with pytest.raises(ActionRefused) as refusal:
        proposals.send(deal, by=rep, sent_on=today + dt.timedelta(days=1))
    assert set(refusal.value.fields) == {"sent_on"}

    closing.lose(deal, by=rep, reason=make.reason())
    with pytest.raises(ActionRefused, match="closed"):
        proposals.send(deal, by=rep, sent_on=today)
    assert not Proposal.objects.exists()


def test_the_buyer_answers_once(proposal, rep, today):
    answered = proposals.answer(proposal, state="declined", by=rep, words=" Too much ")

    assert (answered.state, answered.answered_on, answered.words) == ("declined", today, "Too much")
    assert last_event() == (
        "proposal.answered",
        {
            "proposal_id": proposal.pk,
            "state": "declined",
            "answered_on": today.isoformat(),
            "words": "Too much",
        },
    )
    with pytest.raises(ActionRefused, match="declined already"):
        proposals.answer(proposal, state="accepted", by=rep)


def test_no_answer_comes_before_the_proposal(proposal, rep, today):
    with pytest.raises(ActionRefused) as refusal:
        proposals.answer(
            proposal, state="accepted", by=rep, answered_on=today - dt.timedelta(days=9)
        )

    assert set(refusal.value.fields) == {"answered_on"}


def test_what_is_withdrawn_has_no_answer(proposal, rep):
    withdrawn = proposals.answer(proposal, state="withdrawn", by=rep)

    assert (withdrawn.state, withdrawn.answered_on, withdrawn.is_open) == ("withdrawn", None, False)


def test_objections_are_met_point_by_point(proposal, rep):
    noted = proposals.note_objections(
        proposal, by=rep, objections=[OBJECTION, {"objection": "  "}], version=1
    )
    settled = proposals.note_objections(
        noted, by=rep, objections=[OBJECTION | {"is_settled": True}], version=2
    )

    assert (noted.objections, noted.unsettled) == ([OBJECTION], 1)
    assert (settled.unsettled, settled.version) == (0, 3)
    with pytest.raises(StaleVersion):
        proposals.note_objections(proposal, by=rep, objections=[], version=1)


def test_the_same_objections_again_are_no_news(proposal, rep):
    noted = proposals.note_objections(proposal, by=rep, objections=[OBJECTION])
    again = proposals.note_objections(noted, by=rep, objections=[OBJECTION])

    assert again.version == noted.version
    assert EventRecord.objects.filter(name="proposal.objections_noted").count() == 1


def test_fifty_objections_are_enough(proposal, rep):
    with pytest.raises(ActionRefused):
        proposals.note_objections(proposal, by=rep, objections=[OBJECTION] * 51)
