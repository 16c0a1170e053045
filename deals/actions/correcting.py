"""Correct what a closing says, on the record: what it said before stays in the event log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.events import OutcomeEdited
from crm.shared.publishing import publish
from deals.actions import closing, closing_checks, pipeline
from deals.models import Deal, LossReason, OtherReason, Outcome
from deals.states import DealStatus, Disqualification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.shared.models import User

EVERY = frozenset({"at", "note"})
BOTH = EVERY | {"buyer_words", "competitor", "no_competitor"}
EDITABLE: dict[str, frozenset[str]] = {
    DealStatus.LOST: BOTH | {"reason", "other_reasons", "control", "reflection"},
    DealStatus.WON: BOTH | {"won_because"},
    DealStatus.DISQUALIFIED: EVERY | {"disqualified_as"},
}


@transaction.atomic
def edit_outcome(
    outcome: Outcome, *, by: User, version: int | None = None, **changes: Any
) -> Outcome:
    """Correct a closing that stands; what it counted (stage, owner, amount, touches) and what it set up stay.

    `version` is that of the deal. Raises ActionRefused (undone, no such field, what a closing may not say), StaleVersion.
    """
    deal = pipeline.lock_deals([outcome.deal_id])[0]
    pipeline.check_version(deal, version)
    outcome = Outcome.objects.select_related("reason", "competitor").get(pk=outcome.pk)
    if outcome.undone_at is not None:
        raise ActionRefused(_("This closing was undone."))
    if refused := changes.keys() - EDITABLE[outcome.kind]:
        raise ActionRefused(
            _("This cannot be edited here."), fields=dict.fromkeys(refused, _("Read only."))
        )
    others = [one.reason for one in outcome.other_reasons.select_related("reason")]
    before = _as_said(outcome, others)
    if "other_reasons" in changes:
        others = list(changes.pop("other_reasons"))
    for name, value in changes.items():
        setattr(outcome, name, value.strip() if isinstance(value, str) else value)
    _check(outcome, others, deal)
    after = _as_said(outcome, others)
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if not changed:
        return outcome
    outcome.deal = deal
    _write(outcome, others, deal)
    publish(
        [OutcomeEdited(actor_id=by.pk, deal_id=deal.pk, outcome_id=outcome.pk, changes=changed)]
    )
    return outcome


def _check(outcome: Outcome, others: Sequence[LossReason], deal: Deal) -> None:
    now = timezone.now()
    said: closing.Closing = closing.Closing(deal=deal, at=outcome.at)
    competing: dict[str, Any] = {
        "competitor": outcome.competitor,
        "no_competitor": outcome.no_competitor,
    }
    if outcome.reason is not None:
        said = closing.Loss(
            deal=deal,
            at=outcome.at,
            reason=outcome.reason,
            other_reasons=others,
            note=outcome.note,
            reflection=outcome.reflection,
            historical=outcome.historical,
            **competing,
        )
        closing_checks.check_loss(said)
    elif outcome.kind == DealStatus.WON:
        closing_checks.check_win(
            closing.Win(deal=deal, won_because=outcome.won_because, **competing)
        )
    elif outcome.disqualified_as not in Disqualification.values:
        raise ActionRefused(_("Choose why."), fields={"disqualified_as": _("Choose why.")})
    closing_checks.check_time(said, deal, now=now)


def _as_said(outcome: Outcome, others: Sequence[LossReason]) -> dict[str, str]:
    """What a closing says, as the words that the record keeps."""
    answers = [f"{key}: {answer}" for key, answer in sorted(outcome.reflection.items())]
    return {
        "at": outcome.at.isoformat(),
        "reason": str(outcome.reason or ""),
        "other_reasons": ", ".join(str(reason) for reason in others),
        "control": outcome.control,
        "competitor": str(outcome.competitor or outcome.competition.value),
        "disqualified_as": outcome.disqualified_as,
        "won_because": ", ".join(outcome.won_because),
        "buyer_words": outcome.buyer_words,
        "note": outcome.note,
        "reflection": ", ".join(answers),
    }


def _write(outcome: Outcome, others: Sequence[LossReason], deal: Deal) -> None:
    fields = sorted(EDITABLE[outcome.kind] - {"other_reasons"})
    outcome.save(update_fields=[*fields, "updated_at"])
    outcome.other_reasons.all().delete()
    OtherReason.objects.bulk_create(
        OtherReason(outcome=outcome, reason=reason, position=position)
        for position, reason in enumerate(others, start=1)
    )
    deal.closed_at, deal.version = outcome.at, deal.version + 1
    deal.save(update_fields=["closed_at", "version", "updated_at"])
