"""How a person wishes to be reached, whether at all, and on what basis, as columns of a file say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.imports.formats import normal
from deals.models import Channel, NoContact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from crm.imports.cells import Cells

YES = frozenset(
    {
        *("yes", "true", "1", "x", "y", "on", "opted out", "unsubscribed"),
        "ja",
        "si",
        "tak",
        "да",
        "是",
    }
)
CONSENT = ("consent", "consent_source")


def of(cells: Cells, *, day: Callable[[str], dt.date | None]) -> dict[str, Any]:
    """The fields of a contact that the file says something of. A file may stop contact; it never lifts such a wish."""
    found: dict[str, Any] = {name: cells.text(name) for name in CONSENT if cells.has(name)}
    if cells.has("consent_on"):
        found["consent_on"] = day("consent_on")
    channel = normal(cells.text("preferred_channel"))
    if channel in Channel.values:
        found["preferred_channel"] = channel
    elif channel:
        cells.leave("preferred_channel")
    if normal(cells.text("do_not_contact")) not in YES:
        return found
    found |= {"do_not_contact": True, "do_not_contact_scope": _scope(cells)}
    if why := cells.text("do_not_contact_why"):
        found["do_not_contact_why"] = why
    if since := day("do_not_contact_since"):
        found["do_not_contact_since"] = since
    return found


def _scope(cells: Cells) -> str:
    """As a column says, else what the name of the column is about, else everything."""
    said = normal(cells.text("do_not_contact_scope"))
    if said in NoContact.values:
        return said
    named = normal(cells.column("do_not_contact")).split()
    if {"email", "mail"} & {*named}:
        return NoContact.EMAIL
    return NoContact.CALL if "call" in named else NoContact.ALL
