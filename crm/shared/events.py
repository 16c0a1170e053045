"""The catalogue: everything that can happen, as frozen dataclasses of plain values."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    import datetime as dt

COMMON = frozenset({"actor_id", "deal_id", "at", "caused_by", "record_id"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `actor_id` None is the system; `caused_by` and `record_id` are EventRecord ids."""

    name: ClassVar[str]
    subject: ClassVar[str] = "deal"  # kind of thing it is about; its id is the field `<subject>_id`

    actor_id: int | None
    deal_id: int | None = None
    at: dt.datetime | None = None
    caused_by: int | None = None
    record_id: int | None = None

    @property
    def subject_id(self) -> int | None:
        value: int | None = getattr(self, f"{self.subject}_id")
        return value

    @property
    def data(self) -> dict[str, Any]:
        """What is particular to this event, as plain values."""
        return {
            name: dataclasses.asdict(value) if isinstance(value, Aftercare) else value
            for name, value in vars(self).items()
            if name not in COMMON
        }

    def as_recorded(self, record_id: int, *, at: dt.datetime) -> Self:
        """The same event with its place in the record; as `dataclasses.replace`, at a third of the cost."""
        recorded = object.__new__(type(self))
        vars(recorded).update(vars(self), record_id=record_id, at=at)
        return recorded


# ---- what a person chose to happen after a loss ----------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Aftercare:
    """The playbook of a reason as the person left it; None = not wanted. Days count from the closing."""

    revisit_after_days: int | None = None
    nurture_track: str = ""
    ask_referral_after_days: int | None = None
    ask_referral_of: int | None = None
    ask_buyer_after_days: int | None = None
    ask_buyer: int | None = None
    review: bool = True
    open_tasks: str = "cancel"


# ---- deals -----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealOpened(Event):
    name: ClassVar = "deal.created"
    deal_id: int
    title: str
    second_chance_of: int | None = None
    repeat_of: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealImported(Event):
    """A deal came in with a file: on the record, and starts nothing."""

    name: ClassVar = "deal.imported"
    deal_id: int
    title: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealEdited(Event):
    name: ClassVar = "deal.edited"
    deal_id: int
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealMoved(Event):
    name: ClassVar = "deal.moved"
    deal_id: int
    from_stage: str
    to_stage: str
    days_in_stage: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealWon(Event):
    name: ClassVar = "deal.won"
    deal_id: int
    outcome_id: int
    title: str
    amount: str
    currency: str
    first_time: bool
    open_tasks: str = "cancel"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealLost(Event):
    name: ClassVar = "deal.lost"
    deal_id: int
    outcome_id: int
    title: str
    reason: str
    automatic: bool
    aftercare: Aftercare


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealDisqualified(Event):
    name: ClassVar = "deal.disqualified"
    deal_id: int
    outcome_id: int
    title: str
    disqualified_as: str
    open_tasks: str = "cancel"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClosingUndone(Event):
    name: ClassVar = "deal.closing_undone"
    deal_id: int
    outcome_id: int
    kind: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class OutcomeEdited(Event):
    """A closing was corrected: what it said before and says now, by field."""

    name: ClassVar = "deal.closing_edited"
    deal_id: int
    outcome_id: int
    changes: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PastClosingRecorded(Event):
    """A closing of the past came in by import: on the record, and starts nothing."""

    name: ClassVar = "deal.past_closing_recorded"
    deal_id: int
    outcome_id: int
    kind: str
    reason: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class SecondChanceOpened(Event):
    name: ClassVar = "deal.second_chance"
    deal_id: int
    lost_deal_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConfidenceGiven(Event):
    name: ClassVar = "deal.confidence_stated"
    deal_id: int
    percent: int
    was: int | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealParked(Event):
    name: ClassVar = "deal.parked"
    deal_id: int
    until: str
    because: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealUnparked(Event):
    name: ClassVar = "deal.unparked"
    deal_id: int


# ---- follow-ups ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchLogged(Event):
    """A touch with its words, so that the timeline and whoever follows the feed need not ask for it."""

    name: ClassVar = "touch.logged"
    subject: ClassVar = "touch"
    touch_id: int
    channel: str
    direction: str
    result: str
    heard: bool
    contact_id: int | None = None
    minutes: int | None = None
    note: str = ""
    resource: str = ""
    signal: str = ""
    commitment: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlanAgreed(Event):
    name: ClassVar = "plan.agreed"
    deal_id: int
    interval_days: int
    channel: str
    contact_id: int | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class FollowUpPlanned(Event):
    name: ClassVar = "follow_up.planned"
    subject: ClassVar = "follow_up"
    follow_up_id: int
    purpose: str
    channel: str
    due_at: str
    what: str = ""
    contact_id: int | None = None
    is_agreed: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class FollowUpDone(Event):
    name: ClassVar = "follow_up.done"
    subject: ClassVar = "follow_up"
    follow_up_id: int
    skipped: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealAtRisk(Event):
    name: ClassVar = "deal.at_risk"
    deal_id: int
    title: str
    owner_id: int
    closes_on: str
    unanswered: int
    silent_days: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class DealKeptOpen(Event):
    name: ClassVar = "deal.kept_open"
    deal_id: int
    what: str
    due_at: str
    channel: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class StopRuleSet(Event):
    """A stage's rule, or with `deal_id` that of one deal; `is_dropped`: the deal goes by its stage again."""

    name: ClassVar = "stop_rule.set"
    subject: ClassVar = "stop_rule"
    stop_rule_id: int
    max_unanswered: int
    max_silent_days: int
    grace_days: int
    is_dropped: bool = False


# ---- reviews ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReviewPlanned(Event):
    name: ClassVar = "review.planned"
    subject: ClassVar = "review"
    review_id: int
    due_on: str
    why: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReviewHeld(Event):
    name: ClassVar = "review.held"
    subject: ClassVar = "review"
    review_id: int
    minutes: int | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class BuyerInvitationPlanned(Event):
    name: ClassVar = "feedback.invitation_planned"
    subject: ClassVar = "invitation"
    invitation_id: int
    contact_id: int
    due_at: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class BuyerInvited(Event):
    name: ClassVar = "feedback.invited"
    subject: ClassVar = "invitation"
    invitation_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedbackReceived(Event):
    name: ClassVar = "feedback.received"
    subject: ClassVar = "feedback"
    deal_id: int
    feedback_id: int
    outcome_id: int
    owner_id: int
    contact_id: int | None  # empty unless the buyer lets us show their name
    names_somebody: bool


# ---- referrals -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReferralAskPlanned(Event):
    name: ClassVar = "referral.ask_planned"
    subject: ClassVar = "ask"
    ask_id: int
    contact_id: int | None
    due_on: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReferralAskAnswered(Event):
    """The ask moved on: asked, given, declined or waived."""

    name: ClassVar = "referral.asked"
    subject: ClassVar = "ask"
    ask_id: int
    state: str


# ---- exports ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExportFinished(Event):
    name: ClassVar = "export.finished"
    subject: ClassVar = "export"
    export_id: int
    kind: str
    rows: int
