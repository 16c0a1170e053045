"""What the API shows of follow-ups, and what requests may say. Names are those of the actions' arguments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.shared.api.fields import Choice, Day, Moment, Reference, Text, Whole
from crm.shared.api.serializers import Body, Shown
from deals.models import Contact, Deal, Stage
from followups.actions.plans import LONGEST_INTERVAL_DAYS
from followups.models import FollowUp, KeptOpen, Plan, StopRule, Touch
from followups.persistence import MeterState
from followups.states import Channel, Direction, Result, Signal

MOST_MINUTES = 1440
MOST_TRIES, MOST_DAYS = 100, 3650


def text(most: int, **kwargs: Any) -> Text:
    return Text(**{"max_length": most, "required": False, "allow_blank": True} | kwargs)


class TouchShown(Shown):
    extra = serializers.DictField(help_text="Columns of an import that have no field of their own.")

    class Meta:
        model = Touch
        fields = (
            "id",
            "deal",
            "contact",
            "by",
            "at",
            "channel",
            "direction",
            "result",
            "minutes",
            "note",
            "resource",
            "signal",
            "commitment",
            "extra",
            "external_id",
            "created_at",
        )


class TouchFacts(Body):
    """How it went. Without a direction it follows from channel and result; without a time it is now."""

    result = Choice(choices=Result.choices)
    direction = Choice(choices=Direction.choices, required=False)
    contact = Reference(Contact, required=False, allow_null=True)
    at = Moment(required=False)
    minutes = Whole(min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True)
    note = text(10_000)
    resource = text(300)
    signal = Choice(choices=Signal.choices, required=False)
    commitment = text(300)


class TouchBody(TouchFacts):
    """A touch. It answers the `follow_up` that it names, else the deal's next step if it can."""

    deal = Reference(Deal)
    channel = Choice(choices=Channel.choices)
    follow_up = Reference(FollowUp, required=False, allow_null=True)
    external_id = Text(max_length=200, required=False, allow_null=True)


class DoneBody(TouchFacts):
    """The touch that does a follow-up; on a closed deal nothing, since it is only ticked off."""

    result = Choice(choices=Result.choices, required=False)
    channel = Choice(choices=Channel.choices, required=False)


class PlanShown(Shown):
    class Meta:
        model = Plan
        fields = (
            "id",
            "deal",
            "interval_days",
            "channel",
            "contact",
            "agreed_on",
            "version",
            "created_at",
            "updated_at",
        )


class AgreementFacts(Body):
    """What the buyer agreed to; what is left out stays as it was. `next_at` is a date of its own, `what` its content."""

    interval_days = Whole(min_value=1, max_value=LONGEST_INTERVAL_DAYS, required=False)
    channel = Choice(choices=Channel.choices, required=False)
    contact = Reference(Contact, required=False, allow_null=True)
    next_at = Moment(required=False, allow_null=True)
    what = text(300)


class AgreementBody(AgreementFacts):
    deal = Reference(Deal)


class FollowUpShown(Shown):
    class Meta:
        model = FollowUp
        fields = (
            "id",
            "deal",
            "contact",
            "due_at",
            "channel",
            "purpose",
            "state",
            "what",
            "is_agreed",
            "outcome",
            "done_by",
            "done_at",
            "version",
            "created_at",
            "updated_at",
        )


class StopRuleShown(Shown):
    """The rule of a stage, or of one deal: tries without an answer or days of silence, then days of grace."""

    class Meta:
        model = StopRule
        fields = (
            "id",
            "stage",
            "deal",
            "max_unanswered",
            "max_silent_days",
            "grace_days",
            "version",
            "created_at",
            "updated_at",
        )


class StopRuleFacts(Body):
    max_unanswered = Whole(min_value=1, max_value=MOST_TRIES)
    max_silent_days = Whole(min_value=1, max_value=MOST_DAYS)
    grace_days = Whole(min_value=0, max_value=MOST_DAYS, required=False)


class StopRuleBody(StopRuleFacts):
    """For a stage or for a deal, not for both. Numbers that are there already are changed."""

    stage = Reference(Stage, required=False)
    deal = Reference(Deal, required=False)


class KeepOpenBody(Body):
    what = Text(max_length=300)
    due_at = Moment()
    channel = Choice(choices=Channel.choices)


class KeptOpenShown(Shown):
    class Meta:
        model = KeptOpen
        fields = ("id", "deal", "by", "at", "until", "what", "due_at", "channel")


class PersistenceShown(serializers.Serializer[Any]):
    """Where a deal stands against its stop rule; without a rule the limits are null."""

    unanswered = serializers.IntegerField()
    max_unanswered = serializers.IntegerField(allow_null=True)
    silent_days = serializers.IntegerField()
    max_silent_days = serializers.IntegerField(allow_null=True)
    grace_days = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=[state.value for state in MeterState], allow_null=True)
    is_never_contacted = serializers.BooleanField()
    last_heard_at = Moment(allow_null=True)
    last_touch_at = Moment(allow_null=True)
    agreed_until = Moment(allow_null=True)
    closes_on = Day(allow_null=True)
    times_kept_open = serializers.IntegerField()
