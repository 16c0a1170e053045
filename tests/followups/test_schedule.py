"""Rule 3: the next touch falls on a working day at nine there, and never earlier than agreed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.shared import working_days
from followups import schedule

moment = dt.datetime.fromisoformat

ZONES = st.sampled_from(
    ["UTC", "Europe/Rome", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]
)
MOMENTS = st.datetimes(
    dt.datetime(2020, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    dt.datetime(2035, 12, 31),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


@pytest.mark.practice("B5")
def test_interval_1_after_a_friday_is_monday():
    friday = moment("2026-04-17T15:00:00+00:00")

    assert schedule.next_due(friday, 1, "IT", "Europe/Rome") == moment("2026-04-20T07:00:00+00:00")


@pytest.mark.practice("B5")
def test_7_days_after_a_friday_that_lead_to_a_holiday_are_the_monday_after():
    friday = moment("2026-04-24T15:00:00+00:00")

    due = schedule.next_due(friday, 7, "IT", "Europe/Rome")

    assert due == moment("2026-05-04T07:00:00+00:00")
    assert (
        due.astimezone(ZoneInfo("Europe/Rome")).strftime("%a %Y-%m-%d %H:%M")
        == "Mon 2026-05-04 09:00"
    )


@pytest.mark.parametrize(
    ("last", "interval", "country", "zone", "expected"),
    [
        # the same Friday without a holiday there
        ("2026-04-24T15:00+00:00", 7, "US", "America/New_York", "2026-05-01T13:00"),
        ("2026-04-24T15:00+00:00", 7, "", "", "2026-05-01T09:00"),
        # the contact's day counts, not ours: Friday 23:30 UTC is Saturday in Rome, Sunday moves on
        ("2026-04-17T23:30+00:00", 1, "IT", "Europe/Rome", "2026-04-20T07:00"),
        ("2026-04-16T23:30+00:00", 3, "IT", "Europe/Rome", "2026-04-20T07:00"),
        ("2026-04-20T02:00+00:00", 1, "US", "America/New_York", "2026-04-20T13:00"),
        # over the change of clocks it stays nine o'clock there
        ("2026-03-26T09:00+00:00", 1, "IT", "Europe/Rome", "2026-03-27T08:00"),
        ("2026-03-27T09:00+00:00", 3, "IT", "Europe/Rome", "2026-03-30T07:00"),
        ("2026-10-23T09:00+00:00", 3, "IT", "Europe/Rome", "2026-10-26T08:00"),
        ("2026-03-06T16:00+00:00", 3, "US", "America/New_York", "2026-03-09T13:00"),
        ("2026-10-30T16:00+00:00", 3, "US", "America/New_York", "2026-11-02T14:00"),
        ("2026-09-25T00:00+00:00", 3, "NZ", "Pacific/Auckland", "2026-09-27T20:00"),
        # over Christmas and New Year
        ("2026-12-18T09:00+00:00", 7, "GB", "Europe/London", "2026-12-29T09:00"),
        ("2026-12-24T09:00+00:00", 8, "PL", "Europe/Warsaw", "2027-01-04T08:00"),
        # a weekend of Friday and Saturday
        ("2026-04-23T08:00+00:00", 1, "SA", "Asia/Riyadh", "2026-04-26T06:00"),
        # the same day
        ("2026-04-20T12:00+00:00", 0, "", "", "2026-04-20T09:00"),
        # a leap day
        ("2028-02-28T12:00+00:00", 1, "", "", "2028-02-29T09:00"),
    ],
)
def test_next_due(last, interval, country, zone, expected):
    due = schedule.next_due(moment(last), interval, country, zone)

    assert due == moment(f"{expected}:00+00:00")


def test_an_interval_does_not_lead_back():
    with pytest.raises(ValueError, match="-1 days"):
        schedule.next_due(moment("2026-04-20T12:00+00:00"), -1, "", "")


@pytest.mark.practice("B5")
@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-04-23T12:00+00:00", "Europe/Rome", True),
        ("2026-04-26T21:59+00:00", "Europe/Rome", True),
        ("2026-04-26T22:01+00:00", "Europe/Rome", False),  # Monday there
        ("2026-04-26T22:01+00:00", "UTC", True),
        ("2026-04-27T05:00+00:00", "Europe/Rome", False),
        ("2026-05-10T12:00+00:00", "Europe/Rome", False),
    ],
)
def test_a_touch_before_the_agreed_day_is_too_early(at, zone, expected):
    last = moment("2026-04-20T12:00+00:00")

    assert schedule.is_too_early(moment(at), last, 7, zone) is expected


def test_a_touch_on_the_agreed_day_is_fine_though_a_holiday_moved_the_plan():
    last = moment("2026-04-24T15:00+00:00")
    holiday = moment("2026-05-01T10:00+00:00")

    assert not schedule.is_too_early(holiday, last, 7, "Europe/Rome")


@pytest.mark.practice("B5")
@pytest.mark.parametrize(
    ("due", "now", "zone", "expected"),
    [
        ("2026-11-20T08:00+00:00", "2026-11-21T07:00+00:00", "Europe/Rome", 1),
        ("2026-11-20T08:00+00:00", "2026-11-20T22:59+00:00", "Europe/Rome", 0),
        ("2026-11-20T08:00+00:00", "2026-11-20T23:00+00:00", "Europe/Rome", 1),
        ("2026-11-20T08:00+00:00", "2026-11-13T08:00+00:00", "Europe/Rome", 0),
        ("2026-11-20T08:00+00:00", "2026-12-20T08:00+00:00", "", 30),
    ],
)
def test_days_late(due, now, zone, expected):
    assert schedule.days_late(moment(due), moment(now), zone) == expected


@pytest.mark.practice("B5")
@given(
    last=MOMENTS,
    interval=st.integers(0, 400),
    country=st.sampled_from(["", "IT", "US", "CN", "SA", "XX"]),
    zone=ZONES,
)
def test_what_is_planned_is_never_earlier_than_agreed(last, interval, country, zone):
    due = schedule.next_due(last, interval, country, zone)

    there = due.astimezone(ZoneInfo(zone))
    assert not schedule.is_too_early(due, last, interval, zone)
    assert there.time() == dt.time(9)
    assert working_days.is_working_day(there.date(), country)


@given(last=MOMENTS, interval=st.integers(0, 60), zone=ZONES)
def test_a_longer_interval_is_never_due_sooner(last, interval, zone):
    sooner = schedule.next_due(last, interval, "IT", zone)

    assert schedule.next_due(last, interval + 1, "IT", zone) >= sooner
