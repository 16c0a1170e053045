"""Closings that were looked back on: by us, by the buyer, or not yet."""

import datetime as dt

from crm.sample import world
from crm.sample.stories.teller import Teller
from deals.models import Deal, LossReason
from deals.states import DealStatus, Phase
from reviews.actions import feedback, inviting, reviewing
from reviews.models import FeedbackInvitation, Review
from reviews.states import InvitationState

REVIEWERS, REVIEWED = 9, 3  # reps; reviews of each
DRAFT = reviewing.Draft(
    value="They pay for proof that nothing ever warmed up, and for fewer calls at night.",
    voices="The quality lead decided; finance was never in the room.",
    factors=["fit", "price"],
    factors_words="The rival’s certificate was on the table at the first visit.",
    next_times=[reviewing.Promise(text="Bring the calibration certificate to the first visit")],
)


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
    t.win(deal, days_ago=20, because="fit", words=world.WIN_WORDS[2])
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
    reviewing.hold(review, by=t.rep, now=t.ago(days=33), draft=DRAFT)


def reviews_of_the_quarter(t: Teller) -> None:
    """Reps have looked back on some of their latest closings, so that coverage has something to show (D8)."""
    closed = Deal.objects.filter(
        status__in=[DealStatus.WON, DealStatus.LOST],
        account__isnull=False,
        closed_at__range=(t.ago(days=45), t.ago(days=6)),
        outcome__reviews=None,
    )
    for rep in t.company.reps[:REVIEWERS]:
        for deal in closed.filter(owner=rep).order_by("closed_at")[:REVIEWED]:
            review = reviewing.start(deal, by=rep, now=t.ago(days=5))
            reviewing.hold(review, by=rep, now=t.ago(days=2), draft=DRAFT)
