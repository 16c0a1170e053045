"""Amounts with their currency, and dated rates."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from crm.shared import money
from crm.shared.models import ExchangeRate
from crm.shared.money import Money

D = Decimal
MAY = dt.date(2026, 5, 1)


def rate(currency: str, on: str, value: str) -> ExchangeRate:
    return ExchangeRate.objects.create(
        currency=currency, on=dt.date.fromisoformat(on), rate=D(value)
    )


# ---- amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.125", "EUR", "0.12"),
        ("0.135", "EUR", "0.14"),
        ("-0.125", "EUR", "-0.12"),
        ("1200", "EUR", "1200.00"),
        ("2.5", "JPY", "2"),
        ("3.5", "JPY", "4"),
        ("1.2345", "KWD", "1.234"),
        ("9999999999999.995", "USD", "10000000000000.00"),
    ],
)
def test_money_is_rounded_half_even_to_the_digits_of_its_currency(amount, currency, expected):
    assert str(Money(D(amount), currency).amount) == expected


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "€uR", "ÈUR", "ABC"])
def test_what_is_no_currency_is_refused(currency):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(D(1), currency)


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match="no amount"):
        Money(D(amount), "EUR")


def test_amounts_of_one_currency_add_up():
    assert Money(D("1.10"), "EUR") + Money(D("2.20"), "EUR") == Money(D("3.30"), "EUR")
    assert Money(D("1.10"), "EUR") - Money(D("2.20"), "EUR") == Money(D("-1.10"), "EUR")


def test_amounts_of_two_currencies_do_not():
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(D(1), "EUR") + Money(D(1), "USD")
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(D(1), "EUR") - Money(D(1), "USD")


@pytest.mark.practice("A11")
def test_a_commission_is_a_percentage():
    assert Money(D("14400"), "EUR").percent(D("8.25")) == Money(D("1188.00"), "EUR")
    assert Money(D("0.30"), "EUR").percent(D("5")) == Money(D("0.02"), "EUR")


AMOUNTS = st.decimals("-1e12", "1e12", places=4)


@given(one=AMOUNTS, other=AMOUNTS)
def test_adding_and_taking_away_lose_no_cent(one, other):
    a, b = Money(one, "EUR"), Money(other, "EUR")

    assert a + b - b == a
    assert a + b == b + a


# ---- rates ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_organisations_own_currency_needs_no_rate(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert money.in_organisation_currency(D("12.345"), "EUR", MAY) == D("12.34")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-03-31", None),
        ("2026-04-01", "90.00"),
        ("2026-04-30", "90.00"),
        ("2026-05-01", "85.00"),
        ("2030-01-01", "85.00"),
    ],
)
def test_the_latest_rate_on_or_before_the_day_counts(on, expected):
    rate("USD", "2026-05-01", "0.85")
    rate("USD", "2026-04-01", "0.90")
    rate("GBP", "2026-01-01", "1.15")

    worth = money.in_organisation_currency(D(100), "USD", dt.date.fromisoformat(on))

    assert worth == (None if expected is None else D(expected))


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 3])
def test_many_amounts_take_one_query(times, django_assert_num_queries):
    rate("USD", "2026-04-01", "0.90")
    rate("USD", "2026-05-02", "0.50")
    rate("JPY", "2026-04-01", "0.0061")
    amounts = [
        (D(100), "USD", MAY),
        (D(100), "EUR", MAY),
        (D(1000), "JPY", MAY),
        (D(100), "CHF", MAY),
        (D(100), "USD", dt.date(2026, 5, 2)),
    ]

    with django_assert_num_queries(1):
        worths = money.in_organisation_currency_many(amounts * times)

    assert worths == [D("90.00"), D("100.00"), D("6.10"), None, D("50.00")] * times


@pytest.mark.django_db
def test_nothing_is_worth_nothing_at_no_cost(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert money.in_organisation_currency_many([]) == []


@pytest.mark.django_db
def test_another_organisation_counts_in_another_currency(settings):
    settings.ORGANISATION_CURRENCY = "JPY"
    rate("EUR", "2026-04-01", "163.45")

    assert money.in_organisation_currency(D("9.99"), "EUR", MAY) == D(1633)


@pytest.mark.django_db
def test_a_currency_has_one_rate_a_day_above_zero():
    first = rate("USD", "2026-04-01", "0.90")

    with pytest.raises(IntegrityError), transaction.atomic():
        rate("USD", "2026-04-01", "0.91")
    with pytest.raises(IntegrityError), transaction.atomic():
        rate("USD", "2026-04-02", "0")

    assert list(ExchangeRate.objects.all()) == [first]
    assert str(first) == "USD · 2026-04-01 · 0.90"


@pytest.mark.django_db
def test_no_amount_is_worth_nothing_known():
    on = dt.date(2026, 4, 20)

    assert money.in_organisation_currency_many([(None, "EUR", on)]) == [None]
