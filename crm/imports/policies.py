"""May this person bring in data, and take it back?"""

import datetime as dt

from crm.imports.models import Import
from crm.imports.states import CAME_IN
from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission, Role

UNDO_DAYS = 30


def may_import(user: User) -> bool:
    """Reps bring in what is theirs, managers their teams', administrators everything."""
    return allows(user, Permission.IMPORT)


def may_undo(user: User, job: Import) -> bool:
    """Who brought it in, or an administrator."""
    return may_import(user) and (job.by_id == user.pk or user.role == Role.ADMIN)


def undo_ends_at(job: Import) -> dt.datetime | None:
    """Until when it can be taken back: 30 days from its end; None for what wrote nothing, or goes on."""
    wrote = job.counts["created"] or job.counts["updated"]
    if job.dry_run or not wrote or job.state not in CAME_IN or job.finished_at is None:
        return None
    return job.finished_at + dt.timedelta(days=UNDO_DAYS)
