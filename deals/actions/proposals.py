"""Proposals: sent, answered by the buyer, their objections met point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.publishing import publish
from crm.shared.selling_events import ObjectionsNoted, ProposalAnswered, ProposalSent
from deals.actions import pipeline
from deals.models import Proposal
from deals.states import ProposalState, check_proposal_move

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from crm.shared.models import User
    from deals.models import Deal

MOST_OBJECTIONS = 50


class Objection(TypedDict):
    """A point that the buyer makes, what we say to it, and whether that settled it."""

    objection: str
    reply: str
    is_settled: bool


@transaction.atomic
def send(
    deal: Deal,
    *,
    by: User,
    sent_on: dt.date,
    amount: Decimal | None = None,
    currency: str = "",
    offer: str = "",
) -> Proposal:
    """Record a proposal that went to the buyer; without a currency it is the deal's.

    Raises ActionRefused when the deal is closed or the day is still to come.
    """
    deal = pipeline.lock_deals([deal.pk])[0]
    if not deal.is_open:
        raise ActionRefused(_("This deal is closed."))
    _check_day(sent_on, name="sent_on")
    proposal = Proposal.objects.create(
        deal=deal,
        by=by,
        sent_on=sent_on,
        amount=amount,
        currency=currency or deal.currency,
        offer=offer.strip(),
    )
    event = ProposalSent(
        actor_id=by.pk,
        deal_id=deal.pk,
        proposal_id=proposal.pk,
        sent_on=sent_on.isoformat(),
        amount="" if amount is None else str(amount),
        currency=proposal.currency,
        offer=proposal.offer,
    )
    publish([event])
    return proposal


@transaction.atomic
def answer(
    proposal: Proposal,
    *,
    state: str,
    by: User,
    answered_on: dt.date | None = None,
    words: str = "",
    version: int | None = None,
) -> Proposal:
    """What became of it: accepted or declined by the buyer, on that day (today) and in their words; or withdrawn by us.

    Raises ActionRefused when it has its answer, or the day is none; StaleVersion.
    """
    proposal = pipeline.lock_with_deal(proposal, version=version)
    check_proposal_move(proposal.state, state)
    if state != ProposalState.WITHDRAWN:
        answered_on = answered_on or timezone.localdate()
        _check_day(answered_on, name="answered_on", since=proposal.sent_on)
        proposal.answered_on, proposal.words = answered_on, words.strip()
    proposal.state = state
    proposal.save_changed("state", "answered_on", "words")
    event = ProposalAnswered(
        actor_id=by.pk,
        deal_id=proposal.deal_id,
        proposal_id=proposal.pk,
        state=state,
        answered_on=answered_on.isoformat() if answered_on else "",
        words=proposal.words,
    )
    publish([event])
    return proposal


@transaction.atomic
def note_objections(
    proposal: Proposal,
    *,
    objections: Sequence[Mapping[str, Any]],
    by: User,
    version: int | None = None,
) -> Proposal:
    """Keep the buyer's objections, all of them in their order; what says nothing is dropped, and the same again is no news.

    Raises ActionRefused for more than fifty, StaleVersion.
    """
    proposal = pipeline.lock_with_deal(proposal, version=version)
    kept = [_objection(one) for one in objections if str(one["objection"]).strip()]
    if len(kept) > MOST_OBJECTIONS:
        message = _("At most %(most)s objections.") % {"most": MOST_OBJECTIONS}
        raise ActionRefused(message, fields={"objections": message})
    if kept == proposal.objections:
        return proposal
    proposal.objections = kept
    proposal.save_changed("objections")
    event = ObjectionsNoted(
        actor_id=by.pk,
        deal_id=proposal.deal_id,
        proposal_id=proposal.pk,
        objections=[dict(one) for one in kept],
    )
    publish([event])
    return proposal


def _objection(said: Mapping[str, Any]) -> Objection:
    return {
        "objection": str(said["objection"]).strip(),
        "reply": str(said.get("reply") or "").strip(),
        "is_settled": bool(said.get("is_settled")),
    }


def _check_day(day: dt.date, *, name: str, since: dt.date | None = None) -> None:
    if day > timezone.localdate():
        raise ActionRefused(
            _("This day is still to come."), fields={name: _("Not later than today.")}
        )
    if since and day < since:
        raise ActionRefused(
            _("It was sent later than that."), fields={name: _("Not before it was sent.")}
        )
