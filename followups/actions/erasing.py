"""Erasing a person: what was said with them and about them; that it was said stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crm.shared import erasing
from deals.models import Contact, Deal
from followups.models import FollowUp, Touch
from followups.states import FollowUpState

if TYPE_CHECKING:
    from crm.shared.personal import Person


@transaction.atomic(savepoint=False)
def erase(person: Person) -> None:
    """Touches with them keep when, how and what came of it; what is still to be done is done with nobody named."""
    erasing.blank_naming(person, Contact, app="followups")
    erasing.strike_on_deals(person, Deal, app="followups")
    Touch.objects.filter(contact__in=person.ids).update(extra={})
    due = FollowUp.objects.filter(contact__in=person.ids, state=FollowUpState.DUE)
    due.update(contact=None)
