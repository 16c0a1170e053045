"""What requests about deals may say. Names are those of the actions' arguments."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from crm.shared.api.fields import (
    Choice,
    Day,
    Email,
    Money,
    Reference,
    Text,
    Truth,
    Whole,
)
from crm.shared.api.serializers import Body
from crm.shared.models import User
from deals.models import (
    Account,
    Channel,
    Competitor,
    Contact,
    Deal,
    LossReason,
    NoContact,
    Product,
    Stage,
    TargetList,
)
from deals.states import Answer, Control, Phase, Role

COUNTRY = RegexValidator(r"^[A-Z]{2}$", gettext_lazy("Two capital letters, such as IT."))
LANGUAGE = RegexValidator(
    r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", gettext_lazy("A language such as it or zh-hans.")
)
MOST_DAYS = 3650


def text(most: int, **kwargs: Any) -> Text:
    return Text(**{"max_length": most, "required": False, "allow_blank": True} | kwargs)


def known_elsewhere(most: int = 200) -> Text:
    """The id in the system it came from: never blank, so that two without one do not clash."""
    return Text(max_length=most, required=False, allow_null=True)


def days(**kwargs: Any) -> Whole:
    return Whole(min_value=0, max_value=MOST_DAYS, allow_null=True, required=False, **kwargs)


def check_time_zone(value: str) -> None:
    if value and value not in available_timezones():
        raise serializers.ValidationError(_("Not a time zone, such as Europe/Rome."))


class AccountBody(Body):
    name = Text(max_length=300)
    owner = Reference(User, required=False)
    industry = text(200)
    country = text(2, validators=[COUNTRY])
    website = text(300)
    employees = Whole(min_value=0, required=False, allow_null=True)
    external_id = known_elsewhere()


class ContactBody(Body):
    name = Text(max_length=200)
    account = Reference(Account, required=False, allow_null=True)
    owner = Reference(User, required=False)
    title = text(200)
    email = Email(required=False, allow_blank=True)
    phone = text(60)
    language = text(10, validators=[LANGUAGE])
    time_zone = text(64, validators=[check_time_zone])
    country = text(2, validators=[COUNTRY])
    preferred_channel = Choice(choices=Channel.choices, required=False)
    do_not_contact = Truth(required=False)
    do_not_contact_why = text(300)
    do_not_contact_scope = Choice(choices=NoContact.choices, required=False)
    do_not_contact_since = Day(required=False, allow_null=True)
    consent = text(100)
    consent_on = Day(required=False, allow_null=True)
    consent_source = text(200)
    external_id = known_elsewhere()


class DealFacts(Body):
    """Facts of a deal that may change at any time."""

    title = Text(max_length=300)
    account = Reference(Account, required=False, allow_null=True)
    contact = Reference(Contact, required=False, allow_null=True)
    owner = Reference(User, required=False)
    amount = Money(required=False, allow_null=True)
    expected_close_on = Day(required=False, allow_null=True)
    product = Reference(Product, required=False, allow_null=True)
    source = text(200)  # type: ignore[assignment]  # the base has an attribute of that name
    target_list = Reference(TargetList, required=False, allow_null=True)
    need = Choice(choices=Answer.choices, required=False)
    authority = Choice(choices=Answer.choices, required=False)
    budget = Choice(choices=Answer.choices, required=False)
    timing = Choice(choices=Answer.choices, required=False)
    fit = Choice(choices=Answer.choices, required=False)


class DealBody(DealFacts):
    """A deal to open; without a stage it starts in the first."""

    stage = Reference(Stage, required=False)
    external_id = known_elsewhere()


class DealItemBody(DealBody):
    """One of many: what has the external id of a known deal changes it, and its stage stays."""

    version = Whole(
        min_value=1, required=False, help_text="The version that a known deal was read in."
    )


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


# ---- what administrators set up --------------------------------------------------------------------


class NameBody(Body):
    name = Text(max_length=200)


class MergeReasonBody(Body):
    into = Reference(LossReason)


class MergeProductBody(Body):
    into = Reference(Product)


class MergeCompetitorBody(Body):
    into = Reference(Competitor)


class StageBody(Body):
    phase = Choice(choices=Phase.choices)
    name = Text(max_length=100)
    position = Whole(min_value=1, max_value=32767)
    probability = Whole(min_value=0, max_value=100)
    stuck_after_days = Whole(min_value=1, max_value=MOST_DAYS, required=False)
    interval_days = Whole(min_value=1, max_value=MOST_DAYS, required=False)


class LossReasonBody(Body):
    name = Text(max_length=100)
    category = text(60)
    control = Choice(choices=Control.choices)
    position = Whole(min_value=1, max_value=32767, required=False)
    needs_note = Truth(required=False)
    revisit_after_days = days()
    nurture_track = text(100)
    ask_referral_after_days = days()
    ask_buyer_after_days = days()
