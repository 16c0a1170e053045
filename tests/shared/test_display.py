"""Amounts, numbers and times as a reader sees them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from crm.shared import display

TODAY = dt.date(2026, 4, 20)
NINE_UTC = dt.datetime(2026, 4, 20, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (950, "950"),
        (999.4, "999"),
        (999.5, "1.0k"),
        (9_600, "9.6k"),
        (48_200, "48.2k"),
        (Decimal("106000.00"), "106.0k"),
        (999_949, "999.9k"),
        (999_950, "1.00m"),
        (1_250_000, "1.25m"),
        (-12_345, "-12.3k"),
    ],
)
def test_a_short_number_keeps_one_decimal_of_a_thousand(value, shown):
    assert display.short_number(value) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal(48200), "EUR", "48,200.00\xa0EUR"),
        (Decimal("0.005"), "EUR", "0.01\xa0EUR"),
        (Decimal(48200), "JPY", "48,200\xa0JPY"),
        (Decimal(48200), "KWD", "48,200.000\xa0KWD"),
        (Decimal(48200), "", "48,200.00"),
    ],
)
def test_exact_money_has_the_places_of_its_currency(amount, currency, shown):
    assert display.exact_money(amount, currency) == shown


@pytest.mark.parametrize(
    ("rate", "digits", "shown"),
    [
        (0.155, 0, "16\xa0%"),
        (0.155, 1, "15.5\xa0%"),
        (Decimal("0.6315"), 2, "63.15\xa0%"),
        (0, 0, "0\xa0%"),
    ],
)
def test_a_percentage_claims_no_more_decimals_than_asked(rate, digits, shown):
    assert display.percent(rate, digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (dt.date(2026, 4, 20), "Mon 20 Apr"),
        (dt.date(2026, 12, 31), "Thu 31 Dec"),
        (dt.date(2027, 4, 20), "20 Apr 2027"),
        (dt.date(2025, 4, 20), "20 Apr 2025"),
    ],
)
def test_a_day_has_its_year_only_when_it_is_another_one(value, shown):
    assert display.day(value, today=TODAY) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NINE_UTC, "today 09:00"),
        (NINE_UTC - dt.timedelta(days=1), "yesterday 09:00"),
        (NINE_UTC + dt.timedelta(days=1), "tomorrow 09:00"),
        (NINE_UTC + dt.timedelta(days=2), "Wed 22 Apr, 09:00"),
        (NINE_UTC + dt.timedelta(days=365), "20 Apr 2027, 09:00"),
        (TODAY, "today"),
        (TODAY + dt.timedelta(days=3), "Thu 23 Apr"),
    ],
)
def test_a_moment_near_today_goes_by_its_name(value, shown):
    assert display.when(value, today=TODAY) == shown


def test_times_are_on_the_reader_s_clock():
    late = dt.datetime(2026, 4, 20, 22, 30, tzinfo=dt.UTC)

    with timezone.override("Asia/Tokyo"):
        shown = display.clock(late), display.day(late), display.long_day(late)

    assert shown == ("07:30", "Tue 21 Apr", "Tuesday 21 April")


def test_distances_are_in_words():
    assert display.since(NINE_UTC - dt.timedelta(days=3), now=NINE_UTC) == "3 days ago"
    assert display.since(TODAY + dt.timedelta(days=2), now=NINE_UTC) == "in 2 days"


@pytest.mark.parametrize(
    ("language", "money", "day", "quoted"),
    [
        ("en", "1,234.50\xa0EUR", "Mon 20 Apr", "“so”"),
        ("it", "1.234,50\xa0EUR", "lun 20 apr", "«so»"),
        ("pl", "1\xa0234,50\xa0EUR", "pon., 20 kwi", "„so”"),
        ("ru", "1\xa0234,50\xa0EUR", "пн, 20 апр.", "«so»"),
        ("zh-hans", "1,234.50\xa0EUR", "4月20日周一", "“so”"),
    ],
)
def test_each_language_has_its_own_way(language, money, day, quoted):
    with translation.override(language):
        shown = (
            display.exact_money(Decimal("1234.5"), "EUR"),
            display.day(TODAY),
            display.quoted("so"),
        )

    assert shown == (money, day, quoted)


def test_a_buyer_s_own_quotation_marks_are_kept():
    assert display.quoted("  „So ist es.“ ") == "„So ist es.“"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ilaria Conti", "IC"), ("Ana Maria de Sousa", "AS"), ("Li", "L"), ("", "")],
)
def test_initials_are_of_the_first_and_the_last_word(name, letters):
    assert display.initials(name) == letters


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "24 December 2026"),
        ("it", "24 dicembre 2026"),
        ("pl", "24 grudnia 2026"),
        ("ru", "24 декабря 2026\u202fг."),
        ("zh-hans", "2026年12月24日"),
    ],
)
def test_a_full_day_names_its_year(language, shown):
    with translation.override(language):
        assert display.full_day(dt.date(2026, 12, 24)) == shown
