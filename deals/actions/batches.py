"""Many companies, people or deals at once, new and known: what has the `external_id` of a known row changes that row.

All or none, or with `partial` as many as can be. A fixed number of statements however many rows there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from deals.actions import directory, pipeline
from deals.models import Account, Contact, Deal

if TYPE_CHECKING:
    from crm.shared.models import User

Row = Mapping[str, Any]
R = TypeVar("R", Account, Contact)
OPENING = frozenset({"title", "owner", "account", "contact", "stage", "opened_at", "imported"})


@transaction.atomic
def save_deals(rows: Sequence[Row], *, by: User | None, partial: bool = False) -> list[Saved]:
    """Open the new ones, edit the known ones; a stage is where a new one starts, and moves nothing."""

    def save(some: Sequence[Row]) -> list[Saved]:
        known = _known(Deal, some, by=by)
        new = [row for row in some if _external_id(row) not in known]
        opened = pipeline.open_deals([_opening(row, by=by) for row in new], by=by) if new else []
        old = [(known[_external_id(row)], row) for row in some if _external_id(row) in known]
        edits = [
            pipeline.Edit(
                deal=deal,
                version=row.get("version"),
                changes={name: row[name] for name in row.keys() & pipeline.EDITABLE},
            )
            for deal, row in old
        ]
        edited = pipeline.edit_many(edits, by=by) if edits else []
        before = {deal.pk: deal.version for deal, _row in old}
        return _in_order(some, known=known, added=opened, edited=edited, before=before)

    return save_what_can_be(rows, save=save) if partial else save(rows)


@transaction.atomic
def save_accounts(rows: Sequence[Row], *, by: User | None, partial: bool = False) -> list[Saved]:
    """Add the new companies, change the known ones."""

    def save(some: Sequence[Row]) -> list[Saved]:
        return _save(
            Account, some, add=directory.add_accounts, fields=directory.ACCOUNT_FIELDS, by=by
        )

    return save_what_can_be(rows, save=save) if partial else save(rows)


@transaction.atomic
def save_contacts(rows: Sequence[Row], *, by: User | None, partial: bool = False) -> list[Saved]:
    """Add the new people, change the known ones."""

    def save(some: Sequence[Row]) -> list[Saved]:
        return _save(
            Contact, some, add=directory.add_contacts, fields=directory.CONTACT_FIELDS, by=by
        )

    return save_what_can_be(rows, save=save) if partial else save(rows)


def _save(
    model: type[R], rows: Sequence[Row], *, add: Any, fields: frozenset[str], by: User | None
) -> list[Saved]:
    now = timezone.now()
    known = _known(model, rows, by=by)
    before = {thing.pk: thing.version for thing in known.values()}
    new = [
        {"owner": by} | _without(row, "version") for row in rows if _external_id(row) not in known
    ]
    added = add(new, by=by) if new else []
    edited = []
    names: set[str] = set()
    for row in rows:
        thing = known.get(_external_id(row))
        if thing is None:
            continue
        pipeline.check_version(thing, row.get("version"))
        changed = {name for name in row.keys() & fields if getattr(thing, name) != row[name]}
        for name in changed:
            setattr(thing, name, row[name])
        if changed:
            thing.version, thing.updated_at = thing.version + 1, now
        names |= changed
        edited.append(thing)
    if names:
        touched = [thing for thing in edited if thing.version > before[thing.pk]]
        model._default_manager.bulk_update(
            touched, [*names, "version", "updated_at"], batch_size=500
        )
    return _in_order(rows, known=known, added=added, edited=edited, before=before)


def _opening(row: Row, *, by: User | None) -> pipeline.NewDeal:
    named = {name: row[name] for name in row.keys() & OPENING}
    return pipeline.NewDeal(**({"owner": by} | named), fields=_without(row, "version", *OPENING))


def _known(model: type[Any], rows: Sequence[Row], *, by: User | None) -> dict[str | None, Any]:
    """The rows that are there already, locked, by external id. Raises ActionRefused for one named twice, or not `by`'s."""
    ids = [external_id for row in rows if (external_id := _external_id(row)) is not None]
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise _refused(_("“%(id)s” is named twice.") % {"id": twice})
    found = model._default_manager.filter(external_id__in=ids)
    visible = (
        found
        if by is None
        else found.filter(pk__in=model._default_manager.visible_to(by).values("pk"))
    )
    locked = visible.order_by("pk").select_for_update(of=("self",))
    known: dict[str | None, Any] = {thing.external_id: thing for thing in locked}
    unseen = found.exclude(pk__in=[thing.pk for thing in known.values()]).values_list(
        "external_id", flat=True
    )
    if taken := unseen.first():
        raise _refused(_("“%(id)s” cannot be used here.") % {"id": taken})
    return known


def _in_order(
    rows: Sequence[Row],
    *,
    known: Mapping[str | None, Any],
    added: Sequence[Any],
    edited: Sequence[Any],
    before: Mapping[int, int],
) -> list[Saved]:
    """What became of each row, in the order of `rows`."""
    new, old = iter(added), iter(edited)
    found = []
    for row in rows:
        if _external_id(row) not in known:
            found.append(Saved(kind="created", thing=next(new)))
            continue
        thing = next(old)
        kind = "updated" if thing.version > before[thing.pk] else "unchanged"
        found.append(Saved(kind=kind, thing=thing))
    return found


def _external_id(row: Row) -> str | None:
    found: str | None = row.get("external_id")
    return found


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _refused(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"external_id": message})
