"""What is due from follow-ups: buyers who answered, deals about to close, touches late and due."""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.shared import display, working_days
from crm.shared.due import DueItem, Rank
from deals.models import Contact, Deal
from deals.states import DealStatus
from followups import persistence, schedule, words
from followups.actions import next_steps, stop_rules
from followups.models import FollowUp, Touch
from followups.panels import STATES
from followups.querysets import RULE_AND_PLAN
from followups.states import Channel, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crm.shared.models import User

RECENT = dt.timedelta(days=14)  # an answer older than this was seen, or its deal has fallen silent


def items(users: Sequence[User], *, now: dt.datetime, until: dt.datetime) -> list[DueItem]:
    """Everything of `users` up to `until`, one row a deal: an answer goes before a warning, a warning before a touch.

    Three queries for all of them together; each person's rows are in their language and time zone.
    """
    people = {user.pk: user for user in users}
    answers = _answers(people, now=now)
    risks = _at_risk(people, now=now)
    waiting = _waiting(people, until=until)
    told = _Told(people=people, now=now)
    rows = {row.deal_id: told.follow_up(row) for row in reversed(waiting)}
    rows |= {deal.pk: told.risk(deal) for deal in risks}
    rows |= {row.deal_id: told.answer(row) for row in answers}
    return list(rows.values())


# ---- finding -------------------------------------------------------------------------------------


def _answers(people: Mapping[int, User], *, now: dt.datetime) -> list[Touch]:
    """What buyers wrote or said of their own accord: the last word on an open deal, with no date agreed since."""
    without_date = Q(deal__agreed_until=None) | Q(deal__agreed_until__lte=now)
    return list(
        Touch.objects.from_the_buyer()
        .since(now - RECENT)
        .filter(
            without_date,
            deal__owner__in=people,
            deal__status=DealStatus.OPEN,
            deal__archived_at=None,
            deal__last_touch_at=F("at"),
        )
        .exclude(result__in=[Result.OUT_OF_OFFICE, Result.BOUNCED])
        .with_names()
        .order_by("at", "pk")
    )


def _at_risk(people: Mapping[int, User], *, now: dt.datetime) -> list[Deal]:
    """Deals that their stop rule closes soon. One that was kept open shows its step instead."""
    rows = Deal.objects.at_risk().current().filter(owner__in=people)
    not_kept = rows.exclude(kept_open__until__gte=now.date())
    return list(not_kept.select_related("account", "contact", "owner", *RULE_AND_PLAN))


def _waiting(people: Mapping[int, User], *, until: dt.datetime) -> list[FollowUp]:
    """What is due; of a parked deal nothing, and on the day it wakes the row that says so stands for it."""
    rows = FollowUp.objects.due_by(until).filter(
        Q(deal__parked_until=None) | ~Q(deal__status=DealStatus.OPEN),
        deal__owner__in=people,
        deal__archived_at=None,
    )
    return list(rows.with_names().order_by("due_at", "pk"))


# ---- telling -------------------------------------------------------------------------------------


@contextmanager
def _as_read_by(user: User) -> Iterator[None]:
    language = user.language or translation.get_language()
    with translation.override(language), timezone.override(working_days.zone_of(user.time_zone)):
        yield


@dataclasses.dataclass(frozen=True)
class _Told:
    """Rows put into words."""

    people: Mapping[int, User]
    now: dt.datetime

    def answer(self, touch: Touch) -> DueItem:
        deal = touch.deal
        with _as_read_by(self.people[deal.owner_id]):
            name = touch.contact.name if touch.contact else _("The buyer")
            who = {"name": name, "when": display.when(touch.at)}
            return self._item(
                deal,
                pk=f"answer-{touch.pk}",
                rank=Rank.ANSWERED,
                due_at=touch.at,
                why=_("%(name)s, %(when)s.") % who,
                chip=_("Answered"),
                icon="message-square-reply",
                template="followups/_due_answer.html",
                buyer_words=touch.note,
            )

    def risk(self, deal: Deal) -> DueItem:
        owner = self.people[deal.owner_id]
        today = working_days.local_day(self.now, owner.time_zone)
        closes_on = deal.closes_on or today
        days = max((closes_on - today).days, 0)
        rule = stop_rules.rule_of(deal)
        grace = dt.timedelta(days=rule.grace_days if rule else 0)
        with _as_read_by(owner):
            ends = ngettext("Closes in %(days)s day", "Closes in %(days)s days", days)
            return self._item(
                deal,
                pk=f"risk-{deal.pk}",
                rank=Rank.AT_RISK,
                due_at=working_days.at_local(closes_on - grace, dt.time(0), owner.time_zone),
                why=_(
                    "Closes %(day)s unless a next step is agreed or somebody answers."
                    " Letting go is fine."
                )
                % {"day": display.long_day(closes_on)},
                chip=ends % {"days": days} if days else _("Closes today"),
                icon="hourglass",
                template="followups/_due_risk.html",
            )

    def follow_up(self, row: FollowUp) -> DueItem:
        deal, owner = row.deal, self.people[row.deal.owner_id]
        late = schedule.days_late(row.due_at, self.now, owner.time_zone)
        with _as_read_by(owner):
            words_late = ngettext("Late %(days)s day", "Late %(days)s days", late)
            return self._item(
                deal,
                pk=f"step-{row.pk}",
                rank=Rank.LATE if late else Rank.DUE,
                due_at=row.due_at,
                why=words.why_due(row, next_steps.rhythm_of(deal)),
                chip=words_late % {"days": late} if late else display.clock(row.due_at),
                icon="clock" if late else words.ICONS[Channel(row.channel)],
                template="followups/_due_step.html"
                if deal.is_open
                else "followups/_due_again.html",
                follow_up=row,
                channel_icon=words.ICONS[Channel(row.channel)],
                log=words.log(row.channel),
            )

    def _item(
        self,
        deal: Deal,
        *,
        pk: str,
        rank: Rank,
        due_at: dt.datetime,
        why: str,
        chip: str,
        icon: str,
        template: str,
        buyer_words: str = "",
        **context: Any,
    ) -> DueItem:
        return DueItem(
            rank=rank,
            due_at=due_at,
            user_id=deal.owner_id,
            deal_id=deal.pk,
            title=deal.name,
            why=why,
            path=reverse("deals:deal", args=[deal.pk]),
            chip=chip,
            icon=icon,
            template=template,
            context={
                "pk": pk,
                "deal": deal,
                "meter": self._meter(deal),
                "person": _person(deal, context),
            }
            | context,
            amount=deal.amount,
            currency=deal.currency,
            needs_person=rank < Rank.DUE,
            buyer_words=buyer_words,
        )

    def _meter(self, deal: Deal) -> dict[str, Any] | None:
        """The persistence meter of an open deal that was contacted."""
        rule = stop_rules.rule_of(deal) if deal.is_open and deal.silent_since else None
        if rule is None:
            return None
        found = persistence.meter(stop_rules.facts_of(deal), rule, self.now)
        return {"found": found, "state": STATES[found.state]}


def _person(deal: Deal, context: Mapping[str, Any]) -> Contact | None:
    """Whom the row is about: its step's contact, else the deal's."""
    follow_up: FollowUp | None = context.get("follow_up")
    return (follow_up and follow_up.contact) or deal.contact
