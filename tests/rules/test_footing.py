"""What every test stands on does what it says."""

import datetime as dt
import socket

import pytest
from django.core.cache import cache
from django.utils import timezone

from deals.models import LossReason, Stage
from tests.conftest import MONDAY


@pytest.mark.django_db
def test_migrations_deliver_the_six_stages():
    assert Stage.objects.count() == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_delivered_rows_survive_transactional_tests(time):
    assert (Stage.objects.count(), LossReason.objects.exists()) == (6, True)

    Stage.objects.create(
        name=f"Left behind the {time} time", phase="suspect", position=99, probability=1
    )


def test_now_stands_still(now):
    assert now == timezone.now() == dt.datetime.now(dt.UTC) == MONDAY
    assert (now.strftime("%A"), now.hour) == ("Monday", 8)


@pytest.mark.servers
def test_time_is_real_beside_other_processes(now):
    assert timezone.now() >= now != MONDAY


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_nothing_leaves_the_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    with (
        socket.socket(family) as sock,
        pytest.raises(RuntimeError, match=f"wanted to reach {address[0]}"),
    ):
        sock.connect(address)


def test_loopback_is_open(broker):
    with socket.create_connection(("localhost", broker.port)):
        pass


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_cache_is_empty(time):
    assert cache.get("left-behind") is None

    cache.set("left-behind", time)


@pytest.mark.servers
@pytest.mark.postgres
def test_a_worker_and_a_beat_of_our_own_start(celery):
    processes = [celery.start("worker", "-c", "1"), celery.start("beat")]

    assert [process.poll() for process in processes] == [None, None]


@pytest.mark.browser
def test_a_page_opens_in_a_real_browser(page):
    page.goto("/account/login/")

    assert "Rebound" in page.title()
