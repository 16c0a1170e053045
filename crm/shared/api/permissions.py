"""The door of the API: signed in, active, and the token's scope reaches. What a role may do is asked by each view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from crm.shared.models import ApiToken, User
from crm.shared.models.token import TokenScope

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class MayUseApi(BasePermission):
    """Reading needs a token for `read`, changing one for the view's `scope` (default `write`). A browser has them all."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User) or not request.user.is_active:
            return False
        needed = (
            TokenScope.READ
            if request.method in SAFE_METHODS
            else getattr(view, "scope", TokenScope.WRITE)
        )
        if isinstance(request.auth, ApiToken) and not TokenScope(request.auth.scope).covers(needed):
            raise PermissionDenied(
                _("This token is for “%(scope)s” only.") % {"scope": request.auth.scope}
            )
        return True
