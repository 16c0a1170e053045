"""Reactions that tell people: from an event, who hears of it and in which words."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import display, mailing
from crm.shared.events import (
    DealAtRisk,
    DealLost,
    DealWon,
    Event,
    FeedbackReceived,
)
from crm.shared.import_events import ImportStopped
from crm.shared.models import EventRecord, Membership, Notice, User
from crm.shared.roles import Role
from deals.models import Deal


def managers_of_owners(deal_ids: Sequence[int]) -> dict[int, set[int]]:
    """By deal: the managers of the owner's teams and of the teams above, but never the owner."""
    managers: dict[str, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(user__role=Role.MANAGER, user__is_active=True)
    for manager_id, path in rows.values_list("user_id", "team__path"):
        managers[path].add(manager_id)
    told: dict[int, set[int]] = defaultdict(set)
    deals = Deal.objects.filter(pk__in=deal_ids, owner__memberships__isnull=False)
    for deal_id, owner_id, path in deals.values_list(
        "pk", "owner_id", "owner__memberships__team__path"
    ):
        for above, ids in managers.items():
            if path.startswith(above):
                told[deal_id] |= ids - {owner_id}
    return told


def _notice(event: Event, *, user_id: int | None, text: str) -> Notice:
    return Notice(
        user_id=user_id,
        event=EventRecord(pk=event.record_id),
        text=text[:300],
        path=f"/deals/{event.deal_id}/",
        at=event.at or timezone.now(),
    )


def tell_manager(losses: Sequence[DealLost]) -> None:
    """The managers of the owner hear of a loss; whoever closed it does not."""
    managers = managers_of_owners([loss.deal_id for loss in losses])
    Notice.objects.bulk_create(
        _notice(loss, user_id=manager_id, text=_("%(deal)s was lost") % {"deal": loss.title})
        for loss in losses
        for manager_id in sorted(managers[loss.deal_id] - {loss.actor_id})
    )


def ring_bell(wins: Sequence[DealWon]) -> None:
    """The bell rings for everybody, once for each deal however often it is undone and won again (A13)."""
    Notice.objects.bulk_create(
        _notice(win, user_id=None, text=_("%(deal)s was won") % {"deal": win.title})
        for win in wins
        if win.first_time
    )


def tell_owner(answers: Sequence[FeedbackReceived]) -> None:
    """The owner hears that the buyer answered (A3)."""
    Notice.objects.bulk_create(
        _notice(answer, user_id=answer.owner_id, text=_("The buyer told us why"))
        for answer in answers
    )


def _warning(mark: DealAtRisk) -> str:
    day = display.day(dt.date.fromisoformat(mark.closes_on))
    return _("%(deal)s closes on %(day)s unless somebody answers") % {
        "deal": mark.title,
        "day": day,
    }


def warn_owner(marks: Sequence[DealAtRisk]) -> None:
    """One warning to the owner, on the bell and by mail, before a dead lead is closed (B6, rule 5)."""
    owners = User.objects.in_bulk({mark.owner_id for mark in marks})
    Notice.objects.bulk_create(
        _notice(mark, user_id=mark.owner_id, text=_warning(mark)) for mark in marks
    )
    mailing.queue(
        [
            mailing.to_rep(
                owners[mark.owner_id],
                key=f"at-risk:{mark.deal_id}:{mark.closes_on}",
                template="deal_at_risk",
                context={
                    "mark": mark,
                    "closes_on": dt.date.fromisoformat(mark.closes_on),
                    "path": f"/deals/{mark.deal_id}/",
                },
                due_at=mark.at or timezone.now(),
                deal_id=mark.deal_id,
            )
            for mark in marks
            if owners[mark.owner_id].is_active
        ]
    )


def tell_administrators(stops: Sequence[ImportStopped]) -> None:
    """Whoever brought the file in, and the administrators: it needs somebody to look."""
    administrators = set(User.objects.active().filter(role=Role.ADMIN).values_list("pk", flat=True))
    Notice.objects.bulk_create(
        Notice(
            user_id=user_id,
            event=EventRecord(pk=stop.record_id),
            text=_("The import of %(file)s stopped: %(why)s")
            % {"file": stop.title[:100], "why": stop.why[:150]},
            path=f"/imports/{stop.import_id}/",
            at=stop.at or timezone.now(),
        )
        for stop in stops
        for user_id in sorted(administrators | ({stop.actor_id} if stop.actor_id else set()))
    )
