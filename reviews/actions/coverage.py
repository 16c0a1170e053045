"""The facts that decide which closings are reviewed and when, gathered for a whole batch in two queries."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import CharField, ExpressionWrapper, F, OuterRef, Q, Subquery

from crm.shared.models import Membership, Team
from crm.shared.working_days import at_local, local_day
from deals.models import Outcome
from deals.states import DealStatus
from reviews.models import Review
from reviews.selection import Closing, Load, quarter
from reviews.states import ReviewState

Quarter = dt.date  # its first day


def facts_of(outcomes: Sequence[Outcome]) -> tuple[list[Closing], Load]:
    """What `selection` asks about each of `outcomes`, which come with deal and owner, and each owner's days."""
    closed_on = {outcome.pk: local_day(outcome.at, outcome.owner.time_zone) for outcome in outcomes}
    thresholds = thresholds_of({outcome.owner_id for outcome in outcomes})
    accounts, owners, load = standing_reviews(outcomes, since=quarter(min(closed_on.values()))[0])
    closings = []
    for outcome in outcomes:
        first, _last = quarter(closed_on[outcome.pk])
        account_id = outcome.deal.account_id
        closings.append(
            Closing(
                outcome_id=outcome.pk,
                account_id=account_id or 0,
                owner_id=outcome.owner_id,
                amount=outcome.base_amount,
                threshold=thresholds.get(outcome.owner_id),
                # Where no account is known there is no customer to cover.
                is_account_covered=account_id is None or (account_id, first) in accounts,
                is_owner_covered=(outcome.owner_id, first) in owners,
                is_lost=outcome.kind == DealStatus.LOST,
                closed_on=closed_on[outcome.pk],
                country=outcome.owner.country,
                working_days=tuple(outcome.owner.working_days),
            )
        )
    return closings, load


def thresholds_of(user_ids: Iterable[int]) -> dict[int, Decimal]:
    """From which amount each person's deals are all reviewed: that of the nearest team above; of several the lowest."""
    theirs = ExpressionWrapper(OuterRef("team__path"), output_field=CharField())
    above = Team.objects.annotate(theirs=theirs).filter(
        theirs__startswith=F("path"), review_threshold__isnull=False
    )
    nearest = Subquery(above.order_by("-path").values("review_threshold")[:1])
    memberships = Membership.objects.filter(user__in=user_ids).annotate(amount=nearest)
    thresholds: dict[int, Decimal] = {}
    for user_id, amount in memberships.exclude(amount=None).values_list("user_id", "amount"):
        thresholds[user_id] = min(amount, thresholds.get(user_id, amount))
    return thresholds


def standing_reviews(
    outcomes: Sequence[Outcome], *, since: dt.date
) -> tuple[set[tuple[int, Quarter]], set[tuple[int, Quarter]], Load]:
    """Which accounts and owners are covered in which quarter, and how many reviews each owner has on a day.

    A review covers the quarter in which it is due or was held, and that of its closing.
    """
    reviews = Review.objects.standing().filter(
        Q(deal__account__in={outcome.deal.account_id for outcome in outcomes} - {None})
        | Q(deal__owner__in={outcome.owner_id for outcome in outcomes}),
        Q(state=ReviewState.PLANNED) | Q(held_at__gte=at_local(since, dt.time(0), "UTC")),
    )
    accounts: set[tuple[int, Quarter]] = set()
    owners: set[tuple[int, Quarter]] = set()
    load: Counter[tuple[int, dt.date]] = Counter()
    rows = reviews.values_list(
        "deal__account_id",
        "deal__owner_id",
        "deal__owner__time_zone",
        "due_on",
        "held_at",
        "outcome__at",
    )
    for account_id, owner_id, zone, due_on, held_at, closed_at in rows:
        day = local_day(held_at, zone) if held_at else due_on
        for first, _last in (quarter(day), quarter(local_day(closed_at, zone))):
            accounts.add((account_id, first))
            owners.add((owner_id, first))
        if held_at is None:
            load[owner_id, due_on] += 1
    return accounts, owners, load
