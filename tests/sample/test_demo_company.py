"""The command: one company, passwords shown once, the cases that a sample must have, the same for a seed."""

import datetime as dt
from collections import Counter

import pytest
import time_machine
from django.core.management import CommandError
from django.test import Client

from crm.sample import bulk, people
from crm.shared.due import Rank, due_for
from crm.shared.models import Notice, User
from deals.models import Deal, Outcome
from deals.states import DealStatus
from referrals.models import ReferralAsk
from reviews.models import BuyerFeedback, Review
from reviews.states import ReviewState
from tests.factories import sample, shared

pytestmark = pytest.mark.django_db


def deal_of(account: str) -> Deal:
    """The deal of a story; made-up accounts may happen to have the same name."""
    return Deal.objects.exclude(contact__email__startswith="buyer").get(account__name=account)


def test_every_case_is_there(now: dt.datetime) -> None:
    sample.company()

    silent = deal_of("Vale Hospitals")
    assert silent.closes_on == now.date() + dt.timedelta(days=3)
    assert silent.unanswered_touches == 6
    rival = Outcome.objects.get(deal=deal_of("Kestrel Logistics"))
    assert (str(rival.reason), str(rival.competitor)) == ("Lost to a competitor", "Frostwatch")
    undecided = ReferralAsk.objects.get(deal=deal_of("Polmed Hurtownia"))
    assert undecided.due_on <= now.date()
    won = Deal.objects.get(account__name="Bergen Sjømat", status=DealStatus.WON)
    assert won.second_chance_of is not None
    assert won.second_chance_of.status == DealStatus.LOST
    assert Notice.objects.filter(event__name="deal.won", event__deal_id=won.pk).exists()
    assert deal_of("Ostrava Fresh").agreed_until == now + dt.timedelta(days=7)
    closed = Outcome.objects.get(deal=deal_of("Harbour Catering"))
    assert (closed.automatic, closed.at) == (True, now)
    two_sides = BuyerFeedback.objects.get(deal=deal_of("Tessaro Surgelati"))
    assert str(two_sides.reason) == "Relationship or trust"
    assert str(two_sides.invitation.outcome.reason) == "Price or value"
    overdue = Review.objects.get(deal=deal_of("Castello Bakeries"))
    assert overdue.due_on == now.date() - dt.timedelta(days=4)
    held = Review.objects.get(deal=deal_of("Lund Wholesale"))
    assert held.state == ReviewState.HELD
    assert held.next_times.count() == 1


def test_a_chain_of_referrals_and_reps_with_too_few_closings() -> None:
    sample.company(deals=1)

    sources = [
        deal_of(name).source for name in ("Alder Clinics", "Finch Pharmacy", "Rhone Biotech")
    ]
    assert sources == [
        "",
        "Referred by Helen Finch, Alder Clinics (lost)",
        "Referred by Nora Finch, Finch Pharmacy (won)",
    ]
    trials = Outcome.objects.filter(deal__title__startswith="Trial installation")
    found = Counter(trials.values_list("owner__name", "kind"))
    assert sorted(found.items()) == [
        (("Anja Horvat", "lost"), 3),
        (("Anja Horvat", "won"), 2),
        (("Bruno Keller", "lost"), 1),
        (("Bruno Keller", "won"), 4),
    ]


def test_today_of_the_rep_has_each_kind_of_row(now: dt.datetime) -> None:
    sample.company(deals=1)

    rows = due_for(
        [User.objects.get(email="rep@example.com")], now=now, until=now + dt.timedelta(days=2)
    )

    assert {row.rank for row in rows} == set(Rank)
    chips = {row.chip for row in rows}
    assert {"Answered", "Closes in 3 days", "Ask due", "Review due", "Buyer’s view"} <= chips


def test_passwords_are_shown_once_and_let_people_in(client: Client) -> None:
    shown = sample.company(deals=1)

    assert list(shown) == [f"{name}@example.com" for name in ("admin", "manager", "rep", "viewer")]
    assert [client.login(username=name, password=shown[name]) for name in shown] == [True] * 4
    others = User.objects.exclude(email__in=shown)
    assert not any(person.has_usable_password() for person in others)


def test_a_second_company_is_refused() -> None:
    sample.company(deals=1)

    with pytest.raises(CommandError, match="--remove takes it away"):
        sample.company(deals=1)


def test_an_address_that_somebody_has_is_refused() -> None:
    shared.user(name="Rita", email="Rep@example.com")

    with pytest.raises(CommandError, match=r"belong to somebody: rep@example\.com"):
        sample.company(deals=1)


@pytest.mark.parametrize("deals", [0, 1_000_001])
def test_so_many_deals_are_refused(deals: int) -> None:
    with pytest.raises(CommandError, match="takes 1 to 1,000,000"):
        sample.company(deals=deals)


def test_the_same_seed_makes_the_same_company() -> None:
    columns = ("title", "amount", "status", "account__name", "contact__name", "touch_count")
    made = []
    for seed in (7, 7, 8):
        bulk.write(people.found(deals=30), count=30, seed=seed)
        made.append(list(Deal.objects.order_by("pk").values_list(*columns)))
        sample.remove()

    assert made[0] == made[1] != made[2]


def test_dates_are_those_of_the_day_on_which_it_is_made(now: dt.datetime) -> None:
    later = now + dt.timedelta(days=400)
    with time_machine.travel(later, tick=False):
        sample.company()

    newest = Deal.objects.order_by("-opened_at")[0].opened_at
    oldest = Deal.objects.order_by("opened_at")[0].opened_at
    assert later - dt.timedelta(days=30) < newest <= later
    assert later - dt.timedelta(days=800) < oldest < later - dt.timedelta(days=365)


def test_a_large_company_has_a_rep_for_each_2500_deals() -> None:
    company = people.found(deals=30_000)

    assert len(company.reps) == 12
    assert User.objects.filter(name__startswith="Rep ").count() == 3
