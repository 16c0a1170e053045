"""The catalogue of events goes on: accounts, contacts, and who takes part in a deal."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from crm.shared.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArchivedInDirectory(Event):
    """A company or a person left the lists; `kind` is "account" or "contact"."""

    name: ClassVar = "directory.archived"
    subject: ClassVar = "row"
    row_id: int
    kind: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestoredInDirectory(Event):
    name: ClassVar = "directory.restored"
    subject: ClassVar = "row"
    row_id: int
    kind: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Somebody's name and words were taken out of everything, at the request of the person; who it was is not said."""

    name: ClassVar = "directory.person_erased"
    subject: ClassVar = "row"
    row_id: int
    kind: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealShared(Event):
    """Who sees the deal beside its owner is now somebody else: user ids."""

    name: ClassVar = "deal.shared"
    deal_id: int
    added: list[int]
    removed: list[int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class StakeholderPlaced(Event):
    """A person takes part in the deal, or in another way than before: `was` is their former role, empty for a new one."""

    name: ClassVar = "deal.stakeholder_placed"
    deal_id: int
    contact_id: int
    role: str
    was: str
    stance: int
    met: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class StakeholderRemoved(Event):
    name: ClassVar = "deal.stakeholder_removed"
    deal_id: int
    contact_id: int
    role: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class DirectoryMerged(Event):
    """One company or person went into another; every app moves what hangs on `gone_id` to `row_id`, the one that stays."""

    name: ClassVar = "directory.merged"
    subject: ClassVar = "row"
    row_id: int
    gone_id: int
    kind: str
    merge_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class MergeUndone(Event):
    """Every app moves back what it moved: the `RowsFollowed` that `merged_id`, the record of the merge, caused."""

    name: ClassVar = "directory.merge_undone"
    subject: ClassVar = "row"
    row_id: int
    gone_id: int
    kind: str
    merged_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class RowsFollowed(Event):
    """What moved with a merge: rows of `table` whose `column` named the one that went; `dropped` would have stood twice."""

    name: ClassVar = "directory.rows_followed"
    subject: ClassVar = "row"
    row_id: int
    table: str
    column: str
    ids: list[int]
    dropped: list[dict[str, Any]]


# ---- target lists and segments -----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class TargetListChanged(Event):
    """A list of suspects was made, edited, archived or restored (`how`)."""

    name: ClassVar = "target_list.changed"
    subject: ClassVar = "list"
    list_id: int
    how: str
    title: str
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SuspectsChanged(Event):
    """So many accounts were put on a list of suspects, or taken off."""

    name: ClassVar = "target_list.suspects_changed"
    subject: ClassVar = "list"
    list_id: int
    title: str
    added: int
    removed: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class SegmentPinned(Event):
    """So many accounts were put into a segment by hand, or are there no more by hand."""

    name: ClassVar = "segment.pinned"
    subject: ClassVar = "segment"
    segment_id: int
    title: str
    added: int
    removed: int
