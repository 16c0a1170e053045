"""Reasons as tiles: the first nine by a digit, the others below, in an order that does not move between visits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from deals.models import LossReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django import forms

    from crm.shared.models import User

DIGITS = 9


@dataclasses.dataclass(frozen=True)
class Tile:
    """One reason; `digit` is its key, 0 = none."""

    reason: LossReason
    digit: int
    is_chosen: bool


@dataclasses.dataclass(frozen=True)
class Tiles:
    first: list[Tile]
    others: list[Tile]

    @property
    def opens_others(self) -> bool:
        return any(tile.is_chosen for tile in self.others)


def reasons_for(user: User) -> list[LossReason]:
    return list(LossReason.objects.visible_to(user).choosable().order_by("position", "pk"))


def tiles_for(form: forms.BaseForm, reasons: Sequence[LossReason]) -> Tiles:
    """The reasons to choose from, and the one that the form has chosen."""
    chosen = form["reason"].value()
    tiles = [
        Tile(reason, place if place <= DIGITS else 0, reason.slug == chosen)
        for place, reason in enumerate(reasons, start=1)
    ]
    return Tiles(tiles[:DIGITS], tiles[DIGITS:])


@dataclasses.dataclass(frozen=True)
class Also:
    """The further reasons: the names of those chosen, and all to choose from, those chosen first and in their order."""

    names: str
    options: list[tuple[LossReason, bool]]


def also_for(form: forms.Form) -> Also:
    """What the form's field of other reasons holds."""
    field: Any = form.fields["other_reasons"]
    known = {reason.slug: reason for reason in field.queryset}
    chosen = [known.pop(slug) for slug in form["other_reasons"].value() or () if slug in known]
    options = [(reason, True) for reason in chosen] + [(one, False) for one in known.values()]
    return Also(", ".join(reason.name for reason in chosen), options)
