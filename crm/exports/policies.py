"""May this person take data out?"""

from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission


def may_export(user: User) -> bool:
    """Whoever sees single deals takes out what they see; viewers see none."""
    return allows(user, Permission.SEE_DEALS)
