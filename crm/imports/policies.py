"""May this person bring in data?"""

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def may_import(user: User) -> bool:
    """Reps bring in what is theirs, managers their teams', administrators everything."""
    return allows(user, Permission.IMPORT)
