"""What a closing set up, from the event log: the consequences of its record, each with its date."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm.shared import display
from crm.shared.models import EventRecord
from deals.models import Contact
from deals.views.aftercare import ICONS, again_by, first_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from crm.shared.models import User
    from deals.models import Deal, Outcome

CLOSINGS = ("deal.won", "deal.lost", "deal.disqualified")


@dataclasses.dataclass(frozen=True)
class Planned:
    """One thing that is set up, in words, and the day it falls due."""

    icon: str
    text: str
    on: dt.date | None


@dataclasses.dataclass(frozen=True)
class LastWords:
    """What the buyer last wrote or said, and where that is from."""

    text: str
    source: str


def set_up_by(outcome: Outcome, deal: Deal, *, user: User) -> list[Planned]:
    """What `outcome` of `deal` planned, the earliest first."""
    records = EventRecord.objects.filter(
        cause__deal_id=outcome.deal_id,
        cause__name__in=CLOSINGS,
        cause__data__outcome_id=outcome.pk,
    )
    found = list(records.order_by("pk"))
    known = {deal.contact.pk: deal.contact.name} if deal.contact else {}
    names = names_in(found, known=known, user=user)
    planned = [line for record in found if (line := planned_by(record, names)) is not None]
    return sorted(planned, key=lambda line: (line.on is None, line.on))


def names_in(
    records: Iterable[EventRecord], *, known: dict[int, str], user: User
) -> dict[int, str]:
    """The names of the contacts that the records speak of, by id; asked for only where `known` has not all of them."""
    ids = {record.data["contact_id"] for record in records if record.data.get("contact_id")}
    if ids <= known.keys():
        return known
    seen = Contact.objects.visible_to(user).filter(pk__in=ids - known.keys())
    return known | dict(seen.values_list("pk", "name"))


def planned_by(record: EventRecord, names: dict[int, str]) -> Planned | None:
    """The line that says what `record` planned; None when it planned nothing."""
    name = first_name(names.get(record.data.get("contact_id") or 0, ""))
    words = {
        "feedback.invitation_planned": _("%(name)s is asked why, neutrally") % {"name": name}
        if name
        else _("The buyer is asked why, neutrally"),
        "review.planned": _("Review, ten minutes"),
        "referral.ask_planned": _("You ask %(name)s for a referral") % {"name": name}
        if name
        else _("You ask for a referral"),
        "order.opened": _("The order opens: delivery, and later whether the value came"),
    }
    icons = {
        "feedback.invitation_planned": ICONS["ask_buyer"],
        "review.planned": ICONS["review"],
        "referral.ask_planned": ICONS["ask_referral"],
        "order.opened": "package",
    }
    if record.name in words:
        return Planned(icons[record.name], words[record.name], due_in(record.data))
    if record.name == "follow_up.planned":
        return _follow_up(record.data)
    return None


def _follow_up(data: dict[str, Any]) -> Planned:
    following = {
        "call": _("Next: call"),
        "email": _("Next: e-mail"),
        "meeting": _("Next: meeting"),
    }
    channel, purpose, what = data.get("channel", ""), data.get("purpose", ""), data.get("what", "")
    on = due_in(data)
    if purpose == "nurture":
        text = _("Stay in touch: “%(track)s”") % {"track": what} if what else _("Stay in touch")
        return Planned(ICONS["nurture"], text, on)
    if purpose == "revisit":
        return Planned(ICONS["revisit"], again_by(channel), on)
    text = _("Next: %(what)s") % {"what": what} if what else following.get(channel, _("Next step"))
    return Planned(ICONS["revisit"], text, on)


def due_in(data: dict[str, Any]) -> dt.date | None:
    """The day that an event names, on the reader's calendar."""
    if moment := parse_datetime(str(data.get("due_at") or "")):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return parse_date(str(data.get("due_on") or ""))


def last_words(deal: Deal) -> LastWords | None:
    """The words of the last touch that came from the buyer, from the event log."""
    inbound = EventRecord.objects.of_deal(deal.pk).filter(name="touch.logged", data__direction="in")
    record = inbound.exclude(data__note="").first()
    if record is None or not record.data.get("note"):
        return None
    channels = {"call": _("a call"), "email": _("an e-mail"), "meeting": _("a meeting")}
    values = {
        "channel": channels.get(record.data["channel"], _("a message")),
        "day": display.day(record.at),
    }
    return LastWords(record.data["note"], _("From %(channel)s of %(day)s.") % values)
