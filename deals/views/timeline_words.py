"""Events in the words of sales; what the buyer said stands apart from what we say."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shared import display
from deals.forms import DealForm
from deals.states import REFLECTION, Answer, Competition, Control, Disqualification, WinFactor
from deals.views import later_words
from deals.views.entries import Entry, Facts, Mark
from deals.views.set_up import planned_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise

    from crm.shared.models import EventRecord


DATE = re.compile(r"\d{4}-\d\d-\d\d")
OPENING_MARKS = "“„«\"'‘"

CHANNELS: dict[str, tuple[str, _StrPromise]] = {
    "call": ("phone", gettext_lazy("Call")),
    "email": ("mail", gettext_lazy("E-mail")),
    "meeting": ("users", gettext_lazy("Meeting")),
    "form": ("file-text", gettext_lazy("Form")),
    "social": ("share-2", gettext_lazy("Social media")),
    "post": ("mailbox", gettext_lazy("Post")),
}
RESULTS: dict[str, _StrPromise] = {
    "answered": gettext_lazy("answered"),
    "no_answer": gettext_lazy("no answer"),
    "left_message": gettext_lazy("left a message"),
    "replied": gettext_lazy("replied"),
    "bounced": gettext_lazy("came back"),
    "kept": gettext_lazy("kept"),
    "not_kept": gettext_lazy("not kept"),
    "sent": gettext_lazy("sent"),
    "out_of_office": gettext_lazy("out of office"),
}
SIGNALS: dict[str, tuple[str, _StrPromise, str]] = {
    "warmer": ("trending-up", gettext_lazy("warmer"), "win"),
    "cooler": ("trending-down", gettext_lazy("cooler"), "loss"),
    "asked_to_stop": ("hand", gettext_lazy("asked to stop"), "needs"),
}


def entry_of(record: EventRecord, facts: Facts) -> Entry:
    """The words of one record; an event without words of its own shows its name."""
    words = WORDS.get(record.name)
    entry = words(record, facts) if words else Entry(record.at, "circle-check", record.name)
    if not entry.detail and record.actor is not None:
        entry.detail = _("by %(name)s") % {"name": record.actor.name}
    return entry


# ---- touches -----------------------------------------------------------------------------------------


def _touch(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    icon, channel = CHANNELS.get(data["channel"], ("message-square", gettext_lazy("Message")))
    result = str(RESULTS.get(data["result"], data["result"]))
    name = facts.names.get(data.get("contact_id") or 0, "")
    entry = Entry(
        record.at, icon, "", kind="in" if data["heard"] else "", minutes=data.get("minutes")
    )
    if data["heard"]:
        who = name or _("The buyer")
        entry.title = (
            f"{who} {result}"
            if data["result"] in {"answered", "replied"}
            else f"{channel} {result}"
        )
        entry.detail = str(channel).lower()
    else:
        entry.title = f"{channel}, {result}"
        to = _("to %(name)s") if data["direction"] == "out" else _("from %(name)s")
        entry.detail = to % {"name": name} if name else ""
        entry.kind = "no" if data["direction"] == "out" else ""
    _say(entry, data)
    return entry


def _say(entry: Entry, data: dict[str, Any]) -> None:
    note = data.get("note", "")
    is_theirs = data["direction"] == "in" or note[:1] in OPENING_MARKS
    entry.voice, entry.text = (note, "") if is_theirs else ("", note)
    if data.get("signal") in SIGNALS:
        icon, text, kind = SIGNALS[data["signal"]]
        entry.marks.append(Mark(str(text), icon, kind))
    if data.get("commitment"):
        entry.marks.append(Mark(data["commitment"]))
    if data.get("resource"):
        entry.marks.append(Mark(data["resource"], "book-open"))


# ---- the deal itself ---------------------------------------------------------------------------------


def _opened(record: EventRecord, facts: Facts) -> Entry:
    if record.data.get("second_chance_of"):
        return Entry(record.at, "rotate-ccw", _("Opened as a second chance"))
    if record.data.get("repeat_of"):
        return Entry(record.at, "repeat", _("Opened as repeat business"))
    return Entry(record.at, "plus", _("Opened"))


def _edited(record: EventRecord, facts: Facts) -> Entry:
    changes, order = record.data["changes"], list(DealForm.base_fields)
    names = sorted(
        changes, key=lambda name: (name not in order, name in order and order.index(name))
    )
    lines = [_change(name, *changes[name]) for name in names]
    return Entry(record.at, "pencil", _("Edited"), text="; ".join(lines))


def _change(name: str, was: str, now: str) -> str:
    field = DealForm.base_fields.get(name)
    label = str(field.label) if field else capfirst(name.replace("_", " "))
    return f"{label}: {_value(name, was)} → {_value(name, now)}"


def _value(name: str, text: str) -> str:
    """A recorded value as a person reads it."""
    if name == "amount" and text:
        return display.number(Decimal(text), 2)
    if text in Answer.values:
        return str(Answer(text).label).lower()
    if DATE.fullmatch(text):
        return display.day(dt.date.fromisoformat(text))
    return text or display.NOTHING


def _moved(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    title = f"{data['from_stage']} → {data['to_stage']}"
    days = ngettext("after %(days)s day", "after %(days)s days", data["days_in_stage"])
    return Entry(record.at, "arrow-right", title, detail=days % {"days": data["days_in_stage"]})


def _won(record: EventRecord, facts: Facts) -> Entry:
    return _closed(Entry(record.at, "check", _("Won"), kind="in"), record, facts)


def _lost(record: EventRecord, facts: Facts) -> Entry:
    outcome = facts.outcomes.get(record.data["outcome_id"])
    reason = str(outcome.reason) if outcome and outcome.reason else record.data["reason"]
    entry = Entry(record.at, "arrow-right", _("Lost: %(reason)s") % {"reason": reason})
    if record.data.get("automatic"):
        entry.icon, entry.detail = "leaf", _("by its stop rule")
    return _closed(entry, record, facts)


def _disqualified(record: EventRecord, facts: Facts) -> Entry:
    why = dict(Disqualification.choices).get(record.data["disqualified_as"], "")
    return _closed(Entry(record.at, "leaf", _("Let go: %(why)s") % {"why": why}), record, facts)


def _past(record: EventRecord, facts: Facts) -> Entry:
    return _closed(Entry(record.at, "history", _("A closing of the past came in")), record, facts)


def _closing_edited(record: EventRecord, facts: Facts) -> Entry:
    changes = record.data["changes"]
    lines = [_correction(name, *changes[name]) for name in CORRECTED if name in changes]
    return Entry(record.at, "pencil", _("Closing corrected"), text="; ".join(lines))


def _correction(name: str, was: str, now: str) -> str:
    if name == "at":
        was, now = (display.day(dt.datetime.fromisoformat(one)) for one in (was, now))
    return f"{CORRECTED[name]}: {_said(name, was)} → {_said(name, now)}"


CODES: dict[str, dict[str, Any]] = {
    "competitor": dict(Competition.choices),
    "control": dict(Control.choices),
    "disqualified_as": dict(Disqualification.choices),
    "won_because": dict(WinFactor.choices),
    "reflection": {
        f"{key}: {answer}": f"{question} {answer.label.lower()}"
        for key, question in REFLECTION.items()
        for answer in Answer
    },
}


def _said(name: str, text: str) -> str:
    """What a closing said, its codes in words."""
    codes = CODES.get(name)
    parts = text.split(", ") if codes else [text]
    return ", ".join(str((codes or {}).get(part, part)) for part in parts) or display.NOTHING


CORRECTED: dict[str, _StrPromise] = {
    "at": gettext_lazy("Closed on"),
    "reason": gettext_lazy("Reason"),
    "other_reasons": gettext_lazy("Also"),
    "control": gettext_lazy("Control"),
    "competitor": gettext_lazy("Competitor"),
    "disqualified_as": gettext_lazy("Why"),
    "won_because": gettext_lazy("Decided by"),
    "buyer_words": gettext_lazy("In the buyer’s words"),
    "note": gettext_lazy("Note"),
    "reflection": gettext_lazy("The six questions"),
}


def _closed(entry: Entry, record: EventRecord, facts: Facts) -> Entry:
    """It stands on the day of the closing, which may lie before the one on which it was recorded."""
    outcome = facts.outcomes.get(record.data["outcome_id"])
    entry.at = outcome.at if outcome else entry.at
    if outcome and outcome.undone_at:  # what the one that stands says has a panel of its own
        entry.voice, entry.text = outcome.buyer_words, outcome.note
        entry.marks.append(Mark(_("undone"), "undo-2"))
    return entry


# ---- what the other storeys tell ---------------------------------------------------------------------


def _plan_agreed(record: EventRecord, facts: Facts) -> Entry:
    days = record.data["interval_days"]
    detail = ngettext("every %(days)s day", "every %(days)s days", days) % {"days": days}
    return Entry(record.at, "handshake", _("Rhythm agreed"), detail=detail)


def _planned(record: EventRecord, facts: Facts) -> Entry:
    line = planned_by(record, facts.names)
    if line is None:
        return Entry(record.at, "calendar-clock", _("Planned"))
    return Entry(record.at, line.icon, line.text, detail=display.day(line.on) if line.on else "")


def _follow_up_done(record: EventRecord, facts: Facts) -> Entry:
    skipped = record.data.get("skipped")
    return Entry(
        record.at, "calendar-check", _("Follow-up left out") if skipped else _("Follow-up done")
    )


def _at_risk(record: EventRecord, facts: Facts) -> Entry:
    data = record.data
    text = _("%(unanswered)s unanswered, %(days)s days of silence") % {
        "unanswered": data["unanswered"],
        "days": data["silent_days"],
    }
    return Entry(record.at, "hourglass", _("Meets its stop rule"), text=text)


def _kept_open(record: EventRecord, facts: Facts) -> Entry:
    return Entry(record.at, "flag", _("Kept open"), text=record.data["what"])


def simple(icon: str, title: _StrPromise, kind: str = "") -> Callable[[EventRecord, Facts], Entry]:
    return lambda record, facts: Entry(record.at, icon, str(title), kind=kind)


ASK_STATES: dict[str, _StrPromise] = {
    "asked": gettext_lazy("Asked for a referral"),
    "given": gettext_lazy("A referral was given"),
    "declined": gettext_lazy("The referral was declined"),
    "waived": gettext_lazy("The referral ask was waived"),
}


def _ask(record: EventRecord, facts: Facts) -> Entry:
    title = ASK_STATES.get(record.data["state"], gettext_lazy("Referral ask"))
    return Entry(record.at, "gift", str(title))


WORDS: dict[str, Callable[[EventRecord, Facts], Entry]] = {
    "deal.created": _opened,
    "deal.edited": _edited,
    "deal.moved": _moved,
    "deal.won": _won,
    "deal.lost": _lost,
    "deal.disqualified": _disqualified,
    "deal.closing_edited": _closing_edited,
    "deal.closing_undone": simple("undo-2", gettext_lazy("Closing undone")),
    "deal.past_closing_recorded": _past,
    "deal.at_risk": _at_risk,
    "deal.kept_open": _kept_open,
    "touch.logged": _touch,
    "plan.agreed": _plan_agreed,
    "follow_up.planned": _planned,
    "follow_up.done": _follow_up_done,
    "review.planned": _planned,
    "review.held": simple("clipboard-check", gettext_lazy("Review held")),
    "feedback.invitation_planned": _planned,
    "feedback.invited": simple("message-square-quote", gettext_lazy("The buyer was asked why")),
    "feedback.received": simple("message-square-quote", gettext_lazy("The buyer answered"), "in"),
    "referral.ask_planned": _planned,
    "referral.asked": _ask,
    **later_words.WORDS,
}
