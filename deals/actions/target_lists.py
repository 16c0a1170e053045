"""Lists of suspects: made, filled, edited, archived; and accounts put into a segment by hand (C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import loading, versions
from crm.shared.directory_events import SegmentPinned, SuspectsChanged, TargetListChanged
from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from deals.actions import pipeline
from deals.models import SegmentPin, Suspect, TargetList

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.shared.models import User
    from deals.models import Account, Segment

FIELDS = frozenset({"name", "owner", "criteria", "source"})
BATCH = 5000


@transaction.atomic
def make(
    *,
    by: User,
    name: str,
    accounts: QuerySet[Account] | None = None,
    is_sample: bool = False,
    **fields: Any,
) -> TargetList:
    """Make a list, with these accounts on it. Raises ActionRefused when its owner has one of that name."""
    owner = fields.pop("owner", by)
    _check_name(name, owner)
    made = TargetList.objects.create(name=name, owner=owner, is_sample=is_sample, **fields)
    _note(made, "made", by=by)
    if accounts is not None:
        add(made, accounts, by=by)
    return made


@transaction.atomic
def edit(
    target_list: TargetList, *, by: User, version: int | None = None, **changes: Any
) -> TargetList:
    """Rename a list, say who belongs on it, or give it to somebody. Raises StaleVersion, ActionRefused."""
    target_list = versions.held(target_list, version)
    if refused := changes.keys() - FIELDS:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    changed = {
        name: value
        for name, value in changes.items()
        if not pipeline.says(target_list, name, value)
    }
    if not changed:
        return target_list
    if changed.keys() & {"name", "owner"}:
        owner, name = changed.get("owner", target_list.owner), changed.get("name", target_list.name)
        _check_name(name, owner, but=target_list)
    record = {
        name: (str(getattr(target_list, name)), str(value)) for name, value in changed.items()
    }
    for name, value in changed.items():
        setattr(target_list, name, value)
    target_list.save_changed(*changed)
    _note(target_list, "edited", by=by, changes=record)
    return target_list


@transaction.atomic
def archive(target_list: TargetList, *, by: User, version: int | None = None) -> TargetList:
    """Take a list off the lists; the deals that came from it go on naming it."""
    target_list = versions.held(target_list, version)
    if target_list.archived_at is None:
        target_list.archived_at = timezone.now()
        target_list.save_changed("archived_at")
        _note(target_list, "archived", by=by)
    return target_list


@transaction.atomic
def restore(target_list: TargetList, *, by: User, version: int | None = None) -> TargetList:
    """Put a list back. Raises ActionRefused when its owner has another one of that name by now."""
    target_list = versions.held(target_list, version)
    if target_list.archived_at is not None:
        _check_name(target_list.name, target_list.owner, but=target_list)
        target_list.archived_at = None
        target_list.save_changed("archived_at")
        _note(target_list, "restored", by=by)
    return target_list


# ---- who is on it ------------------------------------------------------------------------------------


@transaction.atomic
def add(target_list: TargetList, accounts: QuerySet[Account], *, by: User) -> int:
    """Put accounts on a list; those on it already stay there once. Returns how many are new on it."""
    target_list = versions.held(target_list)
    if target_list.archived_at is not None:
        raise ActionRefused(_("“%(list)s” is archived: restore it first.") % {"list": target_list})
    added = _join(accounts, Suspect, "target_list", target_list, by=by)
    if added:
        publish([_suspects(target_list, by=by, added=added)])
    return added


@transaction.atomic
def remove(target_list: TargetList, accounts: QuerySet[Account], *, by: User) -> int:
    """Take accounts off a list; they stay, and so do their deals. Returns how many were on it."""
    target_list = versions.held(target_list)
    removed = _part(accounts, Suspect, "target_list", target_list)
    if removed:
        publish([_suspects(target_list, by=by, removed=removed)])
    return removed


@transaction.atomic
def put_in(segment: Segment, accounts: QuerySet[Account], *, by: User) -> int:
    """Put accounts into a segment by hand, whatever its criteria say. Returns how many were not yet there by hand."""
    segment = type(segment).objects.select_for_update().get(pk=segment.pk)
    if segment.archived_at is not None:
        raise ActionRefused(_("“%(segment)s” is retired: restore it first.") % {"segment": segment})
    added = _join(accounts, SegmentPin, "segment", segment, by=by)
    if added:
        publish([_pinned(segment, by=by, added=added)])
    return added


@transaction.atomic
def take_out(segment: Segment, accounts: QuerySet[Account], *, by: User) -> int:
    """Undo what was done by hand: where an account fits the criteria, it belongs to the segment still."""
    removed = _part(accounts, SegmentPin, "segment", segment)
    if removed:
        publish([_pinned(segment, by=by, removed=removed)])
    return removed


def _join(
    accounts: QuerySet[Account], model: Any, name: str, group: TargetList | Segment, *, by: User
) -> int:
    """Rows of `model` for those that have none yet. The group is locked, so nobody adds the same meanwhile."""
    there = model.objects.filter(**{name: group}).values("account_id")
    new = list(
        accounts.exclude(pk__in=there).order_by("pk").values_list("pk", flat=True).distinct()
    )
    now = timezone.now()
    columns = (f"{name}_id", "account_id", "by_id", "at")
    for start in range(0, len(new), BATCH):
        rows = [(group.pk, pk, by.pk, now) for pk in new[start : start + BATCH]]
        loading.write_values(model, columns, rows)
    return len(new)


def _part(accounts: QuerySet[Account], model: Any, name: str, group: TargetList | Segment) -> int:
    ids = accounts.order_by().values("pk")
    removed, _each = model.objects.filter(**{name: group, "account__in": ids}).delete()
    return int(removed)


def _check_name(name: str, owner: User, *, but: TargetList | None = None) -> None:
    """One's own lists have different names; those of others may be called the same, and tell nothing."""
    own = TargetList.objects.current().filter(owner=owner, name__iexact=name)
    if own.exclude(pk=but.pk if but else 0).exists():
        text = _("There is a list of this name already.")
        raise ActionRefused(text, fields={"name": text})


def _note(
    target_list: TargetList,
    how: str,
    *,
    by: User,
    changes: dict[str, tuple[str, str]] | None = None,
) -> None:
    event = TargetListChanged(
        actor_id=by.pk,
        list_id=target_list.pk,
        how=how,
        title=target_list.name,
        changes=changes or {},
    )
    publish([event])


def _suspects(
    target_list: TargetList, *, by: User, added: int = 0, removed: int = 0
) -> SuspectsChanged:
    return SuspectsChanged(
        actor_id=by.pk,
        list_id=target_list.pk,
        title=target_list.name,
        added=added,
        removed=removed,
    )


def _pinned(segment: Segment, *, by: User, added: int = 0, removed: int = 0) -> SegmentPinned:
    return SegmentPinned(
        actor_id=by.pk,
        segment_id=segment.pk,
        title=segment.name,
        added=added,
        removed=removed,
    )
