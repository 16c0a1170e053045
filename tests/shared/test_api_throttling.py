"""Limits by token, told in headers before they are reached."""

import datetime as dt

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisGone

from crm.shared.api import throttling
from tests.programs import PROBLEM, program


@pytest.fixture
def three_a_minute(settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"token": "3/min"}
    }


def test_what_is_left_is_told(rep, three_a_minute):
    caller = program(rep)

    answers = [caller.get("/me/") for _number in range(3)]

    assert [answer["RateLimit"] for answer in answers] == [
        '"token";r=2;t=60',
        '"token";r=1;t=60',
        '"token";r=0;t=60',
    ]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"token";q=3;w=60'}


def test_one_too_many_is_429_and_says_when_to_come_back(rep, three_a_minute, now, time_machine):
    caller = program(rep)
    time_machine.move_to(now + dt.timedelta(seconds=40), tick=False)
    for _number in range(3):
        caller.get("/me/")

    answer = caller.get("/me/")

    assert (answer.status_code, answer["Content-Type"]) == (429, PROBLEM)
    assert (answer["Retry-After"], answer["RateLimit"]) == ("20", '"token";r=0;t=20')


def test_after_the_window_all_is_well(rep, three_a_minute, now, time_machine):
    caller = program(rep)
    for _number in range(4):
        caller.get("/me/")

    time_machine.move_to(now + dt.timedelta(seconds=60), tick=False)

    assert caller.get("/me/").status_code == 200


def test_each_token_has_its_own_limit(rep, three_a_minute):
    first, second = program(rep), program(rep)
    for _number in range(4):
        first.get("/me/")

    assert (first.get("/me/").status_code, second.get("/me/").status_code) == (429, 200)


def test_the_browser_counts_by_person(client, rep, colleague, three_a_minute):
    client.force_login(rep)
    statuses = [client.get("/api/v1/me/").status_code for _number in range(4)]

    client.force_login(colleague)

    assert statuses == [200, 200, 200, 429]
    assert client.get("/api/v1/me/").status_code == 200


def test_without_the_cache_everybody_comes_in(rep, monkeypatch, caplog):
    def gone(*_args, **_kwargs):
        raise RedisGone("refused")

    monkeypatch.setattr(cache, "add", gone)

    answer = program(rep).get("/me/")

    assert (answer.status_code, answer.has_header("RateLimit")) == (200, False)
    assert [record.name for record in caplog.records] == ["crm.shared.api.throttling"]


def test_a_count_that_runs_out_in_between_starts_anew(monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *_args, **_kwargs: False)

    assert throttling.counted("gone", timeout=60) == 1


@pytest.mark.parametrize(
    ("rate", "parts"), [("600/min", (600, 60)), ("5/s", (5, 1)), ("9/day", (9, 86400))]
)
def test_a_rate_reads_as_requests_and_seconds(rate, parts):
    assert throttling.parsed(rate) == parts
