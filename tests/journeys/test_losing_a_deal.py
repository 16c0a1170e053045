"""A rep loses a deal on the pages, reads what was set up, undoes it, loses it again; months later it comes back."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from crm.shared.models import EventRecord, Notice
from deals.models import Deal, Outcome
from deals.states import DealStatus
from followups.models import FollowUp
from referrals.models import ReferralAsk
from reviews.models import FeedbackInvitation, Review
from tests.factories import deals, followups

HALF_A_YEAR = dt.timedelta(days=181)
STEPS = ["nurture", "revisit"]
SIX = {"six_problems": "yes", "six_value": "no", "six_understood": "unknown"}


def url(name, deal):
    return reverse(f"deals:{name}", args=[deal.pk])


def planned(deal) -> dict[str, list[str]]:
    """What is to come on a deal, by kind."""
    steps = FollowUp.objects.open().filter(deal=deal).order_by("purpose")
    return {
        "steps": list(steps.values_list("purpose", flat=True)),
        "asks": list(ReferralAsk.objects.filter(deal=deal).values_list("state", flat=True)),
        "reviews": list(Review.objects.filter(deal=deal).values_list("state", flat=True)),
        "buyers": list(
            FeedbackInvitation.objects.filter(deal=deal).values_list("state", flat=True)
        ),
    }


@pytest.fixture
def deal(rep):
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account, name="Dana Whitfield")
    made = deals.deal(owner=rep, account=account, contact=contact, stage=deals.stage("negotiation"))
    followups.touch(made)
    made.refresh_from_db()
    return made


@pytest.mark.practice("A1", "A2", "A4", "A6", "A10", "A11")
def test_one_lost_deal_all_the_way_through(rep, manager, deal, client):
    client.force_login(rep)
    before = planned(deal)
    said = {"reason": "price-or-value", "version": deal.version, "buyer_words": "Too dear"} | SIX

    card = client.post(url("lose", deal), said, follow=True)
    after_loss = planned(deal)
    undone = client.post(url("undo-close", deal), follow=True)
    deal.refresh_from_db()
    after_undo, status_after_undo = planned(deal), deal.status
    client.post(url("lose", deal), said | {"version": deal.version})

    assert [card.status_code, undone.status_code] == [200, 200]
    assert "What is set up" in card.content.decode()
    assert after_loss == {
        "steps": STEPS,
        "asks": ["due"],
        "reviews": ["planned"],
        "buyers": ["planned"],
    }
    assert (status_after_undo, after_undo["steps"]) == (DealStatus.OPEN, before["steps"])
    assert after_undo == before | {
        "asks": ["withdrawn"],
        "reviews": ["withdrawn"],
        "buyers": ["withdrawn"],
    }
    first, second = Outcome.objects.filter(deal=deal).order_by("pk")
    assert (first.undone_by, second.undone_at) == (rep, None)
    assert second.reflection == {"problems": "yes", "value": "no", "understood": "unknown"}
    assert Notice.objects.filter(user=manager, event__name="deal.lost").count() == 2


@pytest.mark.practice("F5")
def test_a_lost_deal_comes_back_and_gets_its_second_chance(rep, deal, client):
    client.force_login(rep)
    client.post(url("lose", deal), {"reason": "price-or-value", "version": deal.version})

    with time_machine.travel(timezone.now() + HALF_A_YEAR, tick=False):
        client.force_login(rep)
        today = client.get("/").content.decode()
        answer = client.post(url("second-chance", deal), {"title": "Once more"})
        [again] = Deal.objects.filter(second_chance_of=deal)
        client.post(url("win", again), {"version": again.version})

    deal.refresh_from_db()
    again.refresh_from_db()
    assert deal.account.name in today
    assert answer["Location"] == reverse("deals:deal", args=[again.pk])
    assert (deal.status, again.status, again.contact) == ("lost", "won", deal.contact)
    names = EventRecord.objects.filter(deal_id=again.pk, cause=None).values_list("name", flat=True)
    assert list(names.order_by("pk")) == ["deal.created", "deal.second_chance", "deal.won"]
