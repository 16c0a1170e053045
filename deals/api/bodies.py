"""What requests about deals may say. Names are those of the actions' arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.shared.api.fields import (
    Choice,
    Day,
    Email,
    Moment,
    Money,
    Reference,
    SlugReference,
    Text,
    Truth,
    Whole,
)
from crm.shared.api.serializers import Body
from crm.shared.errors import ActionRefused
from crm.shared.events import Aftercare
from crm.shared.models import User
from deals.actions import closing
from deals.models import (
    Account,
    Channel,
    Competitor,
    Contact,
    Deal,
    LossReason,
    Product,
    Stage,
)
from deals.states import Answer, Control, Disqualification, Phase, Role, WinFactor

COUNTRY = RegexValidator(r"^[A-Z]{2}$", gettext_lazy("Two capital letters, such as IT."))
LANGUAGE = RegexValidator(r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", gettext_lazy("A language such as it or zh-hans."))
MOST_DAYS = 3650


def _text(most: int, **kwargs: Any) -> Text:
    return Text(**{"max_length": most, "required": False, "allow_blank": True} | kwargs)


def _known(most: int = 200) -> Text:
    """The id in the system it came from: never blank, so that two without one do not clash."""
    return Text(max_length=most, required=False, allow_null=True)


def _days(**kwargs: Any) -> Whole:
    return Whole(min_value=0, max_value=MOST_DAYS, allow_null=True, required=False, **kwargs)


def check_time_zone(value: str) -> None:
    if value and value not in available_timezones():
        raise serializers.ValidationError(_("Not a time zone, such as Europe/Rome."))


class AccountBody(Body):
    name = Text(max_length=300)
    owner = Reference(User, required=False)
    industry = _text(200)
    country = _text(2, validators=[COUNTRY])
    website = _text(300)
    employees = Whole(min_value=0, required=False, allow_null=True)
    external_id = _known()


class ContactBody(Body):
    name = Text(max_length=200)
    account = Reference(Account, required=False, allow_null=True)
    owner = Reference(User, required=False)
    title = _text(200)
    email = Email(required=False, allow_blank=True)
    phone = _text(60)
    language = _text(10, validators=[LANGUAGE])
    time_zone = _text(64, validators=[check_time_zone])
    country = _text(2, validators=[COUNTRY])
    preferred_channel = Choice(choices=Channel.choices, required=False)
    do_not_contact = Truth(required=False)
    do_not_contact_why = _text(300)
    consent = _text(100)
    consent_on = Day(required=False, allow_null=True)
    consent_source = _text(200)
    external_id = _known()


class DealFacts(Body):
    """Facts of a deal that may change at any time."""

    title = Text(max_length=300)
    account = Reference(Account, required=False, allow_null=True)
    contact = Reference(Contact, required=False, allow_null=True)
    owner = Reference(User, required=False)
    amount = Money(required=False, allow_null=True)
    expected_close_on = Day(required=False, allow_null=True)
    product = Reference(Product, required=False, allow_null=True)
    source = _text(200)
    need = Choice(choices=Answer.choices, required=False)
    authority = Choice(choices=Answer.choices, required=False)
    budget = Choice(choices=Answer.choices, required=False)
    timing = Choice(choices=Answer.choices, required=False)
    fit = Choice(choices=Answer.choices, required=False)


class DealBody(DealFacts):
    """A deal to open; without a stage it starts in the first."""

    stage = Reference(Stage, required=False)
    external_id = _known()


class DealItemBody(DealBody):
    """One of many: what has the external id of a known deal changes it, and its stage stays."""

    version = Whole(min_value=1, required=False, help_text="The version that a known deal was read in.")


class AccountItemBody(AccountBody):
    version = Whole(min_value=1, required=False)


class ContactItemBody(ContactBody):
    version = Whole(min_value=1, required=False)


class MoveBody(Body):
    stage = Reference(Stage)


class StakeholderBody(Body):
    deal = Reference(Deal)
    contact = Reference(Contact)
    role = Choice(choices=Role.choices)
    stance = Whole(min_value=-2, max_value=2, required=False)
    in_the_room = Truth(required=False)
    met = Truth(required=False)


class StakeholderFacts(Body):
    role = Choice(choices=Role.choices, required=False)
    stance = Whole(min_value=-2, max_value=2, required=False)
    in_the_room = Truth(required=False)
    met = Truth(required=False)


# ---- closing ---------------------------------------------------------------------------------------


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
    buyer_words = _text(10_000)
    note = _text(10_000)
    reflection = ReflectionBody(required=False)
    at = Moment(required=False)
    ask_referral = Ask(required=False)
    ask_buyer = Ask(required=False)
    revisit_after_days = _days()
    nurture_track = Text(max_length=100, required=False, allow_null=True, allow_blank=True)


class WinBody(Body):
    reasons = serializers.ListField(
        child=Choice(choices=WinFactor.choices), required=False, max_length=20, source="won_because"
    )
    buyer_words = _text(10_000)
    note = _text(10_000)
    at = Moment(required=False)


class DisqualifyBody(Body):
    disqualified_as = Choice(choices=Disqualification.choices)
    note = _text(10_000)
    at = Moment(required=False)


class SecondChanceBody(Body):
    title = _text(300)


AFTERCARE = ("ask_referral", "ask_buyer", "revisit_after_days", "nurture_track")


def aftercare(body: Mapping[str, Any], *, deal: Deal) -> Aftercare:
    """The reason's playbook with what the body says otherwise.

    Raises ActionRefused when an ask has no day: neither the body nor the playbook names one.
    """
    found = closing.playbook(body["reason"], deal=deal)
    changes: dict[str, Any] = {}
    if "revisit_after_days" in body:
        changes["revisit_after_days"] = body["revisit_after_days"]
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


# ---- what administrators set up --------------------------------------------------------------------


class NameBody(Body):
    name = Text(max_length=200)


class StageBody(Body):
    phase = Choice(choices=Phase.choices)
    name = Text(max_length=100)
    position = Whole(min_value=1, max_value=32767)
    probability = Whole(min_value=0, max_value=100)
    stuck_after_days = Whole(min_value=1, max_value=MOST_DAYS, required=False)
    interval_days = Whole(min_value=1, max_value=MOST_DAYS, required=False)


class LossReasonBody(Body):
    name = Text(max_length=100)
    category = _text(60)
    control = Choice(choices=Control.choices)
    position = Whole(min_value=1, max_value=32767, required=False)
    needs_note = Truth(required=False)
    revisit_after_days = _days()
    nurture_track = _text(100)
    ask_referral_after_days = _days()
    ask_buyer_after_days = _days()
