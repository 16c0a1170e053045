"""The funnel of each target list: its suspects, how well they are known, and what became of the deals that came from it (C2); and who is in a segment."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q

from deals.models import Account, Deal, Stage, Suspect
from deals.states import DealStatus, Phase
from deals.suspects import COMPLETE, belongs_to, completeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.shared.models import User
    from deals.models import Segment, TargetList
    from deals.querysets import AccountQuerySet


@dataclasses.dataclass(frozen=True)
class Step:
    """Open deals of a list that stand in a stage now."""

    stage: Stage
    count: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Funnel:
    """What one reader sees of a list. `known` says of how many suspects each thing of COMPLETE is known.

    `with_deal` are the suspects that a deal from this list was opened with; `steps` and `closed` count deals.
    """

    suspects: int = 0
    complete: int = 0
    with_deal: int = 0
    known: Mapping[str, int] = dataclasses.field(default_factory=dict)
    steps: Sequence[Step] = ()
    closed: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def open(self) -> int:
        return sum(step.count for step in self.steps)

    @property
    def won(self) -> int:
        return self.closed.get(DealStatus.WON, 0)

    @property
    def lost(self) -> int:
        return self.closed.get(DealStatus.LOST, 0)

    @property
    def disqualified(self) -> int:
        return self.closed.get(DealStatus.DISQUALIFIED, 0)

    @property
    def completeness(self) -> float | None:
        """Of all that is asked of all suspects, the share that is known; None without suspects."""
        asked = self.suspects * len(COMPLETE)
        return sum(self.known.values()) / asked if asked else None


def funnels_of(lists: Sequence[TargetList], *, viewer: User) -> dict[int, Funnel]:
    """The funnels by list, in three statements however many lists: over the accounts and deals that `viewer` sees."""
    ids = [one.pk for one in lists]
    stages = list(Stage.objects.visible_to(viewer))
    of_deals = _deals(ids, viewer)
    of_suspects = _suspects(ids, viewer)
    return {pk: _funnel(of_suspects.get(pk, {}), of_deals[pk], stages) for pk in ids}


def _suspects(ids: Sequence[int], viewer: User) -> dict[int, dict[str, Any]]:
    """How many suspects, how many of them are complete, which of them have a deal: by list."""
    came = Deal.objects.visible_to(viewer).current().filter(target_list=OuterRef("target_list_id"))
    known = completeness("account")
    counts = {f"has_{name}": Count("pk", filter=condition) for name, condition in known.items()}
    seen = Account.objects.visible_to(viewer).current().order_by().values("pk")
    rows: Iterable[Mapping[str, Any]] = (
        Suspect.objects.filter(target_list__in=ids, account__in=seen)
        .order_by()
        .values("target_list")
        .annotate(
            suspects=Count("pk"),
            complete=Count("pk", filter=Q(*known.values())),
            with_deal=Count("pk", filter=Exists(came.filter(account=OuterRef("account_id")))),
            **counts,
        )
    )
    return {row["target_list"]: dict(row) for row in rows}


def _deals(ids: Sequence[int], viewer: User) -> defaultdict[int, list[dict[str, Any]]]:
    found = Deal.objects.visible_to(viewer).current().filter(target_list__in=ids)
    rows = found.order_by().values("target_list", "status", "stage").annotate(n=Count("pk"))
    of: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of[row["target_list"]].append(dict(row))
    return of


def _funnel(
    suspects: Mapping[str, Any], deals: Sequence[Mapping[str, Any]], stages: Sequence[Stage]
) -> Funnel:
    in_stage: defaultdict[int, int] = defaultdict(int)
    closed: defaultdict[str, int] = defaultdict(int)
    for row in deals:
        if row["status"] == DealStatus.OPEN:
            in_stage[row["stage"]] += row["n"]
        else:
            closed[row["status"]] += row["n"]
    steps = [
        Step(stage, in_stage[stage.pk])
        for stage in stages
        if in_stage[stage.pk] or (stage.phase != Phase.ORDER and stage.archived_at is None)
    ]
    return Funnel(
        suspects=suspects.get("suspects", 0),
        complete=suspects.get("complete", 0),
        with_deal=suspects.get("with_deal", 0),
        known={name: suspects.get(f"has_{name}", 0) for name in COMPLETE},
        steps=steps,
        closed=dict(closed),
    )


def counts_in(segments: Sequence[Segment], *, among: AccountQuerySet) -> dict[int, int]:
    """How many of these accounts are in each segment, in one statement however many segments."""
    if not segments:
        return {}
    counts = {f"in_{one.pk}": Count("pk", filter=belongs_to(one)) for one in segments}
    found = among.order_by().aggregate(**counts)
    return {one.pk: found[f"in_{one.pk}"] for one in segments}
