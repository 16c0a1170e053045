"""After a closing: undo it while that lasts, or give a lost deal its second chance."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import ClosingUndone, SecondChanceOpened
from crm.shared.models import User
from crm.shared.publishing import publish
from deals import policies
from deals.actions import pipeline
from deals.models import Deal, StageChange, Stakeholder
from deals.states import DealStatus, check_move


@transaction.atomic
def undo_close(deal: Deal, *, by: User, now: dt.datetime, version: int | None = None) -> Deal:
    """Open the deal again and withdraw what the closing planned and has not carried out; the record keeps both.

    Raises ActionRefused when the deal is open or the time to undo is over (24 hours; 30 days when automatic).
    """
    deal = Deal.objects.locked().get(pk=deal.pk)
    pipeline.check_version(deal, version)
    outcome = deal.outcome
    if outcome is None:
        raise ActionRefused(_("This deal is open."))
    check_move(deal.status, DealStatus.OPEN)
    if now >= policies.undo_ends_at(outcome):
        raise ActionRefused(_("The time to undo is over: give it a second chance instead."))
    outcome.undone_at, outcome.undone_by = now, by
    outcome.save(update_fields=["undone_at", "undone_by", "updated_at"])
    if outcome.stage_id not in {None, deal.stage_id}:
        StageChange.objects.create(
            deal=deal, from_stage=deal.stage, to_stage_id=outcome.stage_id, at=now, by=by
        )
        deal.stage_id, deal.entered_stage_at = outcome.stage_id, now
    deal.status, deal.outcome, deal.closed_at = DealStatus.OPEN, None, None
    deal.version += 1
    deal.save(
        update_fields=[
            "status",
            "outcome",
            "closed_at",
            "stage",
            "entered_stage_at",
            "version",
            "updated_at",
        ]
    )
    publish(
        [ClosingUndone(actor_id=by.pk, deal_id=deal.pk, outcome_id=outcome.pk, kind=outcome.kind)]
    )
    return deal


@transaction.atomic
def second_chance(lost: Deal, *, by: User, title: str = "") -> Deal:
    """Open a new deal from a lost one: linked, with account, contact, people and qualification (F5).

    Raises ActionRefused when the deal is not lost or already has an open second chance.
    """
    lost = Deal.objects.locked().get(pk=lost.pk)
    if lost.status != DealStatus.LOST:
        raise ActionRefused(_("Only a lost deal gets a second chance."))
    if lost.second_chances.open().exists():
        raise ActionRefused(_("Its second chance is open already."))
    carried = [
        "amount",
        "currency",
        "product",
        "source",
        "need",
        "authority",
        "budget",
        "timing",
        "fit",
    ]
    deal = pipeline.open_deal(
        by=by,
        title=title or lost.title,
        owner=lost.owner if lost.owner.is_active else by,
        account=lost.account,
        contact=lost.contact,
        second_chance_of=lost,
        is_sample=lost.is_sample,
        **{name: getattr(lost, name) for name in carried},
    )
    Stakeholder.objects.bulk_create(
        Stakeholder(
            deal=deal,
            contact_id=s.contact_id,
            role=s.role,
            stance=s.stance,
            in_the_room=s.in_the_room,
            met=s.met,
        )
        for s in lost.stakeholders.all()
    )
    publish([SecondChanceOpened(actor_id=by.pk, deal_id=deal.pk, lost_deal_id=lost.pk)])
    return deal
