"""The timeline of a deal: its part of the event log, what was planned below what planned it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from crm.shared.models import EventRecord
from deals.views.entries import Entry, Facts
from deals.views.set_up import Planned, names_in, planned_by
from deals.views.timeline_words import entry_of

if TYPE_CHECKING:
    from crm.shared.models import User
    from deals.models import Deal, Outcome

ROWS = 40
HIDDEN = ("import.finished", "deal.second_chance")  # the opening of the new deal says it
SHOWN = {
    "buyer": Q(name="touch.logged", data__heard=True)
    | Q(name="feedback.received")
    | Q(name="proposal.answered", data__state__in=["accepted", "declined"]),
    "us": Q(name="touch.logged", data__direction="out"),
}


@dataclasses.dataclass(frozen=True)
class Timeline:
    entries: list[Entry]
    has_more: bool


def timeline_of(
    deal: Deal, *, show: str, whole: bool, names: dict[int, str], user: User
) -> Timeline:
    """The entries of `deal`, the latest first; `show` "buyer" or "us" leaves out the other side.

    One query for the log; one more where it speaks of people whose `names` are not known here.
    """
    records = EventRecord.objects.of_deal(deal.pk).exclude(name__in=HIDDEN).select_related("actor")
    records = records.filter(SHOWN[show]) if show in SHOWN else records
    found = list(records) if whole else list(records[: ROWS + 1])
    shown = found if whole else found[:ROWS]
    names = names_in(shown, known=names, user=user)
    facts = Facts(names=names, outcomes=_outcomes(deal, shown))
    return Timeline(_entries(shown, facts), has_more=len(found) > len(shown))


def _outcomes(deal: Deal, records: list[EventRecord]) -> dict[int, Outcome]:
    """The closings that the records speak of; asked for only where there is more than the one that stands."""
    wanted = {record.data["outcome_id"] for record in records if record.data.get("outcome_id")}
    known = {deal.outcome.pk: deal.outcome} if deal.outcome else {}
    if wanted - known.keys():
        known = {
            outcome.pk: outcome for outcome in deal.outcomes.select_related("reason", "competitor")
        }
    return known


def _entries(records: list[EventRecord], facts: Facts) -> list[Entry]:
    """What was caused by something else stands below its cause, as long as that is on the page. The latest first, page by page of what was recorded."""
    on_page = {record.pk for record in records}
    planned: dict[int, list[Planned]] = defaultdict(list)
    entries = []
    for record in records:
        line = planned_by(record, facts.names) if record.cause_id in on_page else None
        if line is not None and record.cause_id is not None:
            planned[record.cause_id].append(line)
            continue
        if record.name == "follow_up.done" and record.cause_id in on_page:
            continue  # the touch that did it says so itself
        entry = entry_of(record, facts)
        entries.append((record.pk, entry))
    for pk, entry in entries:
        entry.planned = sorted(planned[pk], key=lambda line: (line.on is None, line.on))
    return sorted((entry for _pk, entry in entries), key=lambda entry: entry.at, reverse=True)
