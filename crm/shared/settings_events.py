"""The catalogue of events goes on: people, teams, and what administrators set up."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from crm.shared.events import Event

# ---- people ------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class PersonChanged(Event):
    """A person was invited, edited, or may sign in again (`how`)."""

    name: ClassVar = "person.changed"
    subject: ClassVar = "person"
    person_id: int
    how: str
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PersonLeft(Event):
    """A person signs in no more; everything of theirs goes to these colleagues."""

    name: ClassVar = "person.left"
    subject: ClassVar = "person"
    person_id: int
    heir_ids: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeamChanged(Event):
    """A team was added or edited (`how`)."""

    name: ClassVar = "team.changed"
    subject: ClassVar = "team"
    team_id: int
    how: str
    title: str


# ---- what administrators set up --------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class SetUpChanged(Event):
    """A stage, reason, product, competitor or segment (`kind`) was added, edited, retired or restored (`how`)."""

    name: ClassVar = "setup.changed"
    subject: ClassVar = "thing"
    thing_id: int
    kind: str
    how: str
    title: str
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SetUpMerged(Event):
    """Two became one: all that named `merged_id` names `thing_id` now; the merged one is retired."""

    name: ClassVar = "setup.merged"
    subject: ClassVar = "thing"
    thing_id: int
    kind: str
    title: str
    merged_id: int
    merged_title: str
