"""What the API shows of referral asks and what it takes."""

from crm.shared.api.fields import Text
from crm.shared.api.serializers import Body, Shown
from referrals.models import ReferralAsk


class ReferralAskShown(Shown):
    class Meta:
        model = ReferralAsk
        fields = (
            "id",
            "deal",
            "outcome",
            "contact",
            "origin",
            "due_on",
            "state",
            "asked_at",
            "answered_at",
            "why_waived",
            "letter",
            "version",
            "created_at",
            "updated_at",
        )


class AskedBody(Body):
    """`letter` is what was sent, if anything."""

    letter = Text(required=False, allow_blank=True, max_length=8000)


class WaiveBody(Body):
    why = Text(max_length=300)
