"""What the API shows of reviews and of the buyer's word, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.shared.api.fields import Choice, Reference, Text, Whole
from crm.shared.api.serializers import Body, Shown
from crm.shared.models import User
from deals.models import Deal
from reviews.actions.reviewing import Draft, Promise
from reviews.forms import LONGEST
from reviews.models import BuyerFeedback, FeedbackInvitation, NextTime, Review
from reviews.states import Factor


class NextTimeShown(Shown):
    class Meta:
        model = NextTime
        fields = ("id", "text", "owner", "state")


class ReviewShown(Shown):
    """`people` are stakeholders of the deal, with role, stance, and whether they were met."""

    factors = serializers.ListField(child=serializers.ChoiceField(choices=Factor.choices))
    next_times = NextTimeShown(many=True)

    class Meta:
        model = Review
        fields = (
            "id",
            "deal",
            "outcome",
            "state",
            "due_on",
            "why",
            "started_at",
            "held_at",
            "held_by",
            "minutes",
            "value",
            "voices",
            "people",
            "factors",
            "factors_words",
            "next_times",
            "version",
            "created_at",
            "updated_at",
        )


class StartBody(Body):
    """A closed deal whose outcome has no review."""

    deal = Reference(Deal)


class PromiseBody(Body):
    text = Text(max_length=500)
    owner = Reference(User, required=False, allow_null=True)


class DraftBody(Body):
    """What is to be written down; what is left out stays as it is."""

    value = Text(required=False, allow_blank=True, max_length=LONGEST)
    voices = Text(required=False, allow_blank=True, max_length=LONGEST)
    people = serializers.ListField(child=Whole(min_value=1), required=False, max_length=200)
    factors = serializers.ListField(child=Choice(choices=Factor.choices), required=False)
    factors_words = Text(required=False, allow_blank=True, max_length=LONGEST)
    next_times = PromiseBody(many=True, required=False)


def draft_of(data: dict[str, Any]) -> Draft:
    """A validated `DraftBody` as the action takes it."""
    promises = data.get("next_times")
    written = data | ({} if promises is None else {"next_times": [Promise(**p) for p in promises]})
    return Draft(**written)


class FeedbackShown(Shown):
    """The buyer's answer. Without their consent it comes without a name, here and in the invitation."""

    reason = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    factors = serializers.ListField(child=serializers.ChoiceField(choices=Factor.choices))

    class Meta:
        model = BuyerFeedback
        fields = (
            "id",
            "at",
            "contact",
            "reason",
            "factors",
            "value_statement",
            "words",
            "show_name",
            "may_contact",
            "contact_again_on",
            "can_help",
            "read_at",
        )


class FeedbackInvitationShown(Shown):
    contact = serializers.SerializerMethodField(help_text="null once answered without a name.")
    feedback = serializers.SerializerMethodField()

    class Meta:
        model = FeedbackInvitation
        fields = (
            "id",
            "deal",
            "outcome",
            "contact",
            "state",
            "due_at",
            "invited_at",
            "reminded_at",
            "expires_at",
            "withdrawn_because",
            "feedback",
            "created_at",
            "updated_at",
        )

    def get_contact(self, invitation: FeedbackInvitation) -> int | None:
        feedback = answer_to(invitation)
        return feedback.contact_id if feedback else invitation.contact_id

    @extend_schema_field(FeedbackShown(allow_null=True))
    def get_feedback(self, invitation: FeedbackInvitation) -> Any:
        feedback = answer_to(invitation)
        return FeedbackShown(feedback, context=self.context).data if feedback else None


def answer_to(invitation: FeedbackInvitation) -> BuyerFeedback | None:
    """The answer that came with the invitation, if there is one."""
    return getattr(invitation, "feedback", None)
