"""What an administrator sets up: stages, reasons and playbooks, products, competitors, segments. Retired, never deleted."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.shared import versions
from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from crm.shared.settings_events import SetUpChanged
from deals.models import Competitor, Deal, LossReason, Product, Segment, Stage
from deals.states import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User

T = TypeVar("T", Stage, LossReason, Product, Competitor, Segment)

PLAYBOOK = frozenset(
    {"revisit_after_days", "nurture_track", "ask_referral_after_days", "ask_buyer_after_days"}
)
REASON_FIELDS = PLAYBOOK | {"name", "category", "control", "position", "needs_note"}
STAGE_FIELDS = frozenset(
    {"name", "phase", "position", "probability", "stuck_after_days", "interval_days"}
)
SEGMENT_FIELDS = frozenset({"name", "countries", "industries", "employees_from", "employees_to"})
OUT_OF_THE_WAY = 20_000  # a place is taken once; while the order changes, all stand up here
KINDS: dict[type[Any], str] = {
    Stage: "stage",
    LossReason: "reason",
    Product: "product",
    Competitor: "competitor",
    Segment: "segment",
}


# ---- reasons and playbooks ---------------------------------------------------------------------------


@transaction.atomic
def add_reason(*, name: str, by: User, **fields: Any) -> LossReason:
    """Add a loss reason; its slug is fixed for good, its name is not."""
    if LossReason.objects.filter(name__iexact=name.strip()).exists():
        raise _taken(_("There is such a reason already."))
    last = LossReason.objects.order_by("-position").first()
    fields.setdefault("position", last.position + 1 if last else 1)
    reason = LossReason.objects.create(slug=_free_slug(name), name=name, **fields)
    _note(reason, "added", by=by)
    return reason


def _free_slug(name: str) -> str:
    """From the name, numbered where it is taken, or where the name has no Latin letter."""
    wanted = slugify(name)[:50] or "reason"
    taken = set(LossReason.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbered = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(slug for slug in numbered if slug not in taken)


def edit_reason(
    reason: LossReason, *, by: User, version: int | None = None, **changes: Any
) -> LossReason:
    """Rename a reason or change its playbook; what was lost for it stays lost for it."""
    return _edit(reason, by=by, version=version, allowed=REASON_FIELDS, changes=changes)


@transaction.atomic
def retire_reason(reason: LossReason, *, by: User, version: int | None = None) -> LossReason:
    """Take a reason out of the choices. The system's own stay: a loss can always be closed as "not stated"."""
    if reason.is_system:
        raise ActionRefused(_("This reason belongs to the system and stays."))
    return _retire(reason, by=by, version=version)


# ---- stages ------------------------------------------------------------------------------------------


@transaction.atomic
def add_stage(*, by: User, **fields: Any) -> Stage:
    """Add a step to the pipeline; without a position it comes last of its phase."""
    place = fields.pop("position", None)
    last = Stage.objects.order_by("-position").first()
    stage = Stage.objects.create(**fields, position=place or (last.position + 1 if last else 1))
    _note(stage, "added", by=by)
    if place is None:
        _put(_by_phase(list(Stage.objects.order_by("position"))))
        stage.refresh_from_db()
    return stage


def _by_phase(stages: Sequence[Stage]) -> list[Stage]:
    return sorted(stages, key=lambda stage: list(Phase.values).index(stage.phase))


@transaction.atomic
def edit_stage(stage: Stage, *, by: User, version: int | None = None, **changes: Any) -> Stage:
    """Rename a stage or change its numbers; with open deals in it, it stays out of the Order phase."""
    if changes.get("phase") == Phase.ORDER != stage.phase and stage.deals.open().exists():
        text = _("Open deals stand in this stage: only won ones stand in Order.")
        raise ActionRefused(text, fields={"phase": text})
    return _edit(stage, by=by, version=version, allowed=STAGE_FIELDS, changes=changes)


@transaction.atomic
def move_stage(stage: Stage, *, up: bool, by: User, version: int | None = None) -> None:
    """Change places with the current one before or after. Raises StaleVersion, ActionRefused: Order comes last."""
    every = list(Stage.objects.order_by("position").select_for_update())
    versions.check_version(next(one for one in every if one.pk == stage.pk), version)
    current = [one for one in every if one.archived_at is None]
    here = next((at for at, one in enumerate(current) if one.pk == stage.pk), None)
    there = None if here is None else here - 1 if up else here + 1
    if here is None or there is None or not 0 <= there < len(current):
        return
    if Phase.ORDER in {current[here].phase, current[there].phase}:
        raise ActionRefused(_("Order comes last: only a deal that was won gets there."))
    a, b = every.index(current[here]), every.index(current[there])
    every[a], every[b] = every[b], every[a]
    _put(every)
    _note(stage, "moved", by=by)


def _put(stages: Sequence[Stage]) -> None:
    """Number the stages in this order."""
    for start in (OUT_OF_THE_WAY, 1):
        for position, stage in enumerate(stages, start=start):
            stage.position = position
        Stage.objects.bulk_update(stages, ["position"])


@transaction.atomic
def retire_stage(stage: Stage, *, by: User, version: int | None = None) -> Stage:
    """Take a stage out of the pipeline. Raises ActionRefused while open deals stand in it, or when none would be left."""
    if Deal.objects.open().filter(stage=stage).exists():
        raise ActionRefused(_("Open deals stand in this stage: move them first."))
    if stage.phase == Phase.ORDER:
        raise ActionRefused(_("A deal that is won needs this stage."))
    others = Stage.objects.current().exclude(phase=Phase.ORDER).exclude(pk=stage.pk)
    if not others.exists():
        raise ActionRefused(_("A new deal needs a stage to start in."))
    return _retire(stage, by=by, version=version)


# ---- products and competitors ------------------------------------------------------------------------


@transaction.atomic
def add_product(*, name: str, by: User | None, is_sample: bool = False) -> Product:
    """Add a product; an existing one of that name is returned."""
    product: Product = _add(Product, name, by=by, is_sample=is_sample)
    return product


@transaction.atomic
def add_competitor(*, name: str, by: User | None, is_sample: bool = False) -> Competitor:
    """Add a competitor; an existing one of that name is returned."""
    competitor: Competitor = _add(Competitor, name, by=by, is_sample=is_sample)
    return competitor


def _add(model: type[Any], name: str, *, by: User | None, is_sample: bool) -> Any:
    thing, is_new = model.objects.get_or_create(
        name=name.strip(), defaults={"is_sample": is_sample}
    )
    if is_new and not is_sample:
        _note(thing, "added", by=by)
    return thing


def rename(thing: T, *, by: User, name: str | None = None, version: int | None = None) -> T:
    """Give a product or competitor another name; what named it names it still."""
    changes = {} if name is None else {"name": name.strip()}
    return _edit(thing, by=by, version=version, allowed=frozenset({"name"}), changes=changes)


@transaction.atomic
def retire(thing: T, *, by: User, version: int | None = None) -> T:
    """Take a product or competitor out of the choices."""
    return _retire(thing, by=by, version=version)


@transaction.atomic
def restore(thing: T, *, by: User, version: int | None = None) -> T:
    """Put what was retired back among the choices."""
    thing = versions.held(thing, version)
    if thing.archived_at is None:
        return thing
    thing.archived_at = None
    thing.save(update_fields=["archived_at", "updated_at"])
    _note(thing, "restored", by=by)
    return thing


# ---- segments ----------------------------------------------------------------------------------------


@transaction.atomic
def add_segment(*, name: str, by: User | None, is_sample: bool = False, **criteria: Any) -> Segment:
    """Name criteria over accounts (C2). Raises ActionRefused for a name that is taken, or a range that holds nobody."""
    _check_segment(name)
    _check_range(criteria.get("employees_from"), criteria.get("employees_to"))
    segment = Segment.objects.create(name=name, is_sample=is_sample, **criteria)
    if not is_sample:
        _note(segment, "added", by=by)
    return segment


@transaction.atomic
def edit_segment(
    segment: Segment, *, by: User, version: int | None = None, **changes: Any
) -> Segment:
    """Rename a segment or change its criteria: who is in it follows at once, in lists and in reports."""
    segment = versions.held(segment, version)
    _check_segment(changes.get("name", segment.name), but=segment)
    _check_range(
        changes.get("employees_from", segment.employees_from),
        changes.get("employees_to", segment.employees_to),
    )
    return _edit(segment, by=by, version=None, allowed=SEGMENT_FIELDS, changes=changes)


def _check_segment(name: str, *, but: Segment | None = None) -> None:
    same = Segment.objects.filter(name__iexact=name).exclude(pk=but.pk if but else 0)
    if same.exists():
        raise _taken(_("There is such a segment already."))


def _check_range(smallest: int | None, largest: int | None) -> None:
    if smallest is not None and largest is not None and smallest > largest:
        text = _("It begins after it ends.")
        raise ActionRefused(text, fields={"employees_to": text})


# ---- for all of them ---------------------------------------------------------------------------------


@transaction.atomic
def _edit(
    thing: T, *, by: User, version: int | None, allowed: frozenset[str], changes: dict[str, Any]
) -> T:
    if refused := changes.keys() - allowed:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    thing = versions.held(thing, version)
    model: Any = type(thing)
    name = changes.get("name", thing.name)
    if name != thing.name and model.objects.filter(name__iexact=name).exclude(pk=thing.pk).exists():
        raise _taken(_("There is one of that name already: merge the two instead."))
    changed: dict[str, Any] = {
        key: value for key, value in changes.items() if getattr(thing, key) != value
    }
    record = {
        key: (_as_text(getattr(thing, key)), _as_text(value)) for key, value in changed.items()
    }
    for key, value in changed.items():
        setattr(thing, key, value)
    if changed:
        thing.save(update_fields=[*changed, "updated_at"])
        _note(thing, "edited", by=by, changes=record)
    return thing


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _retire(thing: T, *, by: User, version: int | None) -> T:
    thing = versions.held(thing, version)
    if thing.archived_at is None:
        thing.archived_at = timezone.now()
        thing.save(update_fields=["archived_at", "updated_at"])
        _note(thing, "retired", by=by)
    return thing


def _note(
    thing: Any, how: str, *, by: User | None, changes: dict[str, tuple[str, str]] | None = None
) -> None:
    publish(
        [
            SetUpChanged(
                actor_id=by.pk if by else None,
                thing_id=thing.pk,
                kind=KINDS[type(thing)],
                how=how,
                title=thing.name,
                changes=changes or {},
            )
        ]
    )


def _taken(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"name": message})
