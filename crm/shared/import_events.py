"""The catalogue of events goes on: imports."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from crm.shared.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImportFinished(Event):
    name: ClassVar = "import.finished"
    subject: ClassVar = "import"
    import_id: int
    kind: str
    counts: dict[str, int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImportStopped(Event):
    """Something unexpected stopped an import, or its undo, every time it was tried; `why` is the error by its name."""

    name: ClassVar = "import.stopped"
    subject: ClassVar = "import"
    import_id: int
    kind: str
    title: str
    why: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImportUndone(Event):
    """What an import wrote was taken back; `counts` are the rows removed, restored, and kept as they are."""

    name: ClassVar = "import.undone"
    subject: ClassVar = "import"
    import_id: int
    kind: str
    counts: dict[str, int]
