"""What requests that close a deal may say, and what then follows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.shared.api.fields import Choice, Moment, Reference, SlugReference, Text, Truth, Whole
from crm.shared.api.serializers import Body
from crm.shared.errors import ActionRefused
from deals.actions import closing
from deals.api.bodies import MOST_DAYS, days, text
from deals.models import Competitor, Contact, Deal, LossReason
from deals.states import Answer, Control, Disqualification, OpenTasks, WinFactor

if TYPE_CHECKING:
    from crm.shared.events import Aftercare


class AskBody(Body):
    contact = Reference(Contact, required=False, help_text="The deal's own contact, unless told.")
    after_days = Whole(
        min_value=0, max_value=MOST_DAYS, required=False, help_text="The playbook's, unless told."
    )


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "contact": {"type": "integer", "minimum": 1},
                    "after_days": {"type": "integer", "minimum": 0, "maximum": MOST_DAYS},
                },
                "additionalProperties": False,
            },
            {"type": "boolean", "const": False},
        ],
        "example": {"after_days": 30},
    }
)
class Ask(serializers.Field[Any, Any, Any, Any]):
    """Whom to ask and after how many days, or false for not at all."""

    default_error_messages = {"shape": gettext_lazy("Give an object, or false for not at all.")}

    def to_internal_value(self, data: Any) -> Any:
        if data is False:
            return False
        if not isinstance(data, Mapping):
            self.fail("shape")
        return AskBody(context=self.context).run_validation(data)

    def to_representation(self, value: Any) -> Any:
        return value


class ReflectionBody(Body):
    """The six questions (A4)."""

    decision_makers = Choice(choices=Answer.choices, required=False)
    problems = Choice(choices=Answer.choices, required=False)
    proposal = Choice(choices=Answer.choices, required=False)
    competitors = Choice(choices=Answer.choices, required=False)
    value = Choice(choices=Answer.choices, required=False)
    understood = Choice(choices=Answer.choices, required=False)


def open_tasks() -> Choice:
    return Choice(
        choices=OpenTasks.choices,
        required=False,
        help_text="What becomes of the open follow-ups: withdrawn, unless told.",
    )


class LossBody(Body):
    """Only the reason is asked for; what is left out follows its playbook, null and false say "not this time"."""

    reason = SlugReference(slug_field="slug", queryset=LossReason.objects.choosable())
    other_reasons = serializers.ListField(
        child=SlugReference(slug_field="slug", queryset=LossReason.objects.choosable()),
        required=False,
        max_length=20,
    )
    control = Choice(choices=Control.choices, required=False)
    competitor = Reference(Competitor, required=False, allow_null=True)
    no_competitor = Truth(required=False, help_text="Nobody else was considered.")
    buyer_words = text(10_000)
    note = text(10_000)
    reflection = ReflectionBody(required=False)
    at = Moment(required=False)
    ask_referral = Ask(required=False)
    ask_buyer = Ask(required=False)
    revisit_after_days = days()
    nurture_track = Text(max_length=100, required=False, allow_null=True, allow_blank=True)
    open_tasks = open_tasks()


class WinBody(Body):
    reasons = serializers.ListField(
        child=Choice(choices=WinFactor.choices), required=False, max_length=20, source="won_because"
    )
    competitor = Reference(Competitor, required=False, allow_null=True)
    no_competitor = Truth(required=False, help_text="Nobody else was considered.")
    buyer_words = text(10_000)
    note = text(10_000)
    at = Moment(required=False)
    open_tasks = open_tasks()


class DisqualifyBody(Body):
    disqualified_as = Choice(choices=Disqualification.choices)
    note = text(10_000)
    at = Moment(required=False)
    open_tasks = open_tasks()


class OutcomeBody(Body):
    """What a closing says, to be corrected: of a loss, a win or a disqualification what is its own."""

    reason = SlugReference(
        slug_field="slug", queryset=LossReason.objects.choosable(), required=False
    )
    other_reasons = serializers.ListField(
        child=SlugReference(slug_field="slug", queryset=LossReason.objects.choosable()),
        required=False,
        max_length=20,
    )
    control = Choice(choices=Control.choices, required=False)
    competitor = Reference(Competitor, required=False, allow_null=True)
    no_competitor = Truth(required=False)
    disqualified_as = Choice(choices=Disqualification.choices, required=False)
    won_because = serializers.ListField(
        child=Choice(choices=WinFactor.choices), required=False, max_length=20
    )
    buyer_words = text(10_000)
    note = text(10_000)
    reflection = ReflectionBody(required=False)
    at = Moment(required=False)


class SecondChanceBody(Body):
    title = text(300)


AFTERCARE = ("ask_referral", "ask_buyer", "revisit_after_days", "nurture_track", "open_tasks")


def aftercare(body: Mapping[str, Any], *, deal: Deal) -> Aftercare:
    """The reason's playbook with what the body says otherwise.

    Raises ActionRefused when an ask has no day: neither the body nor the playbook names one.
    """
    found = closing.playbook(body["reason"], deal=deal)
    changes: dict[str, Any] = {}
    if "revisit_after_days" in body:
        changes["revisit_after_days"] = body["revisit_after_days"]
    if "open_tasks" in body:
        changes["open_tasks"] = body["open_tasks"]
    if "nurture_track" in body:
        changes["nurture_track"] = body["nurture_track"] or ""
    for name, person in (("ask_referral", "ask_referral_of"), ("ask_buyer", "ask_buyer")):
        if name in body:
            changes |= _ask(body[name], name=name, person=person, playbook=found)
    return dataclasses.replace(found, **changes)


def _ask(asked: Any, *, name: str, person: str, playbook: Aftercare) -> dict[str, Any]:
    days = f"{name}_after_days"
    if asked is False:
        return {days: None, person: None}
    contact = asked.get("contact")
    after = asked.get("after_days", getattr(playbook, days))
    if after is None:
        raise ActionRefused(
            _("Say after how many days."), fields={f"{name}.after_days": _("This is needed.")}
        )
    return {days: after} | ({person: contact.pk} if contact else {})
