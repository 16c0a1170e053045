"""What the API shows and takes of proposals, confidence, parking and orders."""

from __future__ import annotations

from rest_framework import serializers

from crm.shared.api.fields import Choice, Day, Money, Reference, Truth, Whole
from crm.shared.api.serializers import Body, Shown
from crm.shared.models import User
from deals.api.bodies import text
from deals.models import ConfidenceStated, Deal, Order, Proposal, ValueCheck
from deals.states import OrderState, ProposalState

LONGEST = 4000


class ObjectionShown(serializers.Serializer[dict[str, object]]):
    objection = serializers.CharField()
    reply = serializers.CharField()
    is_settled = serializers.BooleanField()


class ProposalShown(Shown):
    """An offer and its answer; `words` are the buyer's, `objections` theirs with our reply."""

    amount = Money(allow_null=True)
    objections = ObjectionShown(many=True)

    class Meta:
        model = Proposal
        fields = (
            "id",
            "deal",
            "by",
            "sent_on",
            "amount",
            "currency",
            "offer",
            "state",
            "answered_on",
            "words",
            "objections",
            "version",
            "created_at",
            "updated_at",
        )


class ConfidenceShown(Shown):
    class Meta:
        model = ConfidenceStated
        fields = ("id", "deal", "by", "percent", "at")


class ValueCheckShown(Shown):
    class Meta:
        model = ValueCheck
        fields = ("id", "after_days", "due_on", "state", "done_at", "by", "satisfaction", "words")


class OrderShown(Shown):
    """What became of a win: delivery, satisfaction 0–10, and the value checks after it."""

    checks = ValueCheckShown(many=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "deal",
            "outcome",
            "state",
            "promised_on",
            "delivered_on",
            "accepted_on",
            "satisfaction",
            "issue",
            "checks",
            "version",
            "created_at",
            "updated_at",
        )


# ---- what it takes -----------------------------------------------------------------------------------


class ProposalBody(Body):
    deal = Reference(Deal)
    sent_on = Day()
    amount = Money(required=False, allow_null=True)
    offer = text(LONGEST)


class AnswerBody(Body):
    state = Choice(
        choices=[
            choice for choice in ProposalState.choices if choice[0] != ProposalState.SENT.value
        ]
    )
    answered_on = Day(required=False)
    words = text(LONGEST)


class ObjectionBody(Body):
    objection = text(500, required=True)
    reply = text(500)
    is_settled = Truth(required=False)


class ObjectionsBody(Body):
    objections = ObjectionBody(many=True)


class ConfidenceBody(Body):
    percent = Whole(min_value=0, max_value=100)


class ParkBody(Body):
    until = Day()
    because = text(300, required=True, allow_blank=False)


class ShareBody(Body):
    people = Reference(User, many=True)


class OrderBody(Body):
    promised_on = Day(required=False, allow_null=True)
    delivered_on = Day(required=False, allow_null=True)
    accepted_on = Day(required=False, allow_null=True)
    satisfaction = Whole(min_value=0, max_value=10, required=False, allow_null=True)


class OrderMoveBody(Body):
    state = Choice(choices=OrderState.choices)
    on = Day(required=False)
    issue = text(LONGEST)


class CheckBody(Body):
    after_days = Whole(min_value=1, max_value=3650)
    skipped = Truth(required=False)
    satisfaction = Whole(min_value=0, max_value=10, required=False, allow_null=True)
    words = text(LONGEST)


class RepeatBody(Body):
    title = text(300)
