"""The first rows of a dry run, as they would come out."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.imports.models import ImportedRow
from crm.imports.reading import Record
from crm.imports.rows import Row
from crm.imports.states import Kind
from crm.shared import display
from crm.shared.batches import Saved
from deals.models import Account, Contact, Deal
from followups.models import Touch

SHOWN = 20
LONGEST = 80
HEADINGS: dict[str, Sequence[Any]] = {
    Kind.ACCOUNTS: (_("Name"), _("Owner"), _("Industry"), _("Country"), _("Website")),
    Kind.CONTACTS: (_("Name"), _("Owner"), _("Company"), _("E-mail"), _("Phone")),
    Kind.DEALS: (_("Title"), _("Owner"), _("Company"), _("Stage"), _("Amount")),
    Kind.TOUCHES: (_("When"), _("By"), _("Kind"), _("Result"), _("Deal")),
}


def of_batch(
    batch: Sequence[Record],
    rows: Sequence[Row],
    results: Sequence[Saved],
    rejected: Sequence[ImportedRow],
    *,
    in_doubt: Collection[int],
) -> list[dict[str, Any]]:
    """The first of a batch, in the order of the file: {line, what, cells}, and why one did not come in.

    `what` is “created”, “updated”, “unchanged”, “rejected” or “in doubt”.
    """
    came = {
        row.record.line: {"what": one.kind, "cells": _told(_said(one.thing)), "why": ""}
        for row, one in zip(rows[:SHOWN], results, strict=False)
        if one.refusal is None
    }
    left = {
        row.line: {
            "what": "in doubt" if row.line in in_doubt else "rejected",
            "cells": _told(row.cells[:5]),
            "why": row.why,
        }
        for row in rejected
    }
    first = [record.line for record in batch[:SHOWN]]
    return [{"line": line} | (came | left)[line] for line in first]


def _told(said: Sequence[Any]) -> list[str]:
    return [str(one)[:LONGEST] for one in said]


def _said(thing: Any) -> Sequence[Any]:
    if isinstance(thing, Account):
        return (thing.name, thing.owner, thing.industry, thing.country, thing.website)
    if isinstance(thing, Contact):
        return (thing.name, thing.owner, thing.account or "", thing.email, thing.phone)
    if isinstance(thing, Deal):
        return (thing.title, thing.owner, thing.account or "", _standing(thing), _amount(thing))
    assert isinstance(thing, Touch)  # noqa: S101  (there is no other kind)
    kind, result = thing.get_channel_display(), thing.get_result_display()
    return (display.full_day(thing.at), thing.by or "", kind, result, thing.deal)


def _standing(deal: Deal) -> str:
    """Its stage, or how and when it ended, and why."""
    if deal.closed_at is None or deal.outcome is None:
        return str(deal.stage)
    ended = [str(deal.get_status_display()), display.full_day(deal.closed_at)]
    return " · ".join([*ended, *([str(deal.outcome.reason)] if deal.outcome.reason else [])])


def _amount(deal: Deal) -> str:
    return "" if deal.amount is None else display.exact_money(deal.amount, deal.currency)
