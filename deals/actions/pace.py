"""What won deals teach about how long a stage takes (rule 11, E2). No event: it is a figure, not something that happened."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

from django.db import transaction

from deals.models import Deal, Stage, StageChange
from deals.states import DealStatus

LATEST = 1000  # won deals looked at: what was true years ago teaches little
FEWEST = 30
SHARE = 0.8


@transaction.atomic
def learn_stuck_days() -> None:
    """Keep for each stage within how many days 80 % of the latest won deals left it; None with fewer than 30 of them."""
    won = Deal.objects.filter(status=DealStatus.WON).order_by("-closed_at")
    latest = list(won.values_list("pk", flat=True)[:LATEST])
    changes = StageChange.objects.filter(deal__in=latest).order_by("deal_id", "at", "pk")
    days: dict[int, list[int]] = defaultdict(list)
    found = changes.values_list("deal_id", "to_stage_id", "at")
    for (deal, stage, at), (next_deal, _stage, left_at) in itertools.pairwise(found):
        if deal == next_deal:
            days[stage].append((left_at - at).days)
    stages = list(Stage.objects.all())
    for one in stages:
        one.learned_stuck_days = most_days(days[one.pk])
    Stage.objects.bulk_update(stages, ["learned_stuck_days"])


def most_days(days: list[int]) -> int | None:
    """The 80th percentile, at least one day; None where there are too few to say."""
    if len(days) < FEWEST:
        return None
    return max(1, sorted(days)[math.ceil(SHARE * len(days)) - 1])
