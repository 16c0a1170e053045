"""Working days, holidays, and times of day where clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.shared import working_days as wd

day = dt.date.fromisoformat
moment = dt.datetime.fromisoformat

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31))
COUNTRIES = st.sampled_from(["", "IT", "US", "PL", "CN", "SA", "IL", "XX"])
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Rome",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kolkata",
    ]
)


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Rom", "../etc/passwd", "zone.tab", "a\0b"])
def test_a_zone_that_is_none_is_utc(name):
    assert wd.zone_of(name) == ZoneInfo("UTC")


def test_a_known_zone_is_itself():
    assert wd.zone_of("Europe/Rome") == ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-04-24T23:30:00+00:00", "Europe/Rome", "2026-04-25"),
        ("2026-04-24T23:30:00+00:00", "America/New_York", "2026-04-24"),
        ("2026-04-24T02:00:00+02:00", "", "2026-04-24"),
        ("2026-04-24T01:00:00+02:00", "", "2026-04-23"),
    ],
)
def test_the_day_is_the_one_on_the_calendar_there(at, zone, expected):
    assert wd.local_day(moment(at), zone) == day(expected)


@pytest.mark.parametrize(
    ("on", "time", "zone", "expected"),
    [
        ("2026-01-15", "09:00", "Europe/Rome", "2026-01-15T08:00"),
        ("2026-07-15", "09:00", "Europe/Rome", "2026-07-15T07:00"),
        ("2026-07-15", "09:00", "Nowhere/At_All", "2026-07-15T09:00"),
        ("2026-03-29", "02:30", "Europe/Rome", "2026-03-29T01:30"),  # no such time: 03:30 there
        ("2026-10-25", "02:30", "Europe/Rome", "2026-10-25T00:30"),  # twice: the first
        ("2026-03-08", "02:00", "America/New_York", "2026-03-08T07:00"),  # 03:00 there
        ("2026-11-01", "01:15", "America/New_York", "2026-11-01T05:15"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:45"),  # a gap of half an hour
        ("2011-12-30", "09:00", "Pacific/Apia", "2011-12-30T19:00"),  # a day that never was
        ("2026-04-20", "09:00", "Asia/Kathmandu", "2026-04-20T03:15"),
    ],
)
def test_a_time_of_day_there_in_utc(on, time, zone, expected):
    assert wd.at_local(day(on), dt.time.fromisoformat(time), zone) == moment(f"{expected}:00+00:00")


def test_the_first_of_two_even_when_the_second_is_named():
    second = dt.time(2, 30, fold=1)

    at = wd.at_local(day("2026-10-25"), second, "Europe/Rome")

    assert at == moment("2026-10-25T00:30:00+00:00")


def test_times_are_utc():
    assert wd.at_local(day("2026-04-20"), wd.NINE, "Europe/Rome").tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("on", "country", "own", "expected"),
    [
        ("2026-04-24", "IT", (), True),
        ("2026-04-25", "IT", (), False),  # Saturday, and Liberation Day
        ("2026-05-01", "IT", (), False),
        ("2026-05-01", "it ", (), False),
        ("2026-05-01", "US", (), True),
        ("2026-05-01", "", (), True),
        ("2026-05-01", "XX", (), True),
        ("2026-05-02", "XX", (), False),
        ("2021-12-31", "US", (), False),  # New Year's Day of 2022, observed
        ("2026-04-24", "SA", (), False),  # Friday and Saturday are the weekend there
        ("2026-04-26", "SA", (), True),
        ("2026-02-14", "CN", (), True),  # a Saturday worked to make up for the Spring Festival
        ("2026-02-14", "CN", (0, 1, 2, 3, 4), False),
        ("2026-05-02", "IT", (5,), True),
        ("2026-05-01", "IT", (4, 5), False),  # a holiday stays one
        ("2026-05-04", "IT", (1, 2), False),
        ("2026-05-02", "", (5,), True),
        ("2026-05-04", "", (5,), False),
        ("2026-05-04", "IT", (7, -1), True),  # no weekdays at all: the country's
    ],
)
def test_working_days_by_country_and_person(on, country, own, expected):
    assert wd.is_working_day(day(on), country, own) is expected


@pytest.mark.parametrize(
    ("on", "country", "expected"),
    [
        ("2026-04-24", "IT", "2026-04-24"),
        ("2026-04-25", "IT", "2026-04-27"),
        ("2026-05-01", "IT", "2026-05-04"),
        ("2026-12-25", "IT", "2026-12-28"),
        ("2026-12-25", "GB", "2026-12-29"),  # Boxing Day on a Saturday is made up on Monday
        ("2026-12-31", "PL", "2026-12-31"),
        ("2027-01-01", "PL", "2027-01-04"),
    ],
)
def test_the_next_working_day_is_on_or_after(on, country, expected):
    assert wd.next_working_day(day(on), country) == day(expected)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "2026-04-30"),
        (1, "2026-05-04"),
        (3, "2026-05-06"),
        (-1, "2026-04-29"),
        (-4, "2026-04-24"),
    ],
)
def test_adding_working_days_skips_weekends_and_holidays(count, expected):
    assert wd.add_working_days(day("2026-04-30"), count, "IT") == day(expected)


def test_adding_none_on_a_holiday_moves_forward():
    assert wd.add_working_days(day("2026-05-01"), 0, "IT") == day("2026-05-04")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-05-01", "2026-06-01", 20),  # May in Italy, without the 1st
        ("2026-05-04", "2026-05-04", 0),
        ("2026-05-04", "2026-05-05", 1),
        ("2026-05-05", "2026-05-04", 0),
        ("2026-05-01", "2026-05-04", 0),
    ],
)
def test_working_days_gone(start, end, expected):
    assert wd.working_days_between(day(start), day(end), "IT") == expected


def test_a_generator_of_weekdays_is_read_once():
    friday = day("2026-04-24")

    assert wd.next_working_day(friday, "", (number for number in [0])) == day("2026-04-27")
    assert wd.add_working_days(friday, 2, "", (number for number in [0])) == day("2026-05-04")
    assert wd.working_days_between(friday, day("2026-05-09"), "", (n for n in [0])) == 2


@pytest.mark.parametrize(
    ("on", "country", "zone", "own", "expected"),
    [
        ("2026-05-01", "IT", "Europe/Rome", (), "2026-05-04T07:00"),
        ("2026-04-24", "US", "America/New_York", (), "2026-04-24T13:00"),
        ("2026-04-24", "US", "America/New_York", (0,), "2026-04-27T13:00"),
        ("2026-04-25", "", "", (), "2026-04-27T09:00"),
    ],
)
def test_nine_o_clock_on_the_next_working_day(on, country, zone, own, expected):
    assert wd.opening_time(day(on), country, zone, own) == moment(f"{expected}:00+00:00")


@given(on=DAYS, country=COUNTRIES)
def test_the_next_working_day_is_the_nearest_one(on, country):
    found = wd.next_working_day(on, country)

    skipped = [on + dt.timedelta(days=number) for number in range((found - on).days)]
    assert found >= on
    assert wd.is_working_day(found, country)
    assert not any(wd.is_working_day(one, country) for one in skipped)


@given(on=DAYS, count=st.integers(1, 30), country=COUNTRIES)
def test_adding_and_counting_working_days_agree(on, count, country):
    start = wd.next_working_day(on, country)

    end = wd.add_working_days(start, count, country)

    assert wd.working_days_between(start, end, country) == count
    assert wd.add_working_days(end, -count, country) == start


@given(on=DAYS, time=st.times(), zone=ZONES)
def test_a_local_time_is_kept_or_moved_on_by_a_gap(on, time, zone):
    back = wd.at_local(on, time, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    wanted = dt.datetime.combine(on, time)
    gap = dt.timedelta(days=1) if zone == "Pacific/Apia" else dt.timedelta(hours=1)
    assert wanted <= back <= wanted + gap
