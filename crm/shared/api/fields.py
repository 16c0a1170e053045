"""Fields of the API: what is sent back is UTC, money is an object, and nothing is taken for what it is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from crm.shared.money import is_currency

if TYPE_CHECKING:
    from django.db.models import Model

LARGEST_ID = 2**63 - 1
LARGEST_WHOLE = 2**31 - 1  # of a database integer
EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
AMOUNT = {"type": "string", "format": "decimal", "pattern": r"^-?\d{1,14}(\.\d{1,2})?$"}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}


class Text(serializers.CharField):
    """Text and only text: a number is not quietly turned into it."""

    default_error_messages = {"not_text": _("This must be text.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number and only that: no text, no true or false."""

    default_error_messages = {"not_whole": _("This must be a whole number.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -LARGEST_WHOLE, "max_value": LARGEST_WHOLE} | kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_whole")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """true or false and only these."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """A time, RFC 3339, sent back in UTC; taken without an offset it is UTC. From 1900 to 2199."""

    default_error_messages = {"range": _("A time from 1900 to 2199.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default_timezone": dt.UTC} | kwargs)

    def to_internal_value(self, value: Any) -> dt.datetime:
        found = super().to_internal_value(value)
        if not EARLIEST <= found < LATEST:
            self.fail("range")
        return found


class Day(serializers.DateField):
    """A date, ISO 8601, from 1900 to 2199."""

    default_error_messages = {"range": _("A date from 1900 to 2199.")}

    def to_internal_value(self, value: Any) -> dt.date:
        found = super().to_internal_value(value)
        if not EARLIEST.date() <= found < LATEST.date():
            self.fail("range")
        return found


class Choice(serializers.ChoiceField):
    """One of a list, as text."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Email(Text):
    """An e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254} | kwargs)
        self.validators.append(EmailValidator())


class Reference(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the asking person sees; what is unseen and what is not there read the same.

    In a batch the rows were fetched at once: `context["rows"]`, by model and id (crm/shared/api/bulk.py).
    """

    default_error_messages = {"does_not_exist": _("There is no such thing here.")}

    def __init__(self, model: type[Model] | None = None, **kwargs: Any) -> None:
        if model is not None and not kwargs.get("read_only"):
            kwargs["queryset"] = model._default_manager.all()
        super().__init__(**{"pk_field": Whole(min_value=1, max_value=LARGEST_ID)} | kwargs)
        self.model = model

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        return queryset.visible_to(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        rows = self.context.get("rows")
        if rows is None:
            return super().to_internal_value(data)
        pk = self.pk_field.to_internal_value(data) if self.pk_field else data
        if pk not in rows.get(self.model, {}):
            self.fail("does_not_exist", pk_value=data)
        return rows[self.model][pk]


class SlugReference(serializers.SlugRelatedField[Any]):
    """The slug of a row that the asking person sees."""

    default_error_messages = {"does_not_exist": _("There is no such thing here.")}

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        return queryset.visible_to(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": AMOUNT, "currency": CURRENCY},
        "additionalProperties": False,
        "example": {"amount": "1200.00", "currency": "EUR"},
    }
)
class Money(serializers.Field[Any, Any, Any, Any]):
    """`{"amount": "1200.00", "currency": "EUR"}` over two columns, named by `amount` and `currency`; null = not known.

    Taken in, it gives both columns to the action. The amount may come as text or as a whole number, never as a float.
    """

    default_error_messages = {
        "shape": _("Give an object with amount and currency."),
        "amount": _("Give the amount as text with at most 14 digits, and 2 after the point."),
        "currency": _("Give the currency by its three letters, such as EUR."),
    }

    def __init__(
        self, *, amount: str = "amount", currency: str = "currency", **kwargs: Any
    ) -> None:
        self.columns = (amount, currency)
        self.decimal = serializers.DecimalField(max_digits=16, decimal_places=2)
        super().__init__(**kwargs | {"source": "*"})

    def run_validation(self, data: Any = empty) -> Any:
        """null empties the amount and leaves the currency; DRF would leave out the whole field."""
        if data is None and self.allow_null and not self.read_only:
            return {self.columns[0]: None}
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping) or data.keys() != {"amount", "currency"}:
            self.fail("shape")
        amount, currency = data["amount"], data["currency"]
        if isinstance(amount, bool) or not isinstance(amount, str | int):
            self.fail("amount")
        if not isinstance(currency, str) or not is_currency(currency):
            self.fail("currency")
        return {self.columns[0]: self.decimal.run_validation(amount), self.columns[1]: currency}

    def to_representation(self, value: Any) -> dict[str, str] | None:
        amount, currency = (getattr(value, name) for name in self.columns)
        return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}


@extend_schema_field(
    {
        "type": ["object", "null"],
        "required": ["amount", "currency"],
        "properties": {"amount": AMOUNT, "currency": CURRENCY},
        "example": {"amount": "144.00", "currency": "EUR"},
    }
)
class OrganisationMoney(serializers.Field[Any, Any, Any, Any]):
    """An amount in the organisation's currency, only shown; null = not known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"read_only": True})

    def to_representation(self, value: Any) -> dict[str, str]:
        return {"amount": f"{value:.2f}", "currency": settings.ORGANISATION_CURRENCY}
