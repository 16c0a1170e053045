"""May this person do this to a referral ask? Asked at the door; the action asks whether its state allows it."""

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def may_see(user: User) -> bool:
    """See asks; which ones is `visible_to(user)`."""
    return allows(user, Permission.SEE_DEALS)


def may_ask(user: User) -> bool:
    """Mark asks as asked, given or declined, and waive them."""
    return allows(user, Permission.WORK_DEALS)
