"""What referrals hold of a person: whom we asked, and what we wrote to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.shared import personal
from deals.models import Contact

if TYPE_CHECKING:
    from crm.shared.models import User
    from crm.shared.personal import Person, Rows


def about(person: Person, viewer: User) -> dict[str, Rows]:
    """Every row that names the person."""
    return personal.rows_naming(person, Contact, app="referrals", viewer=viewer)
