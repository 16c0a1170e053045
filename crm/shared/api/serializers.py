"""Bases of serializers: `Shown` for what is sent back, `Body` for what is taken in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from crm.shared.api import fields
from crm.shared.models import EventRecord


class Body(serializers.Serializer[Any]):
    """What a request says: each field declared, unknown names refused, so that a slip of the pen is not lost.

    Field names are the argument names of the action; `validated_data` goes to it as it is.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (
            unknown := [name for name in data if name not in self.fields]
        ):
            raise ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class Nothing(Body):
    """A body without fields: for verbs that need no more than their path."""


class Shown(serializers.ModelSerializer[Any]):
    """What is sent back of a row: `fields` are always listed. Times are UTC."""

    serializer_related_field = fields.Reference
    serializer_field_mapping: ClassVar[
        dict[type[models.Field[Any, Any]], type[serializers.Field[Any, Any, Any, Any]]]
    ] = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateTimeField: fields.Moment,
        models.DateField: fields.Day,
    }

    def get_fields(self) -> Any:
        """Everything is read-only: what may be written is said by a `Body`."""
        found = super().get_fields()
        for field in found.values():
            field.read_only = True
        return found


class EventShown(Shown):
    """Something that happened: `subject` is the kind and the id of what it is about, `data` what is particular."""

    event = serializers.CharField(source="name")
    position = serializers.IntegerField(
        allow_null=True, help_text="Place in the feed; null until it has one."
    )
    actor = serializers.IntegerField(
        source="actor_id", allow_null=True, help_text="null is Rebound itself."
    )
    deal = serializers.IntegerField(source="deal_id", allow_null=True)
    caused_by = serializers.IntegerField(source="cause_id", allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # the base has a property of that name

    class Meta:
        model = EventRecord
        fields = (
            "id",
            "position",
            "event",
            "at",
            "actor",
            "deal",
            "subject_kind",
            "subject_id",
            "data",
            "caused_by",
        )
