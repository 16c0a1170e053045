"""What every door does alike: who is signed in, scoped look-ups, refusals turned into words."""

from typing import TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from crm.shared.errors import ActionRefused
from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission

M = TypeVar("M", bound=Model)


def signed_in(request: HttpRequest) -> User:
    """The person behind the request; the login middleware has sent everybody else to sign in."""
    return cast("User", request.user)


def require(request: HttpRequest, permission: Permission) -> User:
    """The person behind the request, or 403 when their role lacks `permission`."""
    user = signed_in(request)
    if not allows(user, permission):
        raise PermissionDenied
    return user


def visible_or_404(queryset: QuerySet[M], pk: int) -> M:
    """One row of a queryset that went through visible_to; unseen and unknown answer alike."""
    return get_object_or_404(queryset, pk=pk)


def refuse(form: BaseForm, refusal: ActionRefused) -> None:
    """Put a refusal where the person sees it: at its fields, else on top of the form."""
    at_fields = {name: text for name, text in refusal.fields.items() if name in form.fields}
    for name, text in at_fields.items():
        form.add_error(name, text)
    if not at_fields:
        form.add_error(None, refusal.message)
