"""The cases that a sample must have, each told through the real actions, so that each has its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from crm.sample.stories import closings, orders, referrals, reviews, waiting
from crm.sample.stories.teller import Teller
from crm.shared import mailing
from crm.shared.models import OutgoingMail

if TYPE_CHECKING:
    from crm.sample.people import Company

STORIES = (
    waiting.many_touches_and_no_reply,
    closings.lost_to_a_rival,
    closings.no_decision,
    orders.orders_and_repeat_business,
    closings.revived_and_then_won,
    referrals.referrals_in_a_chain,
    waiting.parked_until_next_week,
    closings.closed_by_the_rule,
    reviews.two_sides,
    reviews.review_overdue,
    reviews.review_held,
    reviews.reviews_of_the_quarter,
    waiting.late_and_due,
    orders.proposal_with_objections,
    orders.parked_by_us,
    closings.too_few_to_tell_apart,
)


@transaction.atomic
def tell(company: Company) -> None:
    """All stories, in one transaction: a sample with half its cases would be no sample."""
    teller = Teller(company, timezone.now())
    for story in STORIES:
        story(teller)
    # What was warned of in the past was read then: it must not arrive now.
    mailing.cancel(OutgoingMail.objects.filter(user__is_sample=True))
