"""What every door does alike: who is signed in, scoped look-ups, refusals turned into words."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.forms_of_edits import Edit
from crm.shared.models import User
from crm.shared.policies import allows
from crm.shared.roles import Permission

M = TypeVar("M", bound=Model)
E = TypeVar("E", bound=Edit)

INVALID, CONFLICT = 422, 409


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


def submitted(form: BaseForm, act: Callable[[], object]) -> int | None:
    """None when `act` is done; else the status to show `form` with: not sent, not as it should be, or refused.

    StaleVersion is passed on: what to show then is a form over the newer row.
    """
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return INVALID
    try:
        act()
    except StaleVersion:
        raise
    except ActionRefused as refusal:
        refuse(form, refusal)
        return INVALID if refusal.fields else CONFLICT
    return None


def edited(form: E, act: Callable[..., object], *, now: Callable[[], Any]) -> tuple[E, int | None]:
    """As `submitted`, for `act(**cleaned data)` on a row that others may edit too.

    Where somebody did, the form comes back over the row as it is `now`: what was typed stays, and it says what is new.
    """
    try:
        return form, submitted(form, lambda: act(**form.cleaned_data))
    except StaleVersion:
        return form.over(now()), CONFLICT
