"""Optimistic locking: an edit names the version that it read, and is refused when the row is another one by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _

from crm.shared.errors import StaleVersion

if TYPE_CHECKING:
    from django.db.models import Model

R = TypeVar("R", bound="Model")


def check_version(row: Any, version: int | None) -> None:
    """Refuse when `row` was changed since `version` was read; None asks for no check."""
    if version is not None and row.version != version:
        raise _stale()


def held(row: R, version: int | None = None) -> R:
    """`row` as it is now, locked until the transaction ends. Raises StaleVersion where it changed, or is gone."""
    found: R | None = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise _stale()
    check_version(found, version)
    return found


def _stale() -> StaleVersion:
    return StaleVersion(_("Somebody changed this in the meantime. Nothing was written."))
