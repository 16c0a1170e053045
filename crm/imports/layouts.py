"""What people said the columns of a file mean, kept for the next file with the same columns."""

import dataclasses
from collections.abc import Sequence

from django.db.models import Case, IntegerField, Value, When

from crm.imports.formats import CERTAIN, Match, normal, signature, told
from crm.imports.models import RememberedLayout
from crm.shared.models import User


def remember(kind: str, matches: Sequence[Match], *, by: User | None) -> None:
    """Keep these columns as `by` left them. Needs a transaction."""
    columns = {
        normal(match.column): {"field": match.field, "dates": match.dates, "mark": match.mark}
        for match in matches
    }
    RememberedLayout.objects.update_or_create(
        signature=signature(kind, [match.column for match in matches]),
        by=by,
        defaults={"columns": columns},
    )


def recall(kind: str, matches: Sequence[Match], *, by: User | None) -> list[Match] | None:
    """The columns as they were left last time: by oneself, else by anybody; None when nobody did.

    How dates and amounts are written is asked anew only where this file proves another style.
    """
    of_mine = Case(When(by=by, then=Value(0)), default=Value(1), output_field=IntegerField())
    kept = (
        RememberedLayout.objects.filter(signature=signature(kind, [one.column for one in matches]))
        .order_by(of_mine, "-updated_at")
        .first()
    )
    if kept is None:
        return None
    return [_as_left(match, kept.columns.get(normal(match.column))) for match in matches]


def _as_left(match: Match, left: dict[str, str] | None) -> Match:
    if left is None:
        return match
    field = left["field"]
    known = dataclasses.replace(match, field=field, confidence=CERTAIN if field else 0.0)
    return told(known, {name: left[name] for name in match.doubts})
