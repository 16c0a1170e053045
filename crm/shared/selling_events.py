"""The catalogue goes on: proposals, and the order that follows a win."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from crm.shared.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProposalSent(Event):
    name: ClassVar = "proposal.sent"
    subject: ClassVar = "proposal"
    proposal_id: int
    sent_on: str
    amount: str
    currency: str
    offer: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProposalAnswered(Event):
    """The buyer's answer, accepted or declined; or `state` withdrawn: ours."""

    name: ClassVar = "proposal.answered"
    subject: ClassVar = "proposal"
    deal_id: int
    proposal_id: int
    state: str
    answered_on: str = ""
    words: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObjectionsNoted(Event):
    name: ClassVar = "proposal.objections_noted"
    subject: ClassVar = "proposal"
    proposal_id: int
    objections: list[dict[str, Any]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderOpened(Event):
    name: ClassVar = "order.opened"
    subject: ClassVar = "order"
    order_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderMoved(Event):
    name: ClassVar = "order.moved"
    subject: ClassVar = "order"
    order_id: int
    was: str
    state: str
    on: str
    issue: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderEdited(Event):
    name: ClassVar = "order.edited"
    subject: ClassVar = "order"
    order_id: int
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ValueChecked(Event):
    """Some days after delivery the customer was asked what they got of it, or the check was left out."""

    name: ClassVar = "order.value_checked"
    subject: ClassVar = "order"
    order_id: int
    after_days: int
    skipped: bool
    satisfaction: int | None = None
    words: str = ""
