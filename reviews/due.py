"""What is due from reviews: reviews to hold, and what buyers said that nobody has noted yet."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shared import display
from crm.shared.due import DueItem, Rank
from crm.shared.models import User
from crm.shared.working_days import NINE, at_local, local_day
from deals.models import Deal, Outcome
from deals.states import DealStatus
from reviews.models import BuyerFeedback, Review
from reviews.states import Why

SHOWN_FOR = dt.timedelta(days=30)  # a buyer's answer that nobody noted leaves Today then


def items(users: Sequence[User], *, now: dt.datetime, until: dt.datetime) -> list[DueItem]:
    """Reviews due up to `until` and buyers' answers not yet noted, for all `users` in two queries."""
    people = {user.pk: user for user in users}
    return [*_reviews(people, until=until), *_answers(people, now=now)]


def waiting_count(user: User, *, now: dt.datetime) -> int:
    """How many reviews `user` should have held by the end of their day."""
    today = local_day(now, user.time_zone)
    return Review.objects.planned().filter(deal__owner=user, due_on__lte=today).count()


def _reviews(people: dict[int, User], *, until: dt.datetime) -> list[DueItem]:
    # A day begins up to 14 hours before it does in UTC, so the far end is cut by each person's own clock below.
    due = (
        Review.objects.planned()
        .filter(deal__owner__in=people, due_on__lte=until.date() + dt.timedelta(days=1))
        .with_names()
    )
    found = [_review(review, owner=people[review.deal.owner_id]) for review in due]
    return [item for item in found if item.due_at < until]


def _review(review: Review, *, owner: User) -> DueItem:
    is_started = review.started_at is not None
    why = _("Ten minutes, three questions: %(why)s.") % {"why": Why(review.why).label}
    return DueItem(
        rank=Rank.REVIEW,
        due_at=at_local(review.due_on, NINE, owner.time_zone),
        user_id=owner.pk,
        deal_id=review.deal_id,
        title=_title(review.deal, review.outcome, owner=owner),
        why=why,
        path=reverse("reviews:review", args=[review.pk]),
        chip=_("Review due"),
        icon="clipboard-check",
        template="reviews/_due_review.html",
        context={"pk": f"review-{review.pk}", "review_id": review.pk, "is_started": is_started},
        amount=review.deal.amount,
        currency=review.deal.currency,
    )


def _answers(people: dict[int, User], *, now: dt.datetime) -> list[DueItem]:
    unread = (
        BuyerFeedback.objects.unread()
        .filter(deal__owner__in=people, at__gte=now - SHOWN_FOR)
        .select_related("deal__account", "reason", "invitation__outcome__reason")
    )
    return [_answer(feedback, owner=people[feedback.deal.owner_id]) for feedback in unread]


def _answer(feedback: BuyerFeedback, *, owner: User) -> DueItem:
    outcome = feedback.invitation.outcome
    return DueItem(
        rank=Rank.REVIEW,
        due_at=feedback.at,
        user_id=owner.pk,
        deal_id=feedback.deal_id,
        title=_title(feedback.deal, outcome, owner=owner),
        why=two_sides(feedback, outcome),
        path=reverse("deals:deal", args=[feedback.deal_id]),
        chip=_("Buyer’s view"),
        icon="message-square-quote",
        template="reviews/_due_feedback.html",
        context={
            "pk": f"feedback-{feedback.pk}",
            "feedback_id": feedback.pk,
            "deal_id": feedback.deal_id,
        },
        amount=feedback.deal.amount,
        currency=feedback.deal.currency,
        buyer_words=feedback.words or feedback.value_statement,
    )


def two_sides(feedback: BuyerFeedback, outcome: Outcome) -> str:
    """Our reason beside the buyer's, in one sentence (F3)."""
    if feedback.reason is None:
        return _("The buyer answered, without naming one reason.")
    if feedback.reason_id == outcome.reason_id:
        return _("The buyer names the same reason as we did: %(reason)s.") % {
            "reason": feedback.reason.name
        }
    return _("We noted “%(ours)s”. The buyer names “%(theirs)s”.") % {
        "ours": outcome.reason,
        "theirs": feedback.reason.name,
    }


def _title(deal: Deal, outcome: Outcome, *, owner: User) -> str:
    """Which deal, and what became of it when: "Tessaro Surgelati · won 14 November"."""
    name = deal.account.name if deal.account else deal.title
    day = display.day(local_day(outcome.at, owner.time_zone))
    if outcome.kind == DealStatus.WON:
        return _("%(deal)s · won %(day)s") % {"deal": name, "day": day}
    return _("%(deal)s · lost %(day)s") % {"deal": name, "day": day}
