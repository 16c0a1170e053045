"""May this person do this to a deal? Asked at the door; the action asks whether the deal's state allows it."""

import datetime as dt

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission
from deals.models import Deal, Merge, Outcome, SavedView, TargetList

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


def may_change_view(user: User, view: SavedView) -> bool:
    """A saved view is changed by who keeps it; an administrator may tidy up."""
    return view.is_of(user) or allows(user, Permission.ADMINISTER)


def may_export_person(user: User) -> bool:
    """Whoever works with people gives them what is held of them, as far as they see it."""
    return may_work(user)


def may_erase_person(user: User) -> bool:
    """There is no way back: managers and administrators."""
    return allows(user, Permission.ERASE)


def may_change_list(user: User, target_list: TargetList) -> bool:
    """A target list is changed by its owner, and by who answers for them."""
    owners = user.visible_owner_ids
    return may_work(user) and (owners is None or target_list.owner_id in owners)


def undo_ends_at(outcome: Outcome) -> dt.datetime:
    """Until when a closing can be undone: 24 hours after it was recorded, 30 days when it was automatic or came with a file."""
    limit = (
        dt.timedelta(days=UNDO_AUTOMATIC_DAYS)
        if outcome.automatic or outcome.historical
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


def may_edit_outcome(user: User, deal: Deal, *, now: dt.datetime) -> bool:
    """A manager at any time; who may undo it, as long as that lasts."""
    if deal.outcome is None or not may_work(user):
        return False
    if allows(user, Permission.CORRECT_CLOSINGS):
        return True
    return may_undo(user, deal) and now < undo_ends_at(deal.outcome)


def may_undo_merge(user: User, made: Merge) -> bool:
    """Who did it, or a manager."""
    if not may_work(user):
        return False
    return made.by_id == user.pk or allows(user, Permission.CORRECT_CLOSINGS)
