"""What the deal page shows from follow-ups: the touch box, the plan, persistence."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.shared import working_days
from crm.shared.panels import Panel, Persistence
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import signed_in
from deals.models import Account
from followups import policies, schedule, words
from followups.actions import letting_go, next_steps, stop_rules
from followups.forms import CHANNELS, RESULTS
from followups.models import FollowUp, Touch
from followups.persistence import ANSWERS, MeterState, is_suspended, meter
from followups.states import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.models import Contact, Deal
    from followups.persistence import Rule

MOST_GIVEN = 3
TOUCHES = "touches"  # the cursor of their pages
TOUCHES_SHOWN = 20
TALKS = (Channel.CALL, Channel.MEETING)
STATES = {
    MeterState.CALM: "ok",
    MeterState.NEAR: "near",
    MeterState.MET: "met",
}


def touch_box(request: HttpRequest, deal: Deal) -> Panel | None:
    """Log a touch: choose how, press how it went; a note if it helps (screens.md 3)."""
    user = signed_in(request)
    if not deal.is_open or not policies.may_log(user):
        return None
    return Panel(
        template="followups/_touch_box.html",
        context=box_context(deal, user=user, now=timezone.now()),
        place="middle",
    )


def touches(request: HttpRequest, row: Account | Contact) -> Panel | None:
    """What went to a company or a person and came from them, on the deals that one sees; a page at a time."""
    seen = Touch.objects.visible_to(signed_in(request))
    found = seen.filter(deal__account=row) if isinstance(row, Account) else seen.filter(contact=row)
    cursor = request.GET.get(TOUCHES, "")
    page = keyset_page(
        found.order_by("-at", "-pk"),
        cursor=cursor,
        size=TOUCHES_SHOWN,
        named_by=("contact", "by", "deal"),
    )
    context = {
        "page": page,
        "rows": [(one, words.ICONS[Channel(one.channel)]) for one in page.rows],
        "shows_contact": isinstance(row, Account),
        "which": f"{row._meta.model_name}={row.pk}",
    }
    return Panel(template="followups/_touches.html", context=context, place="middle")


def box_context(deal: Deal, *, user: User, now: dt.datetime, channel: str = "") -> dict[str, Any]:
    """What the touch box shows; `channel` is the one chosen, else the plan's."""
    rhythm = next_steps.rhythm_of(deal)
    chosen = channel or rhythm.channel
    return {
        "deal": deal,
        "rhythm": rhythm,
        "channels": channels(),
        "channel": chosen if chosen in RESULTS else Channel.CALL,
        "results": RESULTS.items(),
        "wait_until": _wait_until(deal, rhythm, now=now),
    }


def channels() -> list[tuple[str, str, str]]:
    """The channels to choose from: value, label, icon."""
    return [(code, str(label), words.ICONS[Channel(code)]) for code, label in CHANNELS]


def _wait_until(deal: Deal, rhythm: next_steps.Rhythm, *, now: dt.datetime) -> dt.date | None:
    """The agreed day, while it is still to come: a touch before it is too early (B5)."""
    if not rhythm.is_agreed or deal.last_touch_at is None:
        return None
    country, zone = next_steps.place_of(deal, rhythm.contact)
    if not schedule.is_too_early(now, deal.last_touch_at, rhythm.interval_days, zone):
        return None
    due_at = schedule.next_due(deal.last_touch_at, rhythm.interval_days, country, zone)
    return working_days.local_day(due_at, zone)


def plan(request: HttpRequest, deal: Deal) -> Panel | None:
    """The agreed rhythm and what is due next; on a lost deal, when to call again (B3, B4, B5)."""
    user = signed_in(request)
    waiting = list(
        FollowUp.objects.visible_to(user).open().filter(deal=deal).select_related("contact")
    )
    if not deal.is_open and not waiting:
        return None
    rhythm = next_steps.rhythm_of(deal)
    now = timezone.now()
    return Panel(
        template="followups/_plan.html",
        context={
            "deal": deal,
            "rhythm": rhythm,
            "by": words.BY[Channel(rhythm.channel)],
            "steps": [_step(follow_up, deal, now=now) for follow_up in waiting],
            "may_plan": policies.may_log(user),
        },
    )


def _step(follow_up: FollowUp, deal: Deal, *, now: dt.datetime) -> dict[str, Any]:
    """A follow-up with its time as it is where the contact is."""
    contact = follow_up.contact
    _country, zone = next_steps.place_of(deal, contact)
    return {
        "follow_up": follow_up,
        "there_at": there(follow_up.due_at, zone),
        "city": words.city_of(zone),
        "to_do": words.to_do(follow_up.channel, contact.name if contact else ""),
        "days_late": schedule.days_late(follow_up.due_at, now, zone),
    }


def there(moment: dt.datetime, zone: str) -> dict[str, Any]:
    """Day and time of day on the clock of `zone`; a template would turn a moment to the reader's own."""
    local = moment.astimezone(working_days.zone_of(zone))
    return {"day": local.date(), "time": local.strftime("%H:%M")}


def meters(deals: Sequence[Deal], *, now: dt.datetime) -> dict[int, Persistence]:
    """The small meter of each card of the board (B1), in one query; never contacted has none."""
    tried = [deal for deal in deals if deal.touch_count]
    rules = stop_rules.in_force(tried) if tried else {}
    found = {}
    for deal in tried:
        rule = rules.get(deal.pk)
        if rule is not None:
            one = meter(stop_rules.facts_of(deal), rule, now)
            found[deal.pk] = Persistence(
                unanswered=one.unanswered,
                max_unanswered=rule.max_unanswered,
                silent_days=one.silent_days or 0,
                max_silent_days=rule.max_silent_days,
                state=STATES[one.state],
            )
    return found


def persistence(request: HttpRequest, deal: Deal) -> Panel | None:
    """How often in vain and how long in silence, against the stop rule; the way to keep open or to let go (B1, E1)."""
    rule = stop_rules.rule_of(deal) if deal.is_open else None
    if rule is None:
        return None
    now = timezone.now()
    facts = stop_rules.facts_of(deal)
    found = meter(facts, rule, now)
    is_dead = deal.closes_on is not None or found.state == MeterState.MET
    return Panel(
        template="followups/_persistence.html",
        context={
            "deal": deal,
            "rule": rule,
            "meter": found,
            "state": STATES[found.state],
            "is_dead": is_dead,
            "is_parked": is_suspended(facts, now),
            "closes_on": None if is_dead else _at_this_pace(deal, rule),
            "may_keep": is_dead and _may_keep(deal, signed_in(request)),
            "may_let_go": policies.may_log(signed_in(request)),
        },
    )


def _may_keep(deal: Deal, user: User) -> bool:
    if policies.may_keep_open_again(user):
        return True
    return policies.may_keep_open(user, deal) and letting_go.times_kept(deal) == 0


def _at_this_pace(deal: Deal, rule: Rule) -> dt.date | None:
    """The day on which it closes if nobody is heard and the rhythm goes on; None before the first try."""
    if deal.silent_since is None or deal.last_touch_at is None:
        return None
    rhythm = next_steps.rhythm_of(deal)
    tries_left = rule.max_unanswered - deal.unanswered_touches
    by_tries = deal.last_touch_at + dt.timedelta(days=tries_left * rhythm.interval_days)
    by_silence = deal.silent_since + dt.timedelta(days=rule.max_silent_days)
    ends_at = min(by_tries, by_silence)
    if deal.agreed_until is not None:
        ends_at = max(ends_at, deal.agreed_until)
    return timezone.localdate(ends_at + dt.timedelta(days=rule.grace_days))


def reflection_evidence(deal: Deal) -> dict[str, str]:
    """What the touches say to the six questions (A4): talks held, and what was given."""
    rows = list(deal.touches.order_by("at", "pk"))
    talks = [row for row in rows if row.channel in TALKS and row.result in ANSWERS]
    minutes = sum(row.minutes or 0 for row in talks)
    held = ngettext(
        "%(n)s talk, %(minutes)s minutes.", "%(n)s talks, %(minutes)s minutes.", len(talks)
    )
    given = list(dict.fromkeys(row.resource for row in rows if row.resource))
    return {
        "problems": held % {"n": len(talks), "minutes": minutes}
        if talks
        else _("No talk on record."),
        "value": _("Given: %(what)s.") % {"what": ", ".join(given[-MOST_GIVEN:])}
        if given
        else _("Nothing given on record."),
    }
