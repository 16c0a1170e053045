"""Words of the timeline for what the owner makes of a deal, for proposals, and for the order after a win."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.shared import display
from deals.states import OrderState, ProposalState, Role
from deals.views.entries import Entry, Facts, Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.shared.models import EventRecord


def _confidence(record: EventRecord, facts: Facts) -> Entry:
    title = _("Confidence %(percent)s %%") % {"percent": record.data["percent"]}
    was = record.data["was"]
    detail = "" if was is None else _("was %(percent)s %%") % {"percent": was}
    return Entry(record.at, "gauge", title, detail=detail)


def _parked(record: EventRecord, facts: Facts) -> Entry:
    day = display.day(dt.date.fromisoformat(record.data["until"]))
    title = _("Parked until %(day)s") % {"day": day}
    return Entry(record.at, "circle-parking", title, text=record.data["because"])


def _unparked(record: EventRecord, facts: Facts) -> Entry:
    return Entry(record.at, "sun", _("Taken up again"))


def _shared(record: EventRecord, facts: Facts) -> Entry:
    title = _("Shared with a colleague") if record.data["added"] else _("Shared with fewer")
    return Entry(record.at, "users", title)


def _on_the_deal(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    name = facts.names.get(data["contact_id"], _("Somebody"))
    words = _("%(name)s takes part in another way") if data["was"] else _("%(name)s takes part")
    role = Role(data["role"]).label.lower()
    return Entry(record.at, "user-plus", words % {"name": name}, detail=role)


def _off_the_deal(record: EventRecord, facts: Facts) -> Entry:
    name = facts.names.get(record.data["contact_id"], _("Somebody"))
    role = Role(record.data["role"]).label.lower()
    return Entry(
        record.at, "user-minus", _("%(name)s is off the deal") % {"name": name}, detail=role
    )


def _sent(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    amount = data["amount"]
    detail = f"{display.short_number(Decimal(amount))} {data['currency']}" if amount else ""
    return Entry(record.at, "file-text", _("Proposal sent"), detail=detail, text=data["offer"])


def _answered(record: EventRecord, facts: Facts) -> Entry:
    state = record.data["state"]
    if state == ProposalState.WITHDRAWN:
        return Entry(record.at, "file-x", _("Proposal withdrawn"))
    title = _("Proposal accepted") if state == ProposalState.ACCEPTED else _("Proposal declined")
    return Entry(record.at, "file-check", title, kind="in", voice=record.data["words"])


def _objections(record: EventRecord, facts: Facts) -> Entry:
    entry = Entry(record.at, "list-checks", _("Objections noted"))
    points = record.data["objections"]
    entry.text = "\n".join(
        f"{one['objection']} → {one['reply']}" if one["reply"] else one["objection"]
        for one in points
    )
    settled = sum(one["is_settled"] for one in points)
    words = {"settled": settled, "all": len(points)}
    entry.marks.append(Mark(_("%(settled)s of %(all)s settled") % words))
    return entry


def _order_opened(record: EventRecord, facts: Facts) -> Entry:
    return Entry(record.at, "package", _("The order is open"))


def _order_moved(record: EventRecord, facts: Facts) -> Entry:
    state = OrderState(record.data["state"])
    title = _("Order: %(state)s") % {"state": state.label.lower()}
    day = display.day(dt.date.fromisoformat(record.data["on"]))
    icon = "triangle-alert" if state == OrderState.ISSUE else "package-check"
    return Entry(record.at, icon, title, detail=day, text=record.data["issue"])


def _order_edited(record: EventRecord, facts: Facts) -> Entry:
    return Entry(record.at, "package", _("Order edited"))


def _value_checked(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    title = _("Value check after %(days)s days") % {"days": data["after_days"]}
    if data["skipped"]:
        return Entry(record.at, "clipboard-check", title, detail=_("left out"))
    rated = data["satisfaction"]
    detail = "" if rated is None else _("%(rated)s of 10") % {"rated": rated}
    return Entry(record.at, "clipboard-check", title, detail=detail, kind="in", voice=data["words"])


WORDS: dict[str, Callable[[EventRecord, Facts], Entry]] = {
    "deal.confidence_stated": _confidence,
    "deal.parked": _parked,
    "deal.unparked": _unparked,
    "deal.shared": _shared,
    "deal.stakeholder_placed": _on_the_deal,
    "deal.stakeholder_removed": _off_the_deal,
    "proposal.sent": _sent,
    "proposal.answered": _answered,
    "proposal.objections_noted": _objections,
    "order.opened": _order_opened,
    "order.moved": _order_moved,
    "order.edited": _order_edited,
    "order.value_checked": _value_checked,
}
