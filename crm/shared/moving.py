"""When one row goes into another, what hangs on it follows; and goes back, when that is undone.

Every app moves its own rows, whichever they are: a model that begins to point to accounts or contacts is not forgotten.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import serializers
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, UniqueConstraint

from crm.shared.directory_events import DirectoryMerged, MergeUndone, RowsFollowed
from crm.shared.models import EventRecord
from crm.shared.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


OWN = "merged_into"  # which says itself what went where


def follow(events: Sequence[DirectoryMerged], *, app: str) -> None:
    """Move the rows of `app` from what went to what stays, and record which. Needs a transaction."""
    for event in events:
        for field in pointing_at(apps.get_model(event.kind), app=app):
            _follow(event, field)


def go_back(events: Sequence[MergeUndone], *, app: str) -> None:
    """Move back what `follow` moved, except what was moved on since. Needs a transaction."""
    for event in events:
        moved = EventRecord.objects.filter(cause=event.merged_id, name=RowsFollowed.name)
        for record in moved.filter(data__table__startswith=f"{app}."):
            rows = apps.get_model(record.data["table"])._default_manager
            column = record.data["column"]
            still = rows.filter(pk__in=record.data["ids"], **{column: event.row_id})
            still.update(**{column: event.gone_id})
            for dropped in serializers.deserialize("json", json.dumps(record.data["dropped"])):
                dropped.save()


def pointing_at(model: type[Model], *, app: str) -> Iterator[Any]:
    """The columns of an app that name a row of `model`, those between two lists among them."""
    for other in apps.get_app_config(app).get_models(include_auto_created=True):
        for field in other._meta.concrete_fields:
            if field.remote_field and field.remote_field.model is model and field.name != OWN:
                yield field


def _follow(event: DirectoryMerged, field: Any) -> None:
    model = field.model
    rows = model._default_manager.filter(**{field.attname: event.gone_id})
    twice = rows.filter(_stands_already(field, event.row_id))
    dropped = json.loads(serializers.serialize("json", twice))
    model._default_manager.filter(pk__in=[row["pk"] for row in dropped]).delete()
    ids = list(rows.values_list("pk", flat=True))
    model._default_manager.filter(pk__in=ids).update(**{field.attname: event.row_id})
    if ids or dropped:
        record = RowsFollowed(
            actor_id=event.actor_id,
            caused_by=event.record_id,
            row_id=event.row_id,
            table=model._meta.label_lower,
            column=field.attname,
            ids=ids,
            dropped=dropped,
        )
        publish([record])


def _stands_already(field: Any, kept_id: int) -> Q:
    """Rows that would stand twice for what stays: the same in all else that must be unique."""
    found = Q(pk__in=[])
    for names in _unique_with(field):
        same = {name: OuterRef(name) for name in names}
        kept: QuerySet[Any] = field.model._default_manager.filter(
            **{field.attname: kept_id}, **same
        )
        found |= Q(Exists(kept))
    return found


def _unique_with(field: Any) -> Iterator[list[str]]:
    """The other columns of each rule of uniqueness that the field has a part in."""
    if field.unique:
        yield []
    meta = field.model._meta
    rules = [tuple(names) for names in meta.unique_together]
    rules += [tuple(one.fields) for one in meta.constraints if isinstance(one, UniqueConstraint)]
    for names in rules:
        if field.name in names:
            yield [name for name in names if name != field.name]
