"""What reviews hold of a person: what we asked them, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.shared import personal
from deals.models import Contact
from reviews.models import BuyerFeedback

if TYPE_CHECKING:
    from crm.shared.models import User
    from crm.shared.personal import Person, Rows


def about(person: Person, viewer: User) -> dict[str, Rows]:
    """Every row that names the person. What they answered without their name only who sees everything is given (D7)."""
    found = personal.rows_naming(person, Contact, app="reviews", viewer=viewer)
    answers = BuyerFeedback.objects.visible_to(viewer).filter(invitation__contact__in=person.ids)
    if viewer.visible_owner_ids is not None:
        answers = answers.filter(show_name=True)
    return found | {"reviews.buyerfeedback": personal.rows(answers)}
