"""The cases that a sample must have, each told through the real actions, so that each has its events."""

import dataclasses
import datetime as dt
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from crm.sample import world
from crm.sample.people import Company
from crm.shared.events import Aftercare
from crm.shared.models import User
from deals.actions import closing, directory, pipeline, reopening, setup
from deals.models import Contact, Deal, LossReason, Stage
from deals.states import Phase
from followups.actions import letting_go, plans, touches
from referrals.actions import asks
from referrals.models import ReferralAsk
from reviews.actions import feedback, inviting, reviewing
from reviews.models import FeedbackInvitation, Review
from reviews.states import InvitationState

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = Aftercare(review=False)


@dataclasses.dataclass(frozen=True)
class Teller:
    """Knows the company and the hour; every story begins with `deal`."""

    company: Company
    now: dt.datetime

    @property
    def rep(self) -> User:
        return self.company.rep

    def ago(self, *, days: float) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def deal(
        self,
        account: str,
        title: str,
        *,
        buyer: str,
        phase: Phase,
        amount: int,
        days_ago: int,
        **facts: Any,
    ) -> Deal:
        """An open deal of the rep at a company of its own, opened `days_ago`."""
        place = world.PLACES[len(account) % len(world.PLACES)]
        company = directory.add_accounts(
            [{"name": account, "owner": self.rep, "country": place[0]}], by=self.rep, is_sample=True
        )[0]
        person = self._person(buyer, account=company, place=place)
        deal = pipeline.open_deal(
            by=self.rep,
            title=title,
            owner=self.rep,
            account=company,
            contact=person,
            stage=Stage.objects.get(phase=phase),
            opened_at=self.ago(days=days_ago),
            is_sample=True,
            amount=Decimal(amount),
            **facts,
        )
        directory.add_stakeholder(
            deal, contact=person, role="champion", by=self.rep, stance=1, met=True
        )
        return deal

    def _person(self, name: str, *, account: Any, place: tuple[str, str, str]) -> Contact:
        address = f"{name.lower().replace(' ', '.')}@example.org".encode("ascii", "ignore").decode()
        fields = {
            "name": name,
            "title": world.TITLES[len(name) % len(world.TITLES)],
            "email": address,
        }
        known = {"account": account, "owner": self.rep, "country": place[0], "time_zone": place[1]}
        return directory.add_contacts(
            [fields | known | {"language": place[2]}], by=self.rep, is_sample=True
        )[0]

    def touch(
        self,
        deal: Deal,
        *,
        days_ago: float,
        channel: str = "call",
        result: str = "no_answer",
        **facts: Any,
    ) -> None:
        touches.log_touch(
            deal, by=self.rep, channel=channel, result=result, at=self.ago(days=days_ago), **facts
        )

    def lose(self, deal: Deal, reason: str, *, days_ago: float, **facts: Any) -> Any:
        found = LossReason.objects.get(slug=reason)
        return closing.lose(deal, by=self.rep, reason=found, at=self.ago(days=days_ago), **facts)


@transaction.atomic
def tell(company: Company) -> None:
    """All stories, in one transaction: a sample with half its cases would be no sample."""
    teller = Teller(company, timezone.now())
    for story in STORIES:
        story(teller)


def many_touches_and_no_reply(t: Teller) -> None:
    """Meets its stop rule and closes in three days unless somebody answers (B1, B6)."""
    deal = t.deal(
        "Vale Hospitals",
        "Ward fridges",
        buyer="Ruth Vale",
        phase=Phase.NEGOTIATION,
        amount=18_400,
        days_ago=52,
    )
    t.touch(
        deal, days_ago=45, result="answered", minutes=14, note="Asked for an offer for two wards."
    )
    for days in (39, 33, 27, 20, 13, 6):
        t.touch(
            deal,
            days_ago=days,
            channel="email" if days % 2 else "call",
            result="sent" if days % 2 else "no_answer",
        )
    letting_go.settle([deal.pk], now=t.ago(days=4))


def lost_to_a_rival(t: Teller) -> None:
    deal = t.deal(
        "Kestrel Logistics",
        "Reefer sensors",
        buyer="Jonas Weber",
        phase=Phase.CONCLUSION,
        amount=22_000,
        days_ago=70,
    )
    t.touch(deal, days_ago=30, result="answered", minutes=20)
    rival = setup.add_competitor(name="Frostwatch", by=None, is_sample=True)
    t.lose(
        deal,
        "lost-to-a-competitor",
        days_ago=5,
        competitor=rival,
        buyer_words=world.LOSS_WORDS["lost-to-a-competitor"],
        reflection={"decision_makers": "yes", "competitors": "no"},
    )


def no_decision(t: Teller) -> None:
    """Its referral ask is due."""
    deal = t.deal(
        "Polmed Hurtownia",
        "Depot retrofit",
        buyer="Zofia Polak",
        phase=Phase.NEGOTIATION,
        amount=14_200,
        days_ago=90,
    )
    t.touch(deal, days_ago=40, result="answered", minutes=9)
    t.lose(deal, "no-decision", days_ago=22, buyer_words=world.LOSS_WORDS["no-decision"])


def revived_and_then_won(t: Teller) -> None:
    """A second chance that was taken (F5); the bell rings."""
    deal = t.deal(
        "Bergen Sjømat",
        "Fish halls",
        buyer="Astrid Lie",
        phase=Phase.NEGOTIATION,
        amount=26_000,
        days_ago=300,
    )
    t.touch(deal, days_ago=270, result="answered", minutes=25)
    t.lose(deal, "timing", days_ago=240, aftercare=NOTHING)
    again = reopening.second_chance(deal, by=t.rep)
    pipeline.move(again, to=Stage.objects.get(phase=Phase.CONCLUSION), by=t.rep)
    t.touch(
        again,
        days_ago=0.01,
        channel="meeting",
        result="kept",
        minutes=50,
        note="Signed at the table.",
    )
    closing.win(again, by=t.rep, won_because=["value", "trust"], buyer_words=world.WIN_WORDS[0])


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
    closing.win(
        second,
        by=t.rep,
        at=t.ago(days=45),
        won_because=["references"],
        buyer_words=world.WIN_WORDS[1],
    )
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


def parked_until_next_week(t: Teller) -> None:
    """A wake date silences every warning until then (rule 1)."""
    deal = t.deal(
        "Ostrava Fresh",
        "Site visit",
        buyer="Petr Novák",
        phase=Phase.APPROACH,
        amount=44_000,
        days_ago=80,
    )
    for days in (60, 50, 40):
        t.touch(deal, days_ago=days)
    agreement = plans.Agreement(
        interval_days=14,
        channel="meeting",
        contact=deal.contact,
        next_at=t.now + dt.timedelta(days=7),
        what="Visit the new hall",
    )
    plans.agree(deal, agreement, by=t.rep, now=t.now)


def closed_by_the_rule(t: Teller) -> None:
    """Auto-closed, still within its thirty days to undo."""
    deal = t.deal(
        "Harbour Catering",
        "Van sensors",
        buyer="Sam Okafor",
        phase=Phase.PROSPECT,
        amount=9_600,
        days_ago=80,
    )
    for days in (66, 58, 50, 41, 33):
        t.touch(deal, days_ago=days, channel="email", result="sent")
    letting_go.settle([deal.pk], now=t.ago(days=9))
    letting_go.settle([deal.pk], now=t.now)


def two_sides(t: Teller) -> None:
    """We noted the price; the buyer names trust (F3)."""
    deal = t.deal(
        "Tessaro Surgelati",
        "Nine stores",
        buyer="Giulia Tessaro",
        phase=Phase.NEGOTIATION,
        amount=36_500,
        days_ago=90,
    )
    t.touch(deal, days_ago=35, result="answered", minutes=18)
    t.lose(deal, "price-or-value", days_ago=15, buyer_words=world.LOSS_WORDS["price-or-value"])
    invitation = FeedbackInvitation.objects.get(deal=deal)
    FeedbackInvitation.objects.filter(pk=invitation.pk).update(
        state=InvitationState.INVITED,
        invited_at=t.ago(days=12),
        expires_at=t.now + dt.timedelta(days=18),
        token_hash=inviting.hash_of(f"sample-{invitation.pk}"),
    )
    given = feedback.Answer(
        reason=LossReason.objects.get(slug="relationship-or-trust"),
        words=world.LOSS_WORDS["relationship-or-trust"],
        show_name=True,
    )
    feedback.answer(invitation, given=given, now=t.ago(days=0.2))


def review_overdue(t: Teller) -> None:
    deal = t.deal(
        "Castello Bakeries",
        "Proofing rooms",
        buyer="Marco Castello",
        phase=Phase.CONCLUSION,
        amount=48_000,
        days_ago=100,
    )
    t.touch(deal, days_ago=30, channel="meeting", result="kept", minutes=60)
    closing.win(
        deal, by=t.rep, at=t.ago(days=20), won_because=["fit"], buyer_words=world.WIN_WORDS[2]
    )
    Review.objects.filter(deal=deal).update(due_on=(t.now - dt.timedelta(days=4)).date())


def review_held(t: Teller) -> None:
    """With what was said to do next time (A5)."""
    deal = t.deal(
        "Lund Wholesale",
        "Cold-chain monitoring",
        buyer="Karin Lund",
        phase=Phase.NEGOTIATION,
        amount=52_000,
        days_ago=120,
    )
    t.touch(deal, days_ago=60, result="answered", minutes=15)
    t.lose(deal, "lost-to-a-competitor", days_ago=40)
    review = Review.objects.filter(deal=deal).first() or reviewing.start(
        deal, by=t.rep, now=t.ago(days=30)
    )
    draft = reviewing.Draft(
        value="They pay for proof that nothing ever warmed up, and for fewer calls at night.",
        voices="The quality lead decided; finance was never in the room.",
        factors=["fit", "price"],
        factors_words="The rival’s certificate was on the table at the first visit.",
        next_times=[reviewing.Promise(text="Bring the calibration certificate to the first visit")],
    )
    reviewing.hold(review, by=t.rep, now=t.ago(days=33), draft=draft)


def late_and_due(t: Teller) -> None:
    """One next step is a day late, one is due now; a third buyer has written."""
    late = t.deal(
        "Kestrel Depots",
        "Reefer sensors",
        buyer="Anna Kestrel",
        phase=Phase.APPROACH,
        amount=22_000,
        days_ago=30,
    )
    t.touch(late, days_ago=9, result="answered", minutes=12)
    plans.agree(
        late,
        plans.Agreement(interval_days=7, channel="call", contact=late.contact),
        by=t.rep,
        now=t.ago(days=9),
    )
    due = t.deal(
        "Harbour Provisions",
        "Depot retrofit",
        buyer="Liam Byrne",
        phase=Phase.NEGOTIATION,
        amount=26_800,
        days_ago=40,
    )
    t.touch(due, days_ago=20, result="answered", minutes=8)
    for days in (14, 10, 7):
        t.touch(due, days_ago=days)
    wrote = t.deal(
        "Norrland Dairy",
        "Route monitoring",
        buyer="Elin Sjöberg",
        phase=Phase.NEGOTIATION,
        amount=31_000,
        days_ago=35,
    )
    t.touch(wrote, days_ago=10, channel="email", result="sent")
    t.touch(
        wrote,
        days_ago=0.3,
        channel="email",
        result="replied",
        note="Two sites first, the rest in spring. Can we talk Monday?",
    )


def too_few_to_tell_apart(t: Teller) -> None:
    """Two reps of five closings each: four won against two is nobody's merit yet (C5)."""
    reps: Sequence[User] = t.company.reps[-2:]
    results = cycle(["won", "won", "won", "won", "lost", "lost", "lost", "won", "lost", "won"])
    reason = LossReason.objects.get(slug="timing")
    for number in range(10):
        deal = pipeline.open_deals(
            [
                pipeline.NewDeal(
                    title=f"Trial installation {number + 1}",
                    owner=reps[number // 5],
                    opened_at=t.ago(days=75),
                    is_sample=True,
                    imported=True,
                    fields={"amount": Decimal(8_000)},
                )
            ],
            by=None,
        )[0]
        at = t.ago(days=20 + number)
        if next(results) == "won":
            closing.win_many([closing.Win(deal=deal, at=at, historical=True)], by=reps[number // 5])
        else:
            closing.lose_many(
                [closing.Loss(deal=deal, at=at, historical=True, reason=reason)],
                by=reps[number // 5],
            )


STORIES = (
    many_touches_and_no_reply,
    lost_to_a_rival,
    no_decision,
    revived_and_then_won,
    referrals_in_a_chain,
    parked_until_next_week,
    closed_by_the_rule,
    two_sides,
    review_overdue,
    review_held,
    late_and_due,
    too_few_to_tell_apart,
)
