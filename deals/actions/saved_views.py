"""Views of the pipeline that people keep and share. No event: nothing happens to a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from deals.models import SavedView

if TYPE_CHECKING:
    from crm.shared.models import User


@transaction.atomic
def keep(
    *, by: User, name: str, query: str, shared_with: str, is_default: bool = False
) -> SavedView:
    """Keep a view under a name; one of that name that `by` keeps already is changed. `query` is normalised before."""
    if is_default:
        _no_default(by)
    view, _is_new = SavedView.objects.update_or_create(
        owner=by,
        name=name,
        defaults={"query": query, "shared_with": shared_with, "is_default": is_default},
    )
    return view


@transaction.atomic
def change(
    view: SavedView, *, by: User, name: str, shared_with: str, is_default: bool
) -> SavedView:
    """Call it otherwise, share it otherwise, open the pipeline with it. Raises ActionRefused for a name kept already."""
    if SavedView.objects.filter(owner=view.owner, name=name).exclude(pk=view.pk).exists():
        text = _("You keep a view of that name already.")
        raise ActionRefused(text, fields={"name": text})
    if is_default:
        _no_default(by)
    view.name, view.shared_with, view.is_default = name, shared_with, is_default
    view.save(update_fields=["name", "shared_with", "is_default", "updated_at"])
    return view


@transaction.atomic
def forget(view: SavedView) -> None:
    """Delete it, for everybody it is shared with."""
    view.delete()


def _no_default(user: User) -> None:
    SavedView.objects.filter(owner=user, is_default=True).update(is_default=False)
