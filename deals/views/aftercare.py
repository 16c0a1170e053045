"""What happens after a loss, as the dialog shows it: each step of a playbook with its date."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm.shared import display, mailing, working_days
from deals.actions import closing
from deals.forms.closing import DATED, STEPS
from deals.models import NoContact
from deals.states import FIRST_NURTURE_DAYS

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from deals.forms import LoseForm
    from deals.models import Contact, Deal, LossReason

    Book = Mapping[str, Any]

ICONS = {
    "ask_buyer": "message-square-quote",
    "review": "clipboard-check",
    "ask_referral": "gift",
    "nurture": "mail",
    "revisit": "calendar-clock",
}


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing that can follow; not `is_shown` = not in the playbook. A review and a track choose their own day."""

    code: str
    icon: str
    title: str
    ground: str
    is_shown: bool
    is_wanted: bool
    days: Any
    on: str

    @property
    def is_dated(self) -> bool:
        return self.code in DATED


def playbooks(
    reasons: Sequence[LossReason], deal: Deal, *, barred: Container[str], now: dt.datetime
) -> dict[str, dict[str, Any]]:
    """By the slug of each reason: its name and its steps, {code: {days, on, ground}}. For the page's script."""
    return {
        reason.slug: {
            "name": reason.name,
            "steps": {
                code: facts
                for code, facts in _steps_of(reason, deal, now=now).items()
                if code not in barred
            },
        }
        for reason in reasons
    }


def steps_for(form: LoseForm, deal: Deal, books: Mapping[str, Book]) -> list[Step]:
    """The steps as the form has them: of the reason chosen, ticked unless the person took the tick away."""
    before_choosing = {"steps": {"review": _review()}}
    book = books.get(str(form["reason"].value() or ""), before_choosing)["steps"]
    sent = set(form["shown"].value() or ()) if form.is_bound else set()
    is_same = form["playbook_of"].value() == form["reason"].value()
    steps = []
    for code in STEPS:
        facts = book.get(code, {})
        typed = (
            form[f"{code}_days"].value() if form.is_bound and is_same and code in DATED else None
        )
        steps.append(
            Step(
                code=code,
                icon=ICONS[code],
                title=_title(code, deal),
                ground=facts.get("ground", ""),
                is_shown=code in book,
                is_wanted=code not in sent or bool(form[code].value()),
                days=typed or facts.get("days", ""),
                on=facts.get("on", ""),
            )
        )
    return steps


def _steps_of(reason: LossReason, deal: Deal, *, now: dt.datetime) -> dict[str, dict[str, Any]]:
    planned = closing.playbook(reason, deal=deal)
    grounds = {
        "ask_buyer": _("a neutral e-mail, three questions"),
        "ask_referral": _("a no can still open a door"),
        "revisit": _("what was in the way may have gone"),
    }
    steps: dict[str, dict[str, Any]] = {"review": _review()}
    for code, name in DATED.items():
        days = getattr(planned, name)
        if days is not None:
            on = due_on(code, deal, days=days, now=now)
            steps[code] = {"days": days, "on": on, "ground": grounds[code]}
    if planned.nurture_track:
        on = due_on("nurture", deal, days=FIRST_NURTURE_DAYS, now=now)
        steps["nurture"] = {"ground": f"“{planned.nurture_track}”", "on": on}
    return steps


def _review() -> dict[str, Any]:
    return {"ground": _("when it is this account’s turn, or yours")}


def _title(code: str, deal: Deal) -> str:
    name = first_name(deal.contact.name) if deal.contact else ""
    asks = _("Ask %(name)s for a referral") % {"name": name} if name else _("Ask for a referral")
    titles = {
        "ask_buyer": _("Ask %(name)s why") % {"name": name} if name else _("Ask the buyer why"),
        "review": _("Review in ten minutes"),
        "ask_referral": asks,
        "nurture": _("Stay in touch"),
        "revisit": again_by(deal.contact.preferred_channel if deal.contact else ""),
    }
    return titles[code]


def again_by(channel: str) -> str:
    """How a buyer is turned to again: by the channel that suits them; by phone where nobody has said."""
    again = {
        "": _("Call again"),
        "call": _("Call again"),
        "email": _("Write again"),
        "meeting": _("Meet again"),
    }
    return again.get(channel, _("Be in touch again"))


def first_name(name: str) -> str:
    return name.split()[0] if name.strip() else name


# ---- who is not asked, and when the others are -----------------------------------------------------


def barred_for(contact: Contact | None) -> dict[str, str]:
    """The steps that cannot happen for this person, each with the reason in words."""
    if contact is None:
        return {"ask_buyer": _("This deal names no contact, so nobody is asked why.")}
    name = {"name": contact.name}
    if contact.refuses(NoContact.ALL):
        why = _("%(name)s does not want to be contacted, so nobody writes or calls.") % name
        return dict.fromkeys(["ask_buyer", "nurture", "revisit"], why)
    if contact.refuses(NoContact.EMAIL):
        return {"ask_buyer": _("%(name)s wants no mail, so nobody is asked why.") % name}
    if not contact.email:
        return {"ask_buyer": _("%(name)s has no e-mail address, so nobody is asked why.") % name}
    if mailing.suppressed_among([contact.email]):
        return {"ask_buyer": _("%(name)s wants no mail, so nobody is asked why.") % name}
    return {}


def due_on(code: str, deal: Deal, *, days: int, now: dt.datetime) -> str:
    """The day of a step that comes `days` after `now`, for people: a working day there, at nine (rule 3).

    The person's country and zone; where there is no person, the owner's, for calling again the account's country first.
    """
    who = deal.contact if deal.contact and not deal.contact.refuses(NoContact.ALL) else None
    if code == "ask_referral":
        where = who or deal.owner
        day = working_days.local_day(now + dt.timedelta(days=days), where.time_zone)
        own = () if who else tuple(deal.owner.working_days)
        return display.day(working_days.next_working_day(day, where.country, own))
    country = (who and who.country) or (deal.account and deal.account.country) or deal.owner.country
    zone = (who and who.time_zone) or deal.owner.time_zone or settings.ORGANISATION_TIME_ZONE
    at_least = 1 if code in {"revisit", "nurture"} else 0
    day = working_days.local_day(now, zone) + dt.timedelta(days=max(days, at_least))
    opening = working_days.opening_time(day, country or settings.ORGANISATION_COUNTRY, zone)
    return display.day(opening)
