"""What accounts, contacts and deals hold of a person; and all that Rebound holds of them, as one export."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from crm.shared import personal
from deals.actions import erasing
from deals.models import Contact, Deal, Merge, Outcome, Proposal, Stakeholder, ValueCheck

if TYPE_CHECKING:
    from crm.shared.models import User
    from crm.shared.personal import Person, Rows

OF_A_DEAL = (
    *("id", "title", "status", "stage__name", "account__name", "contact_id", "opened_at"),
    *("closed_at", "last_touch_at", "last_heard_at", "touch_count", "extra"),
)


def export(contact: Contact, *, viewer: User) -> dict[str, Any]:
    """All that Rebound holds of a person and `viewer` sees, as plain values (GDPR, articles 15 and 20).

    `is_complete` says whether `viewer` sees everything, as an administrator does.
    """
    person = erasing.person_of(contact)
    deals = Deal.objects.visible_to(viewer).filter(pk__in=person.deal_ids)
    seen = frozenset(deals.values_list("pk", flat=True))
    person = dataclasses.replace(person, deal_ids=seen, own_deal_ids=person.own_deal_ids & seen)
    held = personal.told_of(person, viewer=viewer)
    return {
        "contact_id": contact.pk,
        "name": contact.name,
        "exported_at": timezone.now(),
        "exported_by": viewer.name,
        "is_complete": viewer.visible_owner_ids is None,
        "held": {kind: found for kind, found in sorted(held.items()) if found},
    }


def about(person: Person, viewer: User) -> dict[str, Rows]:
    """The person's own rows, the deals they have a part in, and what they said there."""
    part = Q(contact__in=person.ids) | Q(stakeholders__contact__in=person.ids)
    deals = Deal.objects.visible_to(viewer).filter(part).distinct()
    theirs = Q(deal__in=person.own_deal_ids)
    outcomes = Outcome.objects.visible_to(viewer).filter(theirs).exclude(buyer_words="")
    checks = ValueCheck.objects.visible_to(viewer).filter(order__deal__in=person.own_deal_ids)
    merges = Merge.objects.visible_to(viewer).filter(kind="contact")
    return {
        "deals.contact": personal.rows(Contact.objects.filter(pk__in=person.ids)),
        "deals.deal": personal.rows(deals, *OF_A_DEAL),
        "deals.stakeholder": personal.rows(
            Stakeholder.objects.visible_to(viewer).filter(contact__in=person.ids)
        ),
        "deals.outcome": personal.rows(outcomes, "id", "deal_id", "kind", "at", "buyer_words"),
        "deals.proposal": personal.rows(
            Proposal.objects.visible_to(viewer).filter(theirs).exclude(words="", objections=[]),
            *("id", "deal_id", "answered_on", "words", "objections"),
        ),
        "deals.valuecheck": personal.rows(
            checks.exclude(words=""), "id", "order_id", "done_at", "satisfaction", "words"
        ),
        "deals.merge": personal.rows(
            merges.filter(Q(kept_id__in=person.ids) | Q(gone_id__in=person.ids))
        ),
    }
