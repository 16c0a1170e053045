"""What the deal page shows from reviews: the review of its closing, what we promised, and the buyer's view."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from crm.shared import mailing
from crm.shared.panels import Panel
from crm.shared.views.mixins import signed_in
from deals.models import Deal, NoContact
from deals.states import DealStatus
from reviews import policies
from reviews.models import FeedbackInvitation, NextTime, Review
from reviews.states import InvitationState, Withdrawal

PROMISES = 5


def reviews(request: HttpRequest, deal: Deal) -> Panel | None:
    """On a closed deal its review, on an open one what we said we would do: the part that refreshes alone."""
    return promises(request, deal) if deal.is_open else review(request, deal)


def promises(request: HttpRequest, deal: Deal) -> Panel | None:
    """What past reviews with this customer, or of the deal that this one is a second chance of, said for next time (F6)."""
    same = Q(review__deal=deal.second_chance_of_id) if deal.second_chance_of_id else Q()
    if deal.account_id:
        same |= Q(review__deal__account=deal.account_id)
    if not deal.is_open or not same:
        return None
    found = list(
        NextTime.objects.visible_to(signed_in(request))
        .promised()
        .filter(same)
        .exclude(review__deal=deal)
        .select_related("owner", "review__deal")
        .order_by("-review__held_at", "position")[:PROMISES]
    )
    if not found:
        return None
    return Panel(template="reviews/_panel.html", context={"deal": deal, "promises": found})


def review(request: HttpRequest, deal: Deal) -> Panel | None:
    """The review of the closing that stands, to open or to start (A5)."""
    if deal.outcome_id is None or deal.status == DealStatus.DISQUALIFIED:
        return None
    user = signed_in(request)
    found = Review.objects.visible_to(user).standing().filter(outcome=deal.outcome_id)
    its = found.prefetch_related("next_times__owner").select_related("held_by").first()
    may_review = policies.may_review(user)
    if its is None and not may_review:
        return None
    return Panel(
        template="reviews/_panel.html",
        context={
            "deal": deal,
            "review": its,
            "is_won": deal.status == DealStatus.WON,
            "may_review": may_review,
        },
    )


def buyer_view(request: HttpRequest, deal: Deal) -> Panel | None:
    """Our reason beside the buyer's, in the buyer's own words; before that, whether and when they are asked (A3, F3)."""
    user = signed_in(request)
    stands = Q(outcome__undone_at=None) | Q(state=InvitationState.ANSWERED)
    invitation = (
        FeedbackInvitation.objects.visible_to(user)
        .filter(stands, deal=deal)
        .select_related("contact", "outcome__reason", "feedback__reason", "feedback__contact")
        .first()
    )
    if invitation is None:
        return _not_asked(deal)
    return Panel(
        template="reviews/_buyer_view.html",
        context={
            "deal": deal,
            "invitation": invitation,
            "feedback": answer_to(invitation),
            "may_review": policies.may_review(user),
        },
    )


def answer_to(invitation: FeedbackInvitation) -> Any:
    """The buyer's answer, if there is one; the invitation came with it."""
    if invitation.state != InvitationState.ANSWERED:
        return None
    return invitation.feedback


def _not_asked(deal: Deal) -> Panel | None:
    """Says why a lost deal's buyer is not asked, where their wishes or a missing address stand in the way."""
    contact = deal.contact if deal.status == DealStatus.LOST else None
    if contact is None:
        return None
    if contact.refuses(NoContact.EMAIL) or mailing.is_suppressed(contact.email):
        why = Withdrawal.NO_CONTACT
    elif not contact.email:
        why = Withdrawal.NO_ADDRESS
    else:
        return None
    return Panel(template="reviews/_buyer_view.html", context={"deal": deal, "why_not": why.label})
