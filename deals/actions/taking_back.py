"""Taking back what came in by mistake: rows are removed, with what was written with them, or say again what they said.

What somebody has worked on since, or what another row needs, is left as it is, with why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from crm.shared.batches import Saved, save_what_can_be
from crm.shared.errors import ActionRefused
from crm.shared.events import DealImported, PastClosingRecorded, TouchLogged
from crm.shared.models import EventRecord
from crm.shared.querysets import among
from deals.actions import directory, pipeline, reopening
from deals.models import (
    Account,
    Deal,
    OtherReason,
    Outcome,
    SegmentPin,
    StageChange,
    Suspect,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from crm.shared.models import User

# What is written with a row, and goes with it: children before their parents, each by its way to the row.
WITH_IT: dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]] = {
    Account: ((Suspect, "account"), (SegmentPin, "account")),
    Deal: ((OtherReason, "outcome__deal"), (StageChange, "deal"), (Outcome, "deal")),
}

CAME_IN = (DealImported.name, PastClosingRecorded.name, TouchLogged.name)


# ---- rows that were new --------------------------------------------------------------------------


@transaction.atomic
def remove_many(model: type[models.Model], versions: Mapping[int, int]) -> dict[int, str]:
    """Remove rows, by pk the version they came with (0: they have none); returns those that stay, with why."""
    manager = model._default_manager
    rows = (
        manager.filter(among("pk", versions.keys())).order_by("pk").select_for_update(of=("self",))
    )
    stay: dict[int, str] = {}
    if any(versions.values()):
        found = dict(rows.values_list("pk", "version"))
        changed = {pk for pk, version in found.items() if version != versions[pk]}
        if model is Deal:
            changed = _worked_on(changed)
        stay = dict.fromkeys(changed, _("It was worked on since."))
    else:
        list(rows.values_list("pk"))
    stay |= _needed(model, versions.keys() - stay.keys())
    going = versions.keys() - stay.keys()
    _delete(
        manager.filter(among("pk", going))
    )  # foreign keys are checked at the end of the transaction
    for child, path in WITH_IT.get(model, ()):
        _delete(child._default_manager.filter(among(path, going)))
    return stay


def _worked_on(deal_ids: set[int]) -> set[int]:
    """Those of which more is told than how they came in, and touches: one that is left keeps its deal, a removed one does not."""
    if not deal_ids:
        return set()
    told = EventRecord.objects.filter(deal_id__in=deal_ids).exclude(name__in=CAME_IN)
    return {deal_id for deal_id in told.values_list("deal_id", flat=True) if deal_id}


def _needed(model: type[models.Model], ids: set[int]) -> dict[int, str]:
    """Those that another row points to, and what it is."""
    needed: dict[int, str] = {}
    looked_at = {model, *dict(WITH_IT.get(model, ()))}
    for relation in _relations(model):
        if relation.related_model not in looked_at or relation.related_model is model:
            needed |= _pointing(relation, relation.field.name, ids)
    looked_at |= {relation.related_model for relation in _relations(model)}
    for relation in _relations(Outcome) if model is Deal else ():
        if relation.related_model not in looked_at:  # the others name the deal, too
            needed |= _pointing(relation, f"{relation.field.name}__deal", ids)
    return needed


def _relations(model: type[models.Model]) -> Iterator[Any]:
    """The foreign keys that lead to a model, those without a name of their own as well."""
    for field in model._meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete and (field.one_to_many or field.one_to_one):
            yield field


def _pointing(relation: Any, path: str, ids: set[int]) -> dict[int, str]:
    rows = relation.related_model._default_manager.filter(among(path, ids))
    why = _("It has: %(what)s.") % {"what": relation.related_model._meta.verbose_name}
    return dict.fromkeys(rows.order_by().values_list(path, flat=True), why)


def _delete(rows: models.QuerySet[Any]) -> None:
    """One DELETE without reading the rows first: whatever hangs on them was looked for."""
    rows._raw_delete(rows.db)  # noqa: SLF001  (what Django's own fast deletes use)


# ---- rows that were there ------------------------------------------------------------------------


@transaction.atomic
def restore_many(
    model: type[models.Model],
    former: Mapping[int, Mapping[str, Sequence[Any]]],
    *,
    by: User,
    now: dt.datetime,
) -> dict[int, Saved]:
    """Let rows say again what they said: by pk and column [before, after]. One edited since is refused, whole."""
    found = model._default_manager.filter(pk__in=former).order_by("pk")
    rows = {row.pk: row for row in found.select_for_update(of=("self",))}
    saved = {
        pk: Saved(kind="refused", refusal=ActionRefused(_("It is not there any more.")))
        for pk in former.keys() - rows.keys()
    }
    asked: list[dict[str, Any]] = []
    for pk, row in rows.items():
        changes = {name: pair for name, pair in former[pk].items() if name != "version"}
        edited = [name for name, (_before, after) in changes.items() if not _is(row, name, after)]
        if edited:
            names = ", ".join(str(_field(model, name).verbose_name) for name in sorted(edited))
            refusal = ActionRefused(_("Edited since: %(names)s.") % {"names": names})
            saved[pk] = Saved(kind="refused", refusal=refusal)
        else:
            said = {name: _field(model, name).to_python(pair[0]) for name, pair in changes.items()}
            asked.append({"row": row, "said": said})
    asked = _with_related(model, asked)
    restore = _restore_deals if model is Deal else _restore_others

    def save(some: Sequence[Mapping[str, Any]]) -> list[Saved]:
        return restore(some, by=by, now=now)

    back = save_what_can_be(asked, save=save) if asked else []
    return saved | {one["row"].pk: result for one, result in zip(asked, back, strict=True)}


def _field(model: type[models.Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == column)


def _is(row: models.Model, column: str, value: Any) -> bool:
    return bool(getattr(row, column) == _field(type(row), column).to_python(value))


def _with_related(
    model: type[models.Model], asked: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What each said, by field, related rows as rows; each related model is read once."""
    by_field: dict[str, Any] = {}
    for column in {column for one in asked for column in one["said"]}:
        field = _field(model, column)
        if field.is_relation and column != "outcome_id":
            keys = {one["said"][column] for one in asked if one["said"].get(column)}
            by_field[column] = field.related_model._default_manager.in_bulk(keys)
    return [
        {
            "row": one["row"],
            "said": {
                _field(model, column).name: by_field[column].get(value)
                if column in by_field
                else value
                for column, value in one["said"].items()
            },
        }
        for one in asked
    ]


def _restore_deals(
    asked: Sequence[Mapping[str, Any]], *, by: User, now: dt.datetime
) -> list[Saved]:
    """Closings first: a closed deal keeps its owner."""
    closed = [one["row"] for one in asked if "outcome" in one["said"]]
    if closed:
        reopening.undo_close_many(closed, by=by, now=now)
    edits = [
        pipeline.Edit(
            deal=one["row"],
            changes={name: value for name, value in one["said"].items() if name != "outcome"},
        )
        for one in asked
    ]
    return [
        Saved(kind="updated", thing=deal, former={"version": one["row"].version})
        for one, deal in zip(asked, pipeline.edit_many(edits, by=by), strict=True)
    ]


def _restore_others(
    asked: Sequence[Mapping[str, Any]], *, by: User, now: dt.datetime
) -> list[Saved]:
    names = {"version", "updated_at"}
    saved: list[Saved] = []
    for one in asked:
        row = one["row"]
        for name, value in one["said"].items():
            setattr(row, name, value)
        saved.append(Saved(kind="updated", thing=row, former={"version": row.version}))
        row.version, row.updated_at = row.version + 1, now
        names |= one["said"].keys()
    rows = [one.thing for one in saved]
    type(rows[0])._default_manager.bulk_update(rows, sorted(names), batch_size=500)
    if renamed := [one["row"] for one in asked if "name" in one["said"]]:
        of = "accounts" if isinstance(renamed[0], Account) else "contacts"
        directory.rename_in_search(**{of: renamed})
    return saved
