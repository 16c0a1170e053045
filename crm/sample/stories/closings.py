"""Deals that were closed: lost for reasons that matter, won after a second chance, let go by the rule."""

from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING

from crm.sample import world
from crm.sample.stories.teller import Teller
from crm.shared.events import Aftercare
from deals.actions import closing, pipeline, reopening, setup
from deals.models import LossReason, Stage
from deals.states import Phase
from followups.actions import letting_go

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User

NOTHING = Aftercare(review=False)


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
        at = t.at_work(days_ago=20 + number)
        if next(results) == "won":
            closing.win_many([closing.Win(deal=deal, at=at, historical=True)], by=reps[number // 5])
        else:
            closing.lose_many(
                [closing.Loss(deal=deal, at=at, historical=True, reason=reason)],
                by=reps[number // 5],
            )
