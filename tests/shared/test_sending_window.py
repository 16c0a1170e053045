"""When buyers may get mail: tables of cases, and every zone there is."""

import datetime as dt
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.shared.sending_window import closing_after, next_opening
from crm.shared.working_days import is_working_day, zone_of

ZONES = sorted(available_timezones())


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "zone", "country", "opens"),
    [
        ("2026-04-20 08:00", "UTC", "GB", "2026-04-20 08:00"),  # a Monday, just open
        ("2026-04-20 17:59", "UTC", "GB", "2026-04-20 17:59"),
        ("2026-04-20 18:00", "UTC", "GB", "2026-04-21 08:00"),
        ("2026-04-20 07:59", "UTC", "GB", "2026-04-20 08:00"),
        ("2026-04-24 20:00", "UTC", "GB", "2026-04-27 08:00"),  # Friday evening
        ("2026-04-25 10:00", "UTC", "GB", "2026-04-27 08:00"),
        ("2026-05-01 10:00", "Europe/Rome", "IT", "2026-05-04 06:00"),  # the first of May
        ("2026-05-01 10:00", "Europe/Rome", "", "2026-05-01 10:00"),
        ("2026-04-24 10:00", "Asia/Dubai", "AE", "2026-04-24 10:00"),
        ("2026-04-25 10:00", "Asia/Jerusalem", "IL", "2026-04-26 05:00"),  # Sunday is worked there
        ("2026-04-20 23:00", "Asia/Tokyo", "JP", "2026-04-20 23:00"),  # already Tuesday morning
        ("2026-04-20 12:00", "Asia/Tokyo", "JP", "2026-04-20 23:00"),
        ("2026-04-20 20:00", "America/New_York", "US", "2026-04-20 20:00"),
        ("2026-03-28 12:00", "Europe/Rome", "IT", "2026-03-30 06:00"),  # the clocks went forward
        ("2026-10-24 12:00", "Europe/Rome", "IT", "2026-10-26 07:00"),  # and back
        ("2026-04-20 07:00", "No/Such_Place", "XX", "2026-04-20 08:00"),
    ],
)
def test_the_window_opens_in_their_hours_on_their_working_days(
    at: str, zone: str, country: str, opens: str
) -> None:
    assert next_opening(utc(at), zone=zone, country=country) == utc(opens)


@given(
    minutes=st.integers(0, 6 * 366 * 24 * 60),
    zone=st.sampled_from(ZONES),
    country=st.sampled_from(["", "GB", "IT", "PL", "IL", "AE", "CN"]),
)
def test_nothing_is_sent_outside_the_window(minutes: int, zone: str, country: str) -> None:
    at = utc("2024-01-01 00:00") + dt.timedelta(minutes=minutes)

    opens = next_opening(at, zone=zone, country=country)

    local = opens.astimezone(zone_of(zone))
    assert opens >= at
    assert 8 <= local.hour < 18
    assert is_working_day(local.date(), country)
    assert next_opening(opens, zone=zone, country=country) == opens
    assert closing_after(opens, zone=zone) > opens


def test_an_organisation_may_choose_all_hours(settings: Any) -> None:
    settings.BUYER_MAIL_HOURS, settings.BUYER_MAIL_EVERY_DAY = (0, 24), True

    assert next_opening(utc("2026-04-25 23:59"), zone="UTC", country="GB") == utc(
        "2026-04-25 23:59"
    )
    assert closing_after(utc("2026-04-25 23:59"), zone="UTC") == utc("2026-04-26 00:00")
