"""What happens after a loss, as the dialog shows it: each step of a playbook with its date."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from crm.shared import display, working_days
from deals.actions import closing
from deals.forms.closing import DATED, LONGEST_DAYS, STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deals.forms import LoseForm
    from deals.models import Deal, LossReason

ICONS = {
    "ask_buyer": "message-square-quote",
    "review": "clipboard-check",
    "ask_referral": "gift",
    "nurture": "mail",
    "revisit": "calendar-clock",
}


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing that can follow. `days` None = it has no day of its own to choose; not `is_shown` = not in the playbook."""

    code: str
    icon: str
    title: str
    ground: str
    is_shown: bool
    is_wanted: bool
    days: int | None
    on: str


@dataclasses.dataclass(frozen=True)
class Dates:
    """When a step falls due: nine o'clock there, on a working day of the contact, else of the owner (rule 3)."""

    country: str
    zone: str
    today: dt.date

    def after(self, days: int) -> str:
        day = self.today + dt.timedelta(days=days)
        return display.day(working_days.opening_time(day, self.country, self.zone))


def dates_for(deal: Deal, *, now: dt.datetime) -> Dates:
    who = deal.contact or deal.owner
    zone = who.time_zone or deal.owner.time_zone
    return Dates(who.country or deal.owner.country, zone, working_days.local_day(now, zone))


def playbooks(
    reasons: Sequence[LossReason], deal: Deal, *, now: dt.datetime
) -> dict[str, dict[str, Any]]:
    """By the slug of each reason: its name and its steps, {code: {days, on, ground}}. For the page's script."""
    dates = dates_for(deal, now=now)
    return {
        reason.slug: {"name": reason.name, "steps": _steps_of(reason, deal, dates)}
        for reason in reasons
    }


def steps_for(form: LoseForm, deal: Deal, books: dict[str, dict[str, Any]]) -> list[Step]:
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
                days=typed or facts.get("days"),
                on=facts.get("on", ""),
            )
        )
    return steps


def _steps_of(reason: LossReason, deal: Deal, dates: Dates) -> dict[str, dict[str, Any]]:
    planned = closing.playbook(reason, deal=deal)
    if deal.contact and deal.contact.do_not_contact:
        planned = dataclasses.replace(planned, ask_buyer_after_days=None)
    steps: dict[str, dict[str, Any]] = {"review": _review()}
    grounds = {
        "ask_buyer": _("a neutral e-mail, three questions"),
        "ask_referral": _("a no can still open a door"),
        "revisit": _("what was in the way may have gone"),
    }
    for code, name in DATED.items():
        days = getattr(planned, name)
        if days is not None:
            steps[code] = {"days": days, "on": dates.after(days), "ground": grounds[code]}
    if planned.nurture_track:
        steps["nurture"] = {"ground": f"“{planned.nurture_track}”"}
    return steps


def _review() -> dict[str, Any]:
    return {"ground": _("when it is this account’s turn, or yours")}


def _title(code: str, deal: Deal) -> str:
    name = first_name(deal.contact.name) if deal.contact else ""
    titles = {
        "ask_buyer": _("Ask %(name)s why") % {"name": name} if name else _("Ask the buyer why"),
        "review": _("Review in ten minutes"),
        "ask_referral": _("Ask %(name)s for a referral") % {"name": name}
        if name
        else _("Ask for a referral"),
        "nurture": _("Stay in touch"),
        "revisit": _("Call again"),
    }
    return titles[code]


def first_name(name: str) -> str:
    return name.split()[0] if name.strip() else name


def due_on(deal: Deal, *, days: int, now: dt.datetime) -> str:
    """The date of a step that shall come after `days`, for people."""
    return dates_for(deal, now=now).after(min(days, LONGEST_DAYS))
