"""What the timeline is made of."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from deals.models import Outcome
    from deals.views.set_up import Planned


@dataclasses.dataclass(frozen=True)
class Mark:
    """A chip below an entry."""

    text: str
    icon: str = ""
    kind: str = ""


@dataclasses.dataclass
class Entry:
    """One thing that happened. `kind` "in" came from the buyer, "no" went unanswered; `voice` is the buyer's."""

    at: dt.datetime
    icon: str
    title: str
    detail: str = ""
    kind: str = ""
    voice: str = ""
    text: str = ""
    minutes: int | None = None
    marks: list[Mark] = dataclasses.field(default_factory=list)
    planned: list[Planned] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the words need beside a record: names of contacts and outcomes, by id."""

    names: dict[int, str]
    outcomes: dict[int, Outcome]
