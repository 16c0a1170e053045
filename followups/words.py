"""How follow-ups are put into words, for pages, lists and the morning mail alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shared import display
from deals.states import DealStatus
from followups.states import Channel, Purpose

if TYPE_CHECKING:
    from followups.actions.next_steps import Rhythm
    from followups.models import FollowUp

ICONS = {
    Channel.CALL: "phone",
    Channel.EMAIL: "mail",
    Channel.MEETING: "users",
    Channel.FORM: "clipboard-list",
    Channel.SOCIAL: "message-circle",
    Channel.POST: "mailbox",
}
LOGGED = {
    Channel.CALL: gettext_lazy("Call logged."),
    Channel.EMAIL: gettext_lazy("E-mail logged."),
    Channel.MEETING: gettext_lazy("Meeting logged."),
}
BY = {
    Channel.CALL: gettext_lazy("phone"),
    Channel.EMAIL: gettext_lazy("e-mail"),
    Channel.MEETING: gettext_lazy("meeting"),
    Channel.FORM: gettext_lazy("form"),
    Channel.SOCIAL: gettext_lazy("social media"),
    Channel.POST: gettext_lazy("post"),
}
LOG = {
    Channel.CALL: gettext_lazy("Log call"),
    Channel.EMAIL: gettext_lazy("Log e-mail"),
    Channel.MEETING: gettext_lazy("Log meeting"),
}
HOW_DID_IT_GO = {
    Channel.CALL: gettext_lazy("How did the call go?"),
    Channel.EMAIL: gettext_lazy("What became of the e-mail?"),
    Channel.MEETING: gettext_lazy("How did the meeting go?"),
}


def city_of(zone: str) -> str:
    """“London” of “Europe/London”: where nine o'clock is meant; nothing for UTC."""
    return zone.rpartition("/")[2].replace("_", " ") if "/" in zone else ""


def logged(channel: str) -> str:
    return str(LOGGED.get(Channel(channel), _("Touch logged.")))


def log(channel: str) -> str:
    return str(LOG.get(Channel(channel), _("Log touch")))


def how_did_it_go(channel: str) -> str:
    return str(HOW_DID_IT_GO.get(Channel(channel), _("How did it go?")))


def to_do(channel: str, name: str) -> str:
    """“Call Dana Whitfield”."""
    if not name:
        return str(Channel(channel).label)
    by_channel = {
        Channel.CALL: _("Call %(name)s"),
        Channel.EMAIL: _("E-mail to %(name)s"),
        Channel.MEETING: _("Meet %(name)s"),
        Channel.FORM: _("Form for %(name)s"),
        Channel.SOCIAL: _("Social media: %(name)s"),
        Channel.POST: _("Letter to %(name)s"),
    }
    return by_channel[Channel(channel)] % {"name": name}


def every(days: int) -> str:
    return ngettext("every day", "every %(days)s days", days) % {"days": display.number(days)}


def why_due(follow_up: FollowUp, rhythm: Rhythm) -> str:
    """One or two sentences: what to do, on what ground, and when the buyer was last heard."""
    deal = follow_up.deal
    name = follow_up.contact.name if follow_up.contact else ""
    what = to_do(follow_up.channel, name)
    if follow_up.purpose == Purpose.REVISIT:
        named = {"task": follow_up.what, "what": what, "closed": _closed(follow_up)}
        if follow_up.what:
            return _("%(what)s again: %(task)s. %(closed)s") % named
        return _("%(what)s again. %(closed)s") % named
    if follow_up.purpose == Purpose.NURTURE:
        named = {"track": follow_up.what, "what": what, "closed": _closed(follow_up)}
        return _("Stay in touch, “%(track)s”: %(what)s. %(closed)s") % named
    if follow_up.what:
        what = f"{what}: {follow_up.what}"
    if deal.touch_count == 0:
        return _("%(what)s. Never contacted yet.") % {"what": what}
    words: dict[str, object] = {
        "what": what,
        "every": every(rhythm.interval_days),
        "channel": BY[Channel(rhythm.channel)],
        "heard": _heard(follow_up),
    }
    if follow_up.is_agreed:
        return _("%(what)s, on the day agreed. %(heard)s") % words
    if rhythm.is_agreed:
        return _("%(what)s, as agreed: %(every)s, by %(channel)s. %(heard)s") % words
    return _("%(what)s, %(every)s. %(heard)s") % words


def _closed(follow_up: FollowUp) -> str:
    closed_at = follow_up.deal.closed_at
    if closed_at is None:
        return ""
    is_lost = follow_up.deal.status == DealStatus.LOST
    closed = _("Lost %(day)s.") if is_lost else _("Closed %(day)s.")
    return closed % {"day": display.day(closed_at)}


def _heard(follow_up: FollowUp) -> str:
    heard_at = follow_up.deal.last_heard_at
    if heard_at is None:
        return _("Nothing heard yet.")
    return _("Last heard %(day)s.") % {"day": display.day(heard_at)}
