"""Many companies, people or deals at once, new and known: what has the `external_id` of a known row changes that row.

A row with `same_as` changes that one, whatever ids they have.

All or none, or with `partial` as many as can be. A fixed number of statements however many rows there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from deals.actions import directory, past, pipeline
from deals.models import Account, Contact, Deal

if TYPE_CHECKING:
    from crm.shared.models import User

Row = Mapping[str, Any]
Key = str | int | None  # an id from elsewhere, a pk, or nothing that is known
R = TypeVar("R", Account, Contact)
OPENING = frozenset({"title", "owner", "account", "contact", "stage", "opened_at", "imported"})
BESIDE = frozenset({"version", "ending"})  # what a row says that is no field of a new deal


@transaction.atomic
def save_deals(rows: Sequence[Row], *, by: User | None, partial: bool = False) -> list[Saved]:
    """Open the new ones, edit the known ones; a stage is where a new one starts, and moves nothing.

    A row with an `ending` tells how it ended in the past: a new one is closed as it is written, an open one by it.
    """

    def save(some: Sequence[Row]) -> list[Saved]:
        known = _known(Deal, some, by=by)
        new = [row for row in some if key_of(row) not in known]
        entries = [(_opening(row, by=by), row.get("ending")) for row in new]
        opened = past.open_ended(entries, by=by) if new else []
        old = [(known[key_of(row)], row) for row in some if key_of(row) in known]
        edited = _edit_deals(old, by=by)
        return _in_order(some, known=known, added=opened, edited=edited)

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


def _edit_deals(old: Sequence[tuple[Deal, Row]], *, by: User | None) -> list[Saved]:
    """Edit those that are there, then close the open ones whose row tells their end."""
    edits = [
        pipeline.Edit(
            deal=deal,
            version=row.get("version"),
            changes={name: row[name] for name in row.keys() & pipeline.EDITABLE},
        )
        for deal, row in old
    ]
    edited = pipeline.edit_many(edits, by=by) if edits else []
    ending = [
        (deal, row["ending"])
        for deal, (_known, row) in zip(edited, old, strict=True)
        if deal.is_open and row.get("ending")
    ]
    outcomes = past.end_many(ending, by=by) if ending else []
    closed = {outcome.deal_id: outcome.deal for outcome in outcomes}
    saved = []
    for deal, (known, row) in zip(edited, old, strict=True):
        now = closed.get(deal.pk, deal)
        former = {
            name: pipeline.plain(known, name)
            for name in {*(row.keys() & pipeline.EDITABLE), "outcome", "version"}
            if not pipeline.says(now, name, pipeline.plain(known, name))
        }
        saved.append(Saved(kind="updated" if former else "unchanged", thing=now, former=former))
    return saved


def _save(
    model: type[R], rows: Sequence[Row], *, add: Any, fields: frozenset[str], by: User | None
) -> list[Saved]:
    now = timezone.now()
    known = _known(model, rows, by=by)
    new = [{"owner": by} | _without(row, "version") for row in rows if key_of(row) not in known]
    added = add(new, by=by) if new else []
    edited: list[Saved] = []
    names: set[str] = set()
    for row in rows:
        thing = known.get(key_of(row))
        if thing is None:
            continue
        pipeline.check_version(thing, row.get("version"))
        directory.refuse_erased(thing)
        changed = {
            name
            for name in row.keys() & fields
            if not pipeline.says(thing, name, row[name]) and _may_say(row, name, of=thing)
        }
        names |= changed
        former = {name: pipeline.plain(thing, name) for name in changed}
        for name in changed:
            setattr(thing, name, row[name])
        if changed:
            former["version"] = thing.version
            thing.version, thing.updated_at = thing.version + 1, now
        edited.append(Saved(kind="updated" if changed else "unchanged", thing=thing, former=former))
    if names:
        touched = [one.thing for one in edited if one.former]
        model._default_manager.bulk_update(
            touched, [*names, "version", "updated_at"], batch_size=500
        )
        if "name" in names:
            kind = "accounts" if model is Account else "contacts"
            directory.rename_in_search(**{kind: touched})
        if model is Contact:
            directory.heed(touched, by=by)
    return _in_order(rows, known=known, added=added, edited=edited)


def _may_say(row: Row, name: str, *, of: Any) -> bool:
    """The id of a row speaks for it; the id of one that was merged into it only fills in what is empty."""
    own, told = of.external_id, row.get("external_id")
    if own is None or told is None or own == told or "same_as" in row:
        return name != "external_id" or "same_as" in row
    return name != "external_id" and getattr(of, name) in (None, "", {})


def _opening(row: Row, *, by: User | None) -> pipeline.NewDeal:
    named: dict[str, Any] = {"owner": by}
    fields: dict[str, Any] = {}
    for name, value in row.items():
        if name in OPENING:
            named[name] = value
        elif name not in BESIDE:
            fields[name] = value
    return pipeline.NewDeal(**named, fields=fields)


def _known(model: type[Any], rows: Sequence[Row], *, by: User | None) -> dict[Key, Any]:
    """The rows that are there already, locked, by key. Raises ActionRefused for one named twice, or not `by`'s."""
    keys = [key for row in rows if (key := key_of(row)) is not None]
    if len(set(keys)) < len(keys):
        twice = next(one for one in keys if keys.count(one) > 1)
        raise _refused(_("“%(id)s” is named twice.") % {"id": twice})
    pks = [key for key in keys if isinstance(key, int)]
    named = Q(external_id__in=[key for key in keys if isinstance(key, str)])
    rows_of_all = model._default_manager.filter(named | Q(pk__in=pks) if pks else named)
    there = dict(rows_of_all.order_by().values_list("pk", "external_id"))
    known: dict[Key, Any] = {}
    if there:  # in most imports none is
        seen = model._default_manager.all() if by is None else model._default_manager.visible_to(by)
        found = model._default_manager.filter(pk__in=there).filter(pk__in=seen.values("pk"))
        for thing in found.order_by("pk").select_for_update(of=("self",)):
            known |= {thing.external_id: thing, thing.pk: thing}
    known.pop(None, None)
    if model is not Deal:
        _follow_merges(model, known, by=by)
    taken = next((external_id or pk for pk, external_id in there.items() if pk not in known), None)
    gone = next((pk for pk in pks if pk not in known), None)
    if gone or taken:
        raise _refused(_("“%(id)s” cannot be used here.") % {"id": gone or taken})
    return known


def _follow_merges(model: type[R], known: dict[Key, R], *, by: User | None) -> None:
    """What was merged into another one is that one: changes go to the row that stayed. Raises ActionRefused as `_known`."""
    rows = model._default_manager.all() if by is None else model._default_manager.visible_to(by)
    while gone := {row.pk: row.merged_into_id for row in known.values() if row.merged_into_id}:
        stayed = {
            row.pk: row
            for row in model._default_manager.filter(
                pk__in=rows.filter(pk__in=set(gone.values())).values("pk")
            )
            .order_by("pk")
            .select_for_update(of=("self",))
        }
        for key, row in known.items():
            if row.pk in gone:
                if gone[row.pk] not in stayed:
                    raise _refused(_("“%(id)s” cannot be used here.") % {"id": key})
                known[key] = stayed[gone[row.pk]]
    named = [row.pk for key, row in known.items() if isinstance(key, str)]
    if len(set(named)) < len(named):
        raise _refused(_("Two of these rows are one here: they were merged."))


def _in_order(
    rows: Sequence[Row],
    *,
    known: Mapping[Key, Any],
    added: Sequence[Any],
    edited: Sequence[Saved],
) -> list[Saved]:
    """What became of each row, in the order of `rows`."""
    new, old = iter(added), iter(edited)
    found = []
    for row in rows:
        if key_of(row) not in known:
            found.append(Saved(kind="created", thing=next(new)))
        else:
            found.append(next(old))
    return found


def key_of(row: Row) -> Key:
    """By what a row is known: the one it is said to be the same as, else its id from elsewhere."""
    same: Account | Contact | Deal | None = row.get("same_as")
    external_id: str | None = row.get("external_id")
    return external_id if same is None else same.pk


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _refused(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"external_id": message})
