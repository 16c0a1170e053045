"""What the API shows of deals and what it takes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.shared.api.fields import Moment, Money, OrganisationMoney
from crm.shared.api.serializers import EventShown, Shown
from deals.models import (
    Account,
    Competitor,
    Contact,
    Deal,
    LossReason,
    Outcome,
    Product,
    Stage,
    Stakeholder,
)
from deals.states import Competition


class AccountShown(Shown):
    extra = serializers.DictField(help_text="Columns of an import that have no field of their own.")

    class Meta:
        model = Account
        fields = (
            "id",
            "name",
            "owner",
            "industry",
            "country",
            "website",
            "employees",
            "external_id",
            "extra",
            "archived_at",
            "merged_into",
            "version",
            "created_at",
            "updated_at",
        )


class ContactShown(Shown):
    extra = serializers.DictField(help_text="Columns of an import that have no field of their own.")

    class Meta:
        model = Contact
        fields = (
            "id",
            "account",
            "owner",
            "name",
            "title",
            "email",
            "phone",
            "language",
            "time_zone",
            "country",
            "preferred_channel",
            "do_not_contact",
            "do_not_contact_why",
            "do_not_contact_scope",
            "do_not_contact_since",
            "consent",
            "consent_on",
            "consent_source",
            "external_id",
            "extra",
            "archived_at",
            "merged_into",
            "erased_at",
            "version",
            "created_at",
            "updated_at",
        )


class StageShown(Shown):
    class Meta:
        model = Stage
        fields = (
            "id",
            "phase",
            "name",
            "position",
            "probability",
            "stuck_after_days",
            "interval_days",
            "archived_at",
        )


class ProductShown(Shown):
    class Meta:
        model = Product
        fields = ("id", "name", "archived_at")


class CompetitorShown(Shown):
    class Meta:
        model = Competitor
        fields = ("id", "name", "archived_at")


class LossReasonShown(Shown):
    """A reason and its playbook: days count from the closing, null = not done."""

    class Meta:
        model = LossReason
        fields = (
            "id",
            "slug",
            "name",
            "category",
            "control",
            "position",
            "needs_note",
            "is_system",
            "revisit_after_days",
            "nurture_track",
            "ask_referral_after_days",
            "ask_buyer_after_days",
            "archived_at",
        )


class OutcomeShown(Shown):
    """What became of a deal. `base_amount` and `commission` are in the organisation's currency."""

    reason = serializers.CharField(source="reason.slug", allow_null=True, default=None)
    reason_name = serializers.CharField(source="reason.name", allow_null=True, default=None)
    competition = serializers.SerializerMethodField()
    other_reasons = serializers.SerializerMethodField()
    won_because = serializers.ListField(child=serializers.CharField())
    reflection = serializers.DictField(child=serializers.CharField())
    amount = Money(allow_null=True)
    base_amount = OrganisationMoney()
    commission = OrganisationMoney()
    recorded_at = Moment(source="created_at")

    class Meta:
        model = Outcome
        fields = (
            "id",
            "deal",
            "kind",
            "at",
            "by",
            "automatic",
            "historical",
            "stage",
            "owner",
            "reason",
            "reason_name",
            "other_reasons",
            "control",
            "competitor",
            "competition",
            "disqualified_as",
            "won_because",
            "buyer_words",
            "note",
            "reflection",
            "amount",
            "base_amount",
            "commission",
            "touches",
            "recorded_at",
        )

    @extend_schema_field({"type": "string", "enum": list(Competition.values)})
    def get_competition(self, outcome: Outcome) -> str:
        return outcome.competition.value

    def get_other_reasons(self, outcome: Outcome) -> list[str]:
        return [other.reason.slug for other in outcome.other_reasons.all()]


class DealShown(Shown):
    """A deal with the names of what it refers to; `outcome` is the closing that stands, null while it is open."""

    account_name = serializers.CharField(source="account.name", allow_null=True, default=None)
    contact_name = serializers.CharField(source="contact.name", allow_null=True, default=None)
    owner_name = serializers.CharField(source="owner.name")
    stage_name = serializers.CharField(source="stage.name")
    phase = serializers.CharField(source="stage.phase")
    product_name = serializers.CharField(source="product.name", allow_null=True, default=None)
    amount = Money(allow_null=True)
    extra = serializers.DictField(help_text="Columns of an import that have no field of their own.")
    outcome = OutcomeShown(allow_null=True)

    class Meta:
        model = Deal
        fields = (
            "id",
            "title",
            "status",
            "account",
            "account_name",
            "contact",
            "contact_name",
            "owner",
            "owner_name",
            "collaborators",
            "stage",
            "stage_name",
            "phase",
            "amount",
            "currency",
            "expected_close_on",
            "product",
            "product_name",
            "source",
            "target_list",
            "need",
            "authority",
            "budget",
            "timing",
            "fit",
            "second_chance_of",
            "repeat_of",
            "confidence",
            "parked_until",
            "parked_because",
            "external_id",
            "extra",
            "opened_at",
            "entered_stage_at",
            "last_touch_at",
            "last_heard_at",
            "unanswered_touches",
            "touch_count",
            "agreed_until",
            "next_follow_up_at",
            "closes_on",
            "closed_at",
            "outcome",
            "archived_at",
            "version",
            "created_at",
            "updated_at",
        )


class StakeholderShown(Shown):
    """A person's part in a deal: stance −2 (against) to +2 (for us)."""

    contact_name = serializers.CharField(source="contact.name")

    class Meta:
        model = Stakeholder
        fields = (
            "id",
            "deal",
            "contact",
            "contact_name",
            "role",
            "stance",
            "in_the_room",
            "met",
            "created_at",
            "updated_at",
        )


class ClosedShown(serializers.Serializer[Any]):
    """A closing: its outcome, everything that it scheduled, and the deal as it is now."""

    outcome = OutcomeShown()
    scheduled = EventShown(many=True)
    deal = DealShown()
