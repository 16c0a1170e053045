"""Many touches from another system at once: what is known by its `external_id` stays as it is, the rest is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from crm.shared.querysets import among
from deals.actions import pipeline, taking_back
from followups.actions import touches
from followups.models import Touch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crm.shared.models import User

Key = str | int | None  # an id from elsewhere, a pk, or nothing that is known


@transaction.atomic
def save_touches(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, partial: bool = False
) -> list[Saved]:
    """All or none, or with `partial` as many as can be; `rows` are fields of `NewTouch`. Raises ActionRefused.

    A row with `same_as` means that touch, and says nothing else.
    """

    def save(some: Sequence[Mapping[str, Any]]) -> list[Saved]:
        known = _known(some, by=by)
        new = [touches.NewTouch(**row) for row in some if _key(row) not in known]
        logged = iter(touches.log_touches(new, by=by) if new else [])
        return [
            Saved(kind="unchanged", thing=known[_key(row)])
            if _key(row) in known
            else Saved(kind="created", thing=next(logged))
            for row in some
        ]

    return save_what_can_be(rows, save=save) if partial else save(rows)


@transaction.atomic
def remove_touches(ids: Collection[int]) -> dict[int, str]:
    """Remove touches that came in by mistake; their deals count anew. Returns those that stay, with why."""
    rows = list(Touch.objects.filter(among("pk", ids)))
    deals = pipeline.lock_deals(sorted({touch.deal_id for touch in rows}))
    stay = taking_back.remove_many(Touch, dict.fromkeys(ids, 0))
    touches.count_anew(deals, without=[touch for touch in rows if touch.pk not in stay])
    return stay


def _key(row: Mapping[str, Any]) -> Key:
    """By what a touch is known: the one it is said to be, else its id from elsewhere."""
    same: Touch | None = row.get("same_as")
    return row.get("external_id") if same is None else same.pk


def _known(rows: Sequence[Mapping[str, Any]], *, by: User | None) -> dict[Key, Touch]:
    """By key. Raises ActionRefused for one named twice, not there, or taken by what `by` does not see."""
    keys = [key for row in rows if (key := _key(row))]
    if len(set(keys)) < len(keys):
        twice = next(one for one in keys if keys.count(one) > 1)
        raise _refused(_("“%(id)s” is named twice.") % {"id": twice})
    pks = {key for key in keys if isinstance(key, int)}
    found = Touch.objects.filter(Q(external_id__in={*keys} - pks) | Q(pk__in=pks))
    known: dict[Key, Touch] = {}
    for row in found if by is None else found.visible_to(by):
        known |= {row.external_id: row, row.pk: row}
    known.pop(None, None)
    taken = {*found.values_list("external_id", flat=True)} | pks
    if unseen := taken - known.keys() - {None}:
        raise _refused(_("“%(id)s” cannot be used here.") % {"id": min(map(str, unseen))})
    return known


def _refused(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"external_id": message})
