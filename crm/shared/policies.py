"""May this person? The base of each app's policies."""

from django.contrib.auth.models import AnonymousUser

from crm.shared.models import User
from crm.shared.roles import PERMISSIONS, Permission


def allows(user: User | AnonymousUser, permission: Permission) -> bool:
    """Whether the role of `user` has `permission`; nobody who is signed out or switched off has any."""
    return isinstance(user, User) and user.is_active and permission in PERMISSIONS[user.role]
