"""May this person do this to a review? Asked at the door; the action asks whether its state allows it."""

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def may_see(user: User) -> bool:
    """See reviews and what buyers said; which ones is `visible_to(user)`."""
    return allows(user, Permission.SEE_DEALS)


def may_review(user: User) -> bool:
    """Start, write and hold reviews; note what a buyer said."""
    return allows(user, Permission.WORK_DEALS)
