"""Rows become accounts, contacts and deals, through the actions that every other door uses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.imports.formats import compact
from crm.imports.lookups import Lookups
from crm.imports.matching import filling_in
from crm.imports.rows import Row
from crm.imports.states import Kind
from crm.shared.batches import Saved
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals.actions import batches, past
from followups.actions import touch_batches


def save(kind: str, rows: Sequence[Row], *, lookups: Lookups) -> list[Saved]:
    """What became of each row, in order. One refused row stops no other. Needs a transaction."""
    saved: dict[int, Saved] = {}
    for places in _rounds(rows):
        saved |= zip(places, _save(kind, [rows[place] for place in places], lookups), strict=True)
    return [saved[place] for place in range(len(rows))]


def _rounds(rows: Sequence[Row]) -> Iterable[list[int]]:
    """The places of the rows, in one round but for those that name again what an earlier one names: that one comes first."""
    rounds: defaultdict[int, list[int]] = defaultdict(list)
    named: Counter[Any] = Counter()
    for place, row in enumerate(rows):
        key = batches.key_of(row.fields)
        rounds[named[key]].append(place)
        if key is not None:
            named[key] += 1
    return rounds.values()


def _save(kind: str, rows: Sequence[Row], lookups: Lookups) -> list[Saved]:
    if kind == Kind.DEALS:
        return _save_deals(rows, by=lookups.by)
    if kind == Kind.CONTACTS:
        return batches.save_contacts([row.fields for row in rows], by=lookups.by, partial=True)
    if kind == Kind.TOUCHES:
        return touch_batches.save_touches(
            [row.fields | {"imported": True} for row in rows], by=lookups.by, partial=True
        )
    return _save_accounts(rows, lookups=lookups)


def _save_deals(rows: Sequence[Row], *, by: User | None) -> list[Saved]:
    return batches.save_deals(
        [row.fields | {"imported": True, "ending": _ending(row)} for row in rows],
        by=by,
        partial=True,
    )


def _ending(row: Row) -> past.Ending | None:
    if row.ended is None or row.closed_at is None:
        return None
    return past.Ending(
        kind=row.ended,
        at=row.closed_at,
        note=row.note,
        reason=row.reason,
        competitor=row.competitor,
        no_competitor=row.no_competitor,
    )


def _save_accounts(rows: Sequence[Row], *, lookups: Lookups) -> list[Saved]:
    """Companies with an id go by it, the others by their name."""
    saved: dict[int, Saved] = {}
    items: dict[int, dict[str, Any]] = {}
    new: set[str] = set()
    for index, row in enumerate(rows):
        if "same_as" in row.fields:
            items[index] = row.fields
            continue
        name = compact(row.fields["name"])
        by_name = not row.fields.get("external_id")
        known = lookups.known_account(row.fields["name"]) if by_name else None
        if known is not None:
            items[index] = filling_in(row.fields, same_as=known)
        elif name in new and by_name:
            saved[index] = Saved(
                kind="refused", refusal=ActionRefused(_("This company stands in the file twice."))
            )
        else:
            new.add(name)
            items[index] = row.fields
    written = batches.save_accounts(list(items.values()), by=lookups.by, partial=True)
    saved |= dict(zip(items, written, strict=True))
    for one in written:
        if one.thing:
            lookups.accounts.keep(one.thing.name, one.thing)
    return [saved[index] for index in range(len(rows))]
