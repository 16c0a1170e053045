"""Rows become accounts, contacts and deals, through the actions that every other door uses."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crm.imports.formats import compact
from crm.imports.lookups import Lookups
from crm.imports.rows import Row
from crm.imports.states import Kind
from crm.shared.batches import Saved
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals.actions import batches, closing, directory
from deals.models import Account, Deal
from deals.states import DealStatus, Disqualification

Ending = tuple[Row, Deal]


def save(kind: str, rows: Sequence[Row], *, lookups: Lookups) -> list[Saved]:
    """What became of each row, in order. One refused row stops no other. Needs a transaction."""
    if kind == Kind.DEALS:
        return _save_deals(rows, by=lookups.by)
    if kind == Kind.CONTACTS:
        return batches.save_contacts([row.fields for row in rows], by=lookups.by, partial=True)
    return _save_accounts(rows, lookups=lookups)


def _save_deals(rows: Sequence[Row], *, by: User | None) -> list[Saved]:
    saved = batches.save_deals(
        [row.fields | {"imported": True} for row in rows], by=by, partial=True
    )
    ending = [
        (row, one.thing)
        for row, one in zip(rows, saved, strict=True)
        if row.ended and one.thing and one.thing.is_open
    ]
    closed = {deal.pk for _row, deal in ending}
    closing.win_many([_win(one) for one in ending if one[0].ended == DealStatus.WON], by=by)
    closing.lose_many([_loss(one) for one in ending if one[0].ended == DealStatus.LOST], by=by)
    closing.disqualify_many(
        [_disqualified(one) for one in ending if one[0].ended == DealStatus.DISQUALIFIED], by=by
    )
    return [
        Saved(kind="updated", thing=one.thing)
        if one.kind == "unchanged" and one.thing.pk in closed
        else one
        for one in saved
    ]


def _win(ending: Ending) -> closing.Win:
    row, deal = ending
    return closing.Win(deal=deal, at=row.closed_at, note=row.note, historical=True)


def _loss(ending: Ending) -> closing.Loss:
    row, deal = ending
    assert row.reason is not None  # noqa: S101  (the reader gives every loss one)
    return closing.Loss(
        deal=deal,
        at=row.closed_at,
        note=row.note,
        historical=True,
        reason=row.reason,
        competitor=row.competitor,
    )


def _disqualified(ending: Ending) -> closing.Disqualified:
    row, deal = ending
    return closing.Disqualified(
        deal=deal,
        at=row.closed_at,
        note=row.note,
        historical=True,
        disqualified_as=Disqualification.UNQUALIFIED,
    )


def _save_accounts(rows: Sequence[Row], *, lookups: Lookups) -> list[Saved]:
    """Companies with an id go by it, the others by their name."""
    saved: dict[int, Saved] = {}
    new: dict[str, int] = {}
    for index, row in enumerate(rows):
        name = compact(row.fields["name"])
        known = None if row.fields["external_id"] else lookups.accounts.get(name)
        if known is not None:
            saved[index] = _edit_account(known, row, by=lookups.by)
            lookups.accounts[name] = saved[index].thing or known
        elif name in new and not row.fields["external_id"]:
            saved[index] = Saved(
                kind="refused", refusal=ActionRefused(_("This company stands in the file twice."))
            )
        else:
            new[name] = index
    left = [index for index in range(len(rows)) if index not in saved]
    added = batches.save_accounts(
        [rows[index].fields for index in left], by=lookups.by, partial=True
    )
    saved |= dict(zip(left, added, strict=True))
    lookups.accounts |= {compact(one.thing.name): one.thing for one in added if one.thing}
    return [saved[index] for index in range(len(rows))]


def _edit_account(account: Account, row: Row, *, by: User | None) -> Saved:
    """Fill in what the file says; what it leaves out, and whose the company is, stay."""
    changes = {name: value for name, value in row.fields.items() if value and name != "owner"}
    try:
        with transaction.atomic():
            edited = directory.edit_account(account, by=by, **changes)
    except ActionRefused as refusal:
        return Saved(kind="refused", refusal=refusal)
    return Saved(kind="updated" if edited.version > account.version else "unchanged", thing=edited)
