"""publish(): write what happened, then run the reactions, all inside the caller's transaction.

Which reactions there are stands in one visible table, REACTIONS in the module that settings.WIRING names.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from crm.shared import loading
from crm.shared.events import Event
from crm.shared.models import EventRecord

E = TypeVar("E", bound=Event)
RECORDED = (
    "name",
    "at",
    "actor_id",
    "deal_id",
    "subject_kind",
    "subject_id",
    "data",
    "cause_id",
)
Reaction = Callable[[Sequence[Any]], None]


def on(
    event: type[E], *reactions: Callable[[Sequence[E]], None]
) -> tuple[type[Event], tuple[Reaction, ...]]:
    """One row of the table: `reactions` run for each batch of `event`, in this order."""
    return event, reactions


def reactions_to(event: type[Event]) -> tuple[Reaction, ...]:
    """The reactions that the wiring lists for `event`, in the order of the table."""
    table = import_module(settings.WIRING).REACTIONS
    return tuple(
        reaction for listed, reactions in table if listed is event for reaction in reactions
    )


def publish(events: Sequence[E]) -> list[E]:
    """Record `events` and run their reactions; return the same events with `record_id`.

    Raises TransactionManagementError outside a transaction: a reaction that fails must undo its cause.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() needs the caller's transaction.")
    now = timezone.now()
    ids = loading.write_values_with_ids(
        EventRecord,
        RECORDED,
        [
            (
                event.name,
                event.at or now,
                event.actor_id,
                event.deal_id,
                event.subject,
                event.subject_id,
                event.data,
                event.caused_by,
            )
            for event in events
        ],
    )
    recorded = [
        event.as_recorded(record_id, at=event.at or now)
        for event, record_id in zip(events, ids, strict=True)
    ]
    for kind in dict.fromkeys(type(event) for event in recorded):
        batch = [event for event in recorded if type(event) is kind]
        for reaction in reactions_to(kind):
            reaction(batch)
    return recorded
