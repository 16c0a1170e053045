"""Erasing a person: the letters to them; that they were asked stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crm.shared import erasing
from deals.models import Contact, Deal
from referrals.models import ReferralAsk

if TYPE_CHECKING:
    from crm.shared.personal import Person


@transaction.atomic(savepoint=False)
def erase(person: Person) -> None:
    """An ask that is due stands without a person, for the owner to think of one."""
    erasing.blank_naming(person, Contact, app="referrals")
    erasing.strike_on_deals(person, Deal, app="referrals")
    ReferralAsk.objects.due().filter(contact__in=person.ids).update(contact=None)
