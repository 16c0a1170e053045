"""Two reasons, products or competitors that mean the same become one: all history moves, and the record says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared import versions
from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from crm.shared.settings_events import SetUpMerged
from deals.actions.setup import KINDS
from deals.models import Competitor, Deal, LossReason, OtherReason, Outcome, Product

if TYPE_CHECKING:
    from crm.shared.models import User

T = TypeVar("T", LossReason, Product, Competitor)


@transaction.atomic
def merge(thing: T, *, into: T, by: User, version: int | None = None) -> T:
    """Move all that names `thing` to `into`, and retire it. In a fixed number of statements, however much there is.

    `version` is that of `thing`. Raises StaleVersion, ActionRefused for one and the same, a retired target, and what belongs to the system.
    """
    locked = {one.pk: versions.held(one) for one in sorted((thing, into), key=lambda one: one.pk)}
    thing, into = locked[thing.pk], locked[into.pk]
    versions.check_version(thing, version)
    if thing.pk == into.pk:
        raise _refused(_("Choose another one."))
    if into.archived_at is not None:
        raise _refused(_("“%(name)s” is retired: restore it first.") % {"name": into.name})
    if isinstance(thing, LossReason) and isinstance(into, LossReason):
        if thing.is_system:
            raise _refused(_("This reason belongs to the system and stays."))
        _move_losses(thing, into)
    elif isinstance(thing, Product):
        Deal.objects.filter(product=thing).update(product=into.pk)
    else:
        Outcome.objects.filter(competitor=thing.pk).update(competitor=into.pk)
    thing.archived_at = timezone.now()
    thing.save(update_fields=["archived_at", "updated_at"])
    publish(
        [
            SetUpMerged(
                actor_id=by.pk,
                thing_id=into.pk,
                kind=KINDS[type(thing)],
                title=into.name,
                merged_id=thing.pk,
                merged_title=thing.name,
            )
        ]
    )
    return into


def _move_losses(reason: LossReason, into: LossReason) -> None:
    """A loss names each reason once: where both played a part, the first place holds."""
    Outcome.objects.filter(reason=reason).update(reason=into)
    others = OtherReason.objects.filter(reason=reason)
    first = OtherReason.objects.filter(outcome=OuterRef("outcome"), reason__in=[reason, into])
    both = OtherReason.objects.filter(
        outcome__in=others.filter(outcome__other_reasons__reason=into).values("outcome"),
        reason__in=[reason, into],
    )
    first_of_both = Subquery(first.order_by("position").values("pk")[:1])
    later = both.annotate(first=first_of_both).exclude(pk=F("first"))
    OtherReason.objects.filter(pk__in=list(later.values_list("pk", flat=True))).delete()
    OtherReason.objects.filter(reason=reason).update(reason=into)
    OtherReason.objects.filter(reason=into, outcome__reason=into).delete()


def _refused(message: str) -> ActionRefused:
    return ActionRefused(message, fields={"into": message})
