"""Closings that brought referrals."""

from crm.sample import world
from crm.sample.stories.teller import Teller
from deals.states import Phase
from referrals.actions import asks
from referrals.models import ReferralAsk


def referrals_in_a_chain(t: Teller) -> None:
    """A loss that brought a referral, which was won and brought the next: a chain of three."""
    first = t.deal(
        "Alder Clinics",
        "Stability rooms",
        buyer="Helen Finch",
        phase=Phase.APPROACH,
        amount=12_000,
        days_ago=160,
    )
    t.touch(first, days_ago=150, result="answered", minutes=11)
    t.lose(first, "budget-gone", days_ago=120)
    asks.given(ReferralAsk.objects.get(deal=first), by=t.rep, now=t.ago(days=100))
    second = t.deal(
        "Finch Pharmacy",
        "Stability rooms",
        buyer="Nora Finch",
        phase=Phase.CONCLUSION,
        amount=24_000,
        days_ago=98,
        source="Referred by Helen Finch, Alder Clinics (lost)",
    )
    t.touch(second, days_ago=60, channel="meeting", result="kept", minutes=40)
    t.win(second, days_ago=45, because="references", words=world.WIN_WORDS[1])
    asks.given(ReferralAsk.objects.get(deal=second), by=t.rep, now=t.ago(days=12))
    third = t.deal(
        "Rhone Biotech",
        "Cold-chain monitoring",
        buyer="Luc Martin",
        phase=Phase.APPROACH,
        amount=31_000,
        days_ago=10,
        source="Referred by Nora Finch, Finch Pharmacy (won)",
    )
    t.touch(third, days_ago=3, result="answered", minutes=16, note="Wants to see it at Finch’s.")
