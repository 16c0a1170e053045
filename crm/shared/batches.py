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
    """`thing` as it is now, or why it was refused."""

    KINDS: ClassVar = ("created", "updated", "unchanged", "refused")

    kind: str
    thing: Any = None
    refusal: ActionRefused | None = None


def save_what_can_be(
    rows: Sequence[Mapping[str, Any]], *, save: Callable[[Sequence[Mapping[str, Any]]], list[Saved]]
) -> list[Saved]:
    """All rows in one go; where one is refused, row by row, each refusal kept beside its row. Needs a transaction."""
    try:
        with transaction.atomic():
            return save(rows)
    except ActionRefused:
        return [_alone(row, save=save) for row in rows]


def _alone(
    row: Mapping[str, Any], *, save: Callable[[Sequence[Mapping[str, Any]]], list[Saved]]
) -> Saved:
    try:
        with transaction.atomic():
            return save([row])[0]
    except ActionRefused as refusal:
        return Saved(kind="refused", refusal=refusal)
