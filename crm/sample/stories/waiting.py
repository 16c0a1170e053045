"""Deals on which something waits for the rep: silent, parked, late, due, answered."""

import datetime as dt

from crm.sample.stories.teller import Teller
from deals.states import Phase
from followups.actions import letting_go, plans


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
