"""What requests about segments and target lists may say, and what they are answered."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from crm.shared.api.fields import LARGEST_ID, Reference, Text, Whole
from crm.shared.api.serializers import Body, Shown
from crm.shared.models import User
from deals.api.bodies import COUNTRY, text
from deals.models import Account, Segment, TargetList
from deals.suspects import COMPLETE

MOST = 1000  # accounts in one call


class SegmentBody(Body):
    """Criteria: what is left out, or empty, asks for nothing. Without any, only accounts put in by hand belong to it."""

    name = Text(max_length=200)
    countries = serializers.ListField(
        child=Text(max_length=2, validators=[COUNTRY]), max_length=250, required=False
    )
    industries = serializers.ListField(child=Text(max_length=200), max_length=200, required=False)
    employees_from = Whole(min_value=0, required=False, allow_null=True)
    employees_to = Whole(min_value=0, required=False, allow_null=True)


class SegmentShown(Shown):
    countries = serializers.ListField(child=serializers.CharField())
    industries = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Segment
        fields = (
            "id",
            "name",
            "countries",
            "industries",
            "employees_from",
            "employees_to",
            "archived_at",
        )


class TargetListFacts(Body):
    name = Text(max_length=200)
    owner = Reference(User, required=False)
    criteria = text(500, help_text="Who belongs on it, in words.")
    source = text(200, help_text="Where its accounts are from.")  # type: ignore[assignment]


class Accounts(serializers.ListField):
    """Accounts by their ids, asked for in one statement; one that is unseen is as if it did not exist."""

    child = Whole(min_value=1, max_value=LARGEST_ID)
    default_error_messages = {"does_not_exist": _("There is no such thing here: %(ids)s.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST, help_text="Ids, up to 1,000.", **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        ids = set(super().to_internal_value(data))
        found = Account.objects.visible_to(self.context["request"].user).filter(pk__in=ids)
        if missing := ids - set(found.values_list("pk", flat=True)):
            text = self.error_messages["does_not_exist"]
            raise ValidationError(text % {"ids": ", ".join(map(str, sorted(missing)))})
        return found


class AccountsBody(Body):
    accounts = Accounts(min_length=1)


class TargetListBody(TargetListFacts):
    accounts = Accounts(required=False)


class TargetListShown(Shown):
    class Meta:
        model = TargetList
        fields = (
            "id",
            "name",
            "owner",
            "criteria",
            "source",
            "archived_at",
            "version",
            "created_at",
            "updated_at",
        )


class ChangedShown(serializers.Serializer[Any]):
    """How many accounts that changed; the others were so already."""

    changed = serializers.IntegerField()


class StepShown(serializers.Serializer[Any]):
    """Open deals in a stage."""

    stage = serializers.IntegerField(source="stage.pk")
    stage_name = serializers.CharField(source="stage.name")
    phase = serializers.CharField(source="stage.phase")
    deals = serializers.IntegerField(source="count")


class FunnelShown(serializers.Serializer[Any]):
    """Suspects, how well they are known, and the deals that came from the list: over what one sees.

    `known` says of how many suspects each thing is known, `completeness` which share of all of it (0 to 1).
    """

    suspects = serializers.IntegerField()
    complete = serializers.IntegerField()
    completeness = serializers.FloatField(allow_null=True)
    known = serializers.DictField(child=serializers.IntegerField())
    with_deal = serializers.IntegerField()
    open = StepShown(source="steps", many=True)
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    disqualified = serializers.IntegerField()


class SuspectShown(Shown):
    """An account on the list; `missing` names what is not known of it yet."""

    missing = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = ("id", "name", "owner", "missing")

    def get_missing(self, account: Any) -> list[str]:
        return [name for name in COMPLETE if not getattr(account, f"has_{name}")]
