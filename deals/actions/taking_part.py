"""Who takes part in a deal on our side and on theirs: share it with colleagues, take somebody off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import versions
from crm.shared.directory_events import DealShared, StakeholderRemoved
from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from deals.actions import pipeline
from deals.models import Stakeholder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from crm.shared.models import User
    from deals.models import Deal


@transaction.atomic
def share(deal: Deal, *, people: Collection[User], by: User, version: int | None = None) -> Deal:
    """Share a deal with these colleagues and nobody else: they see it and all that hangs on it.

    Raises ActionRefused for somebody who has left, StaleVersion.
    """
    deal = pipeline.lock_deals([deal.pk])[0]
    pipeline.check_version(deal, version)
    wanted = {person.pk: person for person in people if person.pk != deal.owner_id}
    known = set(deal.collaborators.values_list("pk", flat=True))
    added, removed = sorted(wanted.keys() - known), sorted(known - wanted.keys())
    if gone := [wanted[pk].name for pk in added if not wanted[pk].is_active]:
        message = _("%(name)s has left.") % {"name": gone[0]}
        raise ActionRefused(message, fields={"people": message})
    if not added and not removed:
        return deal
    deal.collaborators.set(wanted)
    deal.version, deal.updated_at = deal.version + 1, timezone.now()
    deal.save(update_fields=["version", "updated_at"])
    publish([DealShared(actor_id=by.pk, deal_id=deal.pk, added=added, removed=removed)])
    return deal


@transaction.atomic
def remove_stakeholder(stakeholder: Stakeholder, *, by: User, version: int | None = None) -> None:
    """Take a person off a deal; the person and what was said with them stay."""
    pipeline.lock_deals([stakeholder.deal_id])
    stakeholder = versions.held(stakeholder, version)
    event = StakeholderRemoved(
        actor_id=by.pk,
        deal_id=stakeholder.deal_id,
        contact_id=stakeholder.contact_id,
        role=stakeholder.role,
    )
    Stakeholder.objects.filter(pk=stakeholder.pk).delete()
    publish([event])


def carry(deals: Mapping[int, Deal]) -> None:
    """Put the people of each deal, by its id, on the one that follows it, in their part; within the same transaction."""
    Stakeholder.objects.bulk_create(
        Stakeholder(
            deal=deals[known.deal_id],
            contact_id=known.contact_id,
            role=known.role,
            stance=known.stance,
            in_the_room=known.in_the_room,
            met=known.met,
        )
        for known in Stakeholder.objects.filter(deal__in=deals)
    )
