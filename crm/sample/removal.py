"""Taking the sample company away, whole, and nothing that is real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from crm.shared.models import EventRecord, Membership, Notice, OutgoingMail, Team, User
from deals.models import (
    Account,
    Competitor,
    ConfidenceStated,
    Contact,
    Deal,
    Order,
    OtherReason,
    Outcome,
    Product,
    Proposal,
    Segment,
    SegmentPin,
    StageChange,
    Stakeholder,
    Suspect,
    TargetList,
    ValueCheck,
)
from deals.states import DealStatus
from followups.models import FollowUp, KeptOpen, Plan, StopRule, Touch
from referrals.models import ReferralAsk
from reviews.models import BuyerFeedback, FeedbackInvitation, NextTime, Review

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

# Children before parents, each by its way to the deal.
ON_DEALS = (
    (BuyerFeedback, "deal"),
    (FeedbackInvitation, "deal"),
    (NextTime, "review__deal"),
    (Review.people.through, "review__deal"),
    (Review, "deal"),
    (ReferralAsk, "deal"),
    (KeptOpen, "deal"),
    (StopRule, "deal"),
    (FollowUp, "deal"),
    (Plan, "deal"),
    (Touch, "deal"),
    (ValueCheck, "order__deal"),
    (Order, "deal"),
    (Proposal, "deal"),
    (ConfidenceStated, "deal"),
    (Stakeholder, "deal"),
    (StageChange, "deal"),
    (OtherReason, "outcome__deal"),
)
ON_ACCOUNTS = ((Suspect, "target_list"), (SegmentPin, "segment"))
MARKED: tuple[type[Model], ...] = (Contact, TargetList, Segment, Account, Product, Competitor)


@transaction.atomic
def remove() -> dict[str, int]:
    """Delete what is marked, set by set; what a real row still needs stays and loses its mark. Returns counts."""
    _keep_what_is_needed()
    sample = Deal.objects.filter(is_sample=True).values("pk")
    for model, path in ON_DEALS:
        _delete(model.objects.filter(**{f"{path}__in": sample}))
    _delete(Notice.objects.filter(event__deal_id__in=sample))
    _delete(OutgoingMail.objects.filter(Q(deal_id__in=sample) | Q(user__is_sample=True)))
    EventRecord.objects.filter(cause__deal_id__in=sample).exclude(deal_id__in=sample).update(
        cause=None
    )
    _delete(EventRecord.objects.filter(deal_id__in=sample))
    _delete(Deal.collaborators.through.objects.filter(deal__in=sample))
    Deal.objects.filter(is_sample=True).update(
        status=DealStatus.OPEN, outcome=None, closed_at=None, second_chance_of=None, repeat_of=None
    )
    _delete(Outcome.objects.filter(deal__in=sample))
    counts = {"deals": _delete(Deal.objects.filter(is_sample=True))}
    for joins, group in ON_ACCOUNTS:
        of_sample = Q(account__is_sample=True) | Q(**{f"{group}__is_sample": True})
        rows: Any = joins._default_manager
        _delete(rows.filter(pk__in=rows.filter(of_sample)))
    for marked in MARKED:
        _delete(marked._default_manager.filter(is_sample=True))
    _remove_people()
    return counts


def _keep_what_is_needed() -> None:
    """Whatever a real row points to is real from now on: parents of what is kept before their own parents."""
    real_deals = Deal.objects.filter(is_sample=False)
    while _keep(Deal, real_deals.values("second_chance_of")) or _keep(
        Deal, real_deals.values("repeat_of")
    ):
        pass  # what is real from now on may itself go back to another
    _keep(Contact, real_deals.values("contact"))
    _keep(Contact, Stakeholder.objects.filter(deal__is_sample=False).values("contact"))
    _keep(Contact, Touch.objects.filter(deal__is_sample=False).values("contact"))
    _keep(Account, real_deals.values("account"))
    _keep(Account, Contact.objects.filter(is_sample=False).values("account"))
    _keep(Product, real_deals.values("product"))
    _keep(TargetList, real_deals.values("target_list"))
    _keep(Competitor, Outcome.objects.filter(deal__is_sample=False).values("competitor"))


def _keep(model: type[Any], needed: QuerySet[Any, Any]) -> int:
    """Returns how many of `needed` were marked, and are no more."""
    pks = needed.exclude(**{f"{needed.query.values_select[0]}": None})
    kept: int = model.objects.filter(is_sample=True, pk__in=pks).update(is_sample=False)
    return kept


def _remove_people() -> None:
    """People whom a real row names stay, and may sign in on; the teams of those who stay do, too."""
    owners = [
        model.objects.values("owner") for model in (Deal, Account, Contact, Outcome, TargetList)
    ]
    needed = Q(pk__in=[])
    for rows in owners:
        needed |= Q(pk__in=rows)
    User.objects.filter(needed, is_sample=True).update(is_sample=False)
    leaving = User.objects.filter(is_sample=True)
    _delete(Membership.objects.filter(user__in=leaving.values("pk")))
    leaving.delete()
    Team.objects.filter(is_sample=True, memberships__isnull=False).update(is_sample=False)
    for team in Team.objects.filter(is_sample=True).order_by("-path"):
        if not team.children.exists():
            team.delete()
    Team.objects.filter(is_sample=True).update(is_sample=False)  # somebody works below them


def _delete(rows: QuerySet[Any, Any]) -> int:
    """One DELETE, without reading the rows first: at a million deals that is the difference between seconds and hours."""
    return int(rows._raw_delete(rows.db))  # noqa: SLF001  (what Django's own fast deletes use)
