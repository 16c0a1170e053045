"""Money with its currency, and what it is worth in the organisation's at dated rates."""

import dataclasses
import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

from babel.numbers import get_currency_precision, list_currencies
from django.conf import settings

from crm.shared.models import ExchangeRate

CURRENCIES = frozenset(
    list_currencies()
)  # ISO 4217, those of the past too: old deals were paid in them


def is_currency(code: str) -> bool:
    """Whether these are the letters of a currency, now or once."""
    return code in CURRENCIES


@dataclasses.dataclass(frozen=True)
class Money:
    """An amount in an ISO 4217 currency, rounded half to even to that currency's digits.

    Raises ValueError for what is no currency code or no number, and when two currencies are added.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not is_currency(self.currency):
            raise ValueError(f"{self.currency!r} is no ISO 4217 code.")
        object.__setattr__(self, "amount", rounded(self.amount, self.currency))

    def __add__(self, other: Self) -> Self:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up.")
        return dataclasses.replace(self, amount=self.amount + other.amount)

    def __sub__(self, other: Self) -> Self:
        return self + dataclasses.replace(other, amount=-other.amount)

    def percent(self, percent: Decimal) -> Self:
        """That many hundredths of it, as a commission is counted."""
        return dataclasses.replace(self, amount=self.amount * percent / 100)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half to even, to the digits of the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is no amount.")
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_EVEN)


def in_organisation_currency(amount: Decimal, currency: str, on: dt.date) -> Decimal | None:
    """What an amount was worth on a day, by the latest rate on or before it; None if none is known."""
    return in_organisation_currency_many([(amount, currency, on)])[0]


def in_organisation_currency_many(
    amounts: Sequence[tuple[Decimal | None, str, dt.date]],
) -> list[Decimal | None]:
    """The same for many (amount, currency, day), in their order, with one query at most; no amount has no worth."""
    own = settings.ORGANISATION_CURRENCY
    foreign = {currency for _amount, currency, _on in amounts} - {own}
    rates = rates_until(max(on for *_, on in amounts), foreign) if foreign else {}

    def worth(amount: Decimal | None, currency: str, on: dt.date) -> Decimal | None:
        rate = Decimal(1) if currency == own else rate_on(rates.get(currency, []), on)
        return None if rate is None or amount is None else rounded(amount * rate, own)

    return [worth(*entry) for entry in amounts]


def rates_until(last: dt.date, currencies: set[str]) -> dict[str, list[tuple[dt.date, Decimal]]]:
    """All rates of these currencies up to a day, by currency, the oldest first."""
    rows = ExchangeRate.objects.filter(currency__in=currencies, on__lte=last).order_by("on")
    rates: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for currency, on, rate in rows.values_list("currency", "on", "rate"):
        rates[currency].append((on, rate))
    return rates


def rate_on(rates: Sequence[tuple[dt.date, Decimal]], day: dt.date) -> Decimal | None:
    """The latest on or before the day, of rates in order."""
    place = bisect_right(rates, day, key=lambda dated: dated[0])
    return rates[place - 1][1] if place else None
