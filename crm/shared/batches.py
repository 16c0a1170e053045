"""What became of one of many that were saved together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import transaction

from crm.shared.errors import ActionRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Saved:
    """`thing` as it is now, or why it was refused; of an updated one also what it said before, related rows by their key."""

    KINDS: ClassVar = ("created", "updated", "unchanged", "refused")

    kind: str
    thing: Any = None
    refusal: ActionRefused | None = None
    former: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def save_what_can_be(
    rows: Sequence[Mapping[str, Any]], *, save: Callable[[Sequence[Mapping[str, Any]]], list[Saved]]
) -> list[Saved]:
    """All rows in one go; where one is refused, each half by itself, down to the row that keeps its refusal.

    So one bad row among a thousand costs twenty statements more, and not a thousand. Needs a transaction.
    """
    try:
        with transaction.atomic():
            return save(rows)
    except ActionRefused as refusal:
        if len(rows) == 1:
            return [Saved(kind="refused", refusal=refusal)]
    half = len(rows) // 2
    return [*save_what_can_be(rows[:half], save=save), *save_what_can_be(rows[half:], save=save)]
