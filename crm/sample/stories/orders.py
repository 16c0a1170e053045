"""What follows a win: an order on its way, one delivered with a value check due, one that led to the next deal."""

import datetime as dt

from crm.sample.stories.teller import Teller
from deals.actions import orders, outlook, proposals
from deals.models import Order
from deals.states import OrderState, Phase


def proposal_with_objections(t: Teller) -> None:
    """A proposal out, one objection met and one still open; the owner is less sure than before."""
    deal = t.deal(
        "Fjord Fisheries",
        "Cold-chain monitoring",
        buyer="Ingrid Dahl",
        phase=Phase.NEGOTIATION,
        amount=48_200,
        days_ago=24,
    )
    t.touch(deal, days_ago=12, result="answered", minutes=18)
    sent_on = t.at_work(days_ago=10).date()
    sent = proposals.send(
        deal, by=t.rep, sent_on=sent_on, amount=deal.amount, offer="Fourteen sites in two waves."
    )
    points = [
        {"objection": "Too much at once", "reply": "The second wave in March", "is_settled": True},
        {"objection": "Who answers at night?", "reply": "", "is_settled": False},
    ]
    proposals.note_objections(sent, objections=points, by=t.rep)
    for percent, days in ((75, 20), (60, 8)):
        outlook.state_confidence(deal, percent=percent, by=t.rep, now=t.at_work(days_ago=days))


def parked_by_us(t: Teller) -> None:
    """Set aside by the rep, and back on Today this morning."""
    deal = t.deal(
        "Baltic Berries",
        "Harvest sensors",
        buyer="Rasa Kalnina",
        phase=Phase.PROSPECT,
        amount=12_500,
        days_ago=28,
    )
    t.touch(deal, days_ago=21, result="answered", minutes=6)
    outlook.park(
        deal,
        until=t.now.date(),
        because="The new season’s budget opens today",
        by=t.rep,
        now=t.ago(days=20),
    )


def orders_and_repeat_business(t: Teller) -> None:
    """One delivered a month ago, so its value check is due, and it led to the next deal (C7)."""
    deal = t.deal(
        "Ardenne Dairy",
        "Route monitoring",
        buyer="Luc Fontaine",
        phase=Phase.CONCLUSION,
        amount=31_000,
        days_ago=120,
    )
    t.touch(deal, days_ago=70, channel="meeting", result="kept", minutes=45)
    t.win(deal, days_ago=60, because="value", words="We know of every warm door now.")
    order = Order.objects.get(deal=deal)
    delivered_on = t.now.date() - dt.timedelta(days=30)
    orders.edit(order, by=t.rep, promised_on=delivered_on)
    orders.move(order, to=OrderState.DELIVERED, on=delivered_on, by=t.rep)
    orders.repeat(order, by=t.rep, title="Route monitoring, second depot")
