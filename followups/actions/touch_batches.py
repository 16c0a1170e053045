"""Many touches from another system at once: what is known by its `external_id` stays as it is, the rest is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from followups.actions import touches
from followups.models import Touch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.shared.models import User


@transaction.atomic
def save_touches(
    rows: Sequence[Mapping[str, Any]], *, by: User, partial: bool = False
) -> list[Saved]:
    """All or none, or with `partial` as many as can be; `rows` are fields of `NewTouch`. Raises ActionRefused."""

    def save(some: Sequence[Mapping[str, Any]]) -> list[Saved]:
        known = _known(some, by=by)
        new = [touches.NewTouch(**row) for row in some if row.get("external_id") not in known]
        logged = iter(touches.log_touches(new, by=by) if new else [])
        return [
            Saved(kind="unchanged", thing=known[row["external_id"]])
            if row.get("external_id") in known
            else Saved(kind="created", thing=next(logged))
            for row in some
        ]

    return save_what_can_be(rows, save=save) if partial else save(rows)


def _known(rows: Sequence[Mapping[str, Any]], *, by: User) -> dict[str | None, Touch]:
    """By external id. Raises ActionRefused for one named twice, or taken by what `by` does not see."""
    ids = [row["external_id"] for row in rows if row.get("external_id")]
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise _refused(_("“%(id)s” is named twice.") % {"id": twice})
    found = Touch.objects.filter(external_id__in=ids)
    known: dict[str | None, Touch] = {row.external_id: row for row in found.visible_to(by)}
    if taken := set(found.values_list("external_id", flat=True)) - known.keys():
        raise _refused(_("“%(id)s” cannot be used here.") % {"id": min(map(str, taken))})
    return known


def _refused(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"external_id": message})
