"""What the owner makes of a deal: how sure they are of it, and setting it aside until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared import working_days
from crm.shared.errors import ActionRefused
from crm.shared.events import ConfidenceGiven, DealParked, DealUnparked
from crm.shared.publishing import publish
from deals.actions import pipeline
from deals.models import ConfidenceStated

if TYPE_CHECKING:
    from crm.shared.models import User
    from deals.models import Deal

CERTAIN = 100  # per cent


@transaction.atomic
def state_confidence(deal: Deal, *, percent: int, by: User, now: dt.datetime) -> Deal:
    """Say how sure one is, 0–100 %; kept with its moment each time, so that hope can be compared with what came of it.

    Raises ActionRefused when the deal is closed, or it is no percentage.
    """
    deal = _open_deal(deal)
    if not 0 <= percent <= CERTAIN:
        raise ActionRefused(
            _("A confidence runs from 0 to 100 %."), fields={"percent": _("From 0 to 100.")}
        )
    ConfidenceStated.objects.create(deal=deal, by=by, percent=percent, at=now)
    was, deal.confidence = deal.confidence, percent
    deal.save_changed("confidence")
    publish([ConfidenceGiven(actor_id=by.pk, deal_id=deal.pk, percent=percent, was=was)])
    return deal


@transaction.atomic
def park(
    deal: Deal,
    *,
    until: dt.date,
    because: str,
    by: User,
    now: dt.datetime,
    version: int | None = None,
) -> Deal:
    """Set an open deal aside: it leaves Today and the moving total, and wakes by itself on that day of the owner.

    Ours alone, so the stop rule goes on: only a date agreed with the buyer suspends it (rule 1).
    Raises ActionRefused without a reason or for a day that is not to come; StaleVersion.
    """
    deal = _open_deal(deal, version=version)
    wakes_at = working_days.at_local(until, dt.time(0), deal.owner.time_zone)
    wrong = {}
    if wakes_at <= now:
        wrong["until"] = _("Choose a day to come.")
    if not because.strip():
        wrong["because"] = _("Say in a few words why.")
    if wrong:
        raise ActionRefused(_("Parking takes a reason and a day to wake."), fields=wrong)
    deal.parked_until, deal.parked_because = wakes_at, because.strip()
    deal.save_changed("parked_until", "parked_because")
    event = DealParked(
        actor_id=by.pk, deal_id=deal.pk, until=until.isoformat(), because=deal.parked_because
    )
    publish([event])
    return deal


@transaction.atomic
def unpark(deal: Deal, *, by: User, version: int | None = None) -> Deal:
    """Take it up again, before its day or on it. Raises ActionRefused when it is not parked; StaleVersion."""
    deal = _open_deal(deal, version=version)
    if deal.parked_until is None:
        raise ActionRefused(_("This deal is not parked."))
    deal.parked_until, deal.parked_because = None, ""
    deal.save_changed("parked_until", "parked_because")
    publish([DealUnparked(actor_id=by.pk, deal_id=deal.pk)])
    return deal


def _open_deal(deal: Deal, *, version: int | None = None) -> Deal:
    deal = pipeline.lock_deals([deal.pk])[0]
    pipeline.check_version(deal, version)
    if not deal.is_open:
        raise ActionRefused(_("This deal is closed."))
    return deal
