"""What an administrator sets up: stages, reasons and playbooks, products, competitors. Retired, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from deals.models import Competitor, LossReason, Product, Stage

if TYPE_CHECKING:
    from crm.shared.models import User

PLAYBOOK = frozenset(
    {"revisit_after_days", "nurture_track", "ask_referral_after_days", "ask_buyer_after_days"}
)
REASON_FIELDS = PLAYBOOK | {"name", "category", "control", "position", "needs_note"}
STAGE_FIELDS = frozenset(
    {"name", "phase", "position", "probability", "stuck_after_days", "interval_days"}
)


@transaction.atomic
def add_reason(*, name: str, by: User, **fields: Any) -> LossReason:
    """Add a loss reason; its slug is fixed for good, its name is not."""
    slug = slugify(name)[:60] or "reason"
    if LossReason.objects.filter(slug=slug).exists():
        raise ActionRefused(_("There is such a reason already."), fields={"name": _("Taken.")})
    last = LossReason.objects.order_by("-position").first()
    fields.setdefault("position", last.position + 1 if last else 1)
    return LossReason.objects.create(slug=slug, name=name, **fields)


@transaction.atomic
def edit_reason(reason: LossReason, *, by: User, **changes: Any) -> LossReason:
    """Rename a reason or change its playbook; what was lost for it stays lost for it."""
    if refused := changes.keys() - REASON_FIELDS:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    for field, value in changes.items():
        setattr(reason, field, value)
    reason.save(update_fields=[*changes, "updated_at"])
    return reason


@transaction.atomic
def retire_reason(reason: LossReason, *, by: User) -> LossReason:
    """Take a reason out of the choices. The system's own stay: a loss can always be closed as "not stated"."""
    if reason.is_system:
        raise ActionRefused(_("This reason belongs to the system and stays."))
    reason.archived_at = timezone.now()
    reason.save(update_fields=["archived_at", "updated_at"])
    return reason


@transaction.atomic
def edit_stage(stage: Stage, *, by: User, **changes: Any) -> Stage:
    """Rename a stage or change its numbers."""
    if refused := changes.keys() - STAGE_FIELDS:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    for field, value in changes.items():
        setattr(stage, field, value)
    stage.save(update_fields=[*changes, "updated_at"])
    return stage


@transaction.atomic
def add_stage(*, by: User, **fields: Any) -> Stage:
    """Add a step to the pipeline."""
    return Stage.objects.create(**fields)


@transaction.atomic
def add_product(*, name: str, by: User | None, is_sample: bool = False) -> Product:
    """Add a product; an existing one of that name is returned."""
    return Product.objects.get_or_create(name=name.strip(), defaults={"is_sample": is_sample})[0]


@transaction.atomic
def add_competitor(*, name: str, by: User | None, is_sample: bool = False) -> Competitor:
    """Add a competitor; an existing one of that name is returned."""
    return Competitor.objects.get_or_create(name=name.strip(), defaults={"is_sample": is_sample})[0]
