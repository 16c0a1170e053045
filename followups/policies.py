"""May this person do this? Asked at the door; the action asks whether the deal's state allows it."""

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission
from deals.models import Deal


def may_log(user: User) -> bool:
    """Log touches, agree plans, do and skip follow-ups on deals that one sees."""
    return allows(user, Permission.WORK_DEALS)


def may_keep_open(user: User, deal: Deal) -> bool:
    """The owner, or a manager (E5)."""
    return may_log(user) and (deal.owner_id == user.pk or may_keep_open_again(user))


def may_keep_open_again(user: User) -> bool:
    """A second time takes a manager (rule 5)."""
    return allows(user, Permission.SET_RULES)


def may_set_rules(user: User) -> bool:
    """Stop rules are set by managers and administrators (E1)."""
    return allows(user, Permission.SET_RULES)
