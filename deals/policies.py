"""May this person do this to a deal? Asked at the door; the action asks whether the deal's state allows it."""

import datetime as dt

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission
from deals.models import Deal, Outcome

UNDO_HOURS = 24
UNDO_AUTOMATIC_DAYS = 30


def may_see_deals(user: User) -> bool:
    return allows(user, Permission.SEE_DEALS)


def may_work(user: User) -> bool:
    """Open, edit, move and close deals that one sees."""
    return allows(user, Permission.WORK_DEALS)


def may_set_up(user: User) -> bool:
    """Stages, reasons, products, competitors."""
    return allows(user, Permission.ADMINISTER)


def undo_ends_at(outcome: Outcome) -> dt.datetime:
    """Until when a closing can be undone: 24 hours after it was recorded, 30 days when it was automatic."""
    limit = (
        dt.timedelta(days=UNDO_AUTOMATIC_DAYS)
        if outcome.automatic
        else dt.timedelta(hours=UNDO_HOURS)
    )
    return outcome.created_at + limit


def may_undo(user: User, deal: Deal) -> bool:
    """Who closed it, or a manager; an automatic closing also by the owner."""
    if deal.outcome is None or not may_work(user):
        return False
    if allows(user, Permission.CORRECT_CLOSINGS) or deal.outcome.by_id == user.pk:
        return True
    return deal.outcome.automatic and deal.owner_id == user.pk
