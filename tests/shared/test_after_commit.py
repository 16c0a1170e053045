"""Messages to the workers: after the commit, once, and never at the price of the work."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import connection, transaction

from crm.shared import after_commit, tasks
from crm.shared.after_commit import AfterCommitTask, poke
from crm.shared.supervision import free_port
from tests import servers
from tests.servers import Valkey

pytestmark = pytest.mark.servers
A_MOMENT = 3.0  # seconds; without patience of our own a frozen broker holds a caller for over 60


@pytest.fixture(scope="module")
def broker() -> Iterator[Valkey]:
    with servers.valkey() as server:
        yield server


@pytest.fixture(autouse=True)
def _rested(monkeypatch: Any) -> None:
    monkeypatch.setattr(after_commit, "doorbell", after_commit.Doorbell())


@pytest.fixture
def sent(broker: Valkey, monkeypatch: Any) -> Callable[[], list[str]]:
    """Which tasks the workers were told to run, in order."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", broker.url)
    queue = redis.Redis.from_url(broker.url)
    queue.flushall()

    def names() -> list[str]:
        with queue:
            messages = queue.lrange("celery", 0, -1)
        return [json.loads(message)["headers"]["task"] for message in reversed(messages)]

    return names


# ---- after the commit ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_poke_leaves_after_the_commit(sent: Callable[[], list[str]]) -> None:
    with transaction.atomic():
        poke("shared.send_mail")
        assert sent() == []

    assert sent() == ["shared.send_mail"]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_sends_nothing(sent: Callable[[], list[str]]) -> None:
    with transaction.atomic():
        poke("shared.send_mail")
        tasks.deliver.delay()
        transaction.set_rollback(True)

    assert sent() == []


@pytest.mark.django_db(transaction=True)
def test_one_transaction_pokes_once(sent: Callable[[], list[str]]) -> None:
    with transaction.atomic():
        for _ in range(3):
            with transaction.atomic():
                poke("shared.send_mail")
            poke("shared.deliver")

    assert sent() == ["shared.send_mail", "shared.deliver"]


@pytest.mark.django_db(transaction=True)
def test_a_poke_of_a_part_that_was_undone_is_not_missed(sent: Callable[[], list[str]]) -> None:
    with transaction.atomic():
        with transaction.atomic():
            poke("shared.send_mail")
            transaction.set_rollback(True)
        poke("shared.send_mail")

    assert sent() == ["shared.send_mail"]


@pytest.mark.django_db(transaction=True)
def test_a_task_leaves_after_the_commit_with_what_it_is_given(
    sent: Callable[[], list[str]],
) -> None:
    with transaction.atomic():
        assert tasks.deliver.apply_async((3,), {"word": "x"}) is None
        tasks.deliver.apply_async((4,), {"word": "x"})
        tasks.deliver.apply_async((4,), {"word": "x"})
        assert sent() == []

    assert sent() == ["shared.deliver", "shared.deliver"]


def test_outside_a_transaction_it_leaves_at_once_and_asks_no_database(
    sent: Callable[[], list[str]],
) -> None:
    """Beat calls this way, and must not stop with the database."""
    beats_own: Any = object()

    assert tasks.send_mail.apply_async((), {}, producer=beats_own) is None

    assert sent() == ["shared.send_mail"]


def test_all_our_tasks_are_of_this_class() -> None:
    own = [task for name, task in current_app.tasks.items() if name.startswith("shared.")]

    assert len(own) >= 3
    assert all(isinstance(task, AfterCommitTask) for task in own)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_dropped_database_connection_is_put_away_before_and_after() -> None:
    connection.ensure_connection()
    connection.close_at = 0.0

    tasks.forget_old_answers()

    assert connection.close_at != 0.0


@pytest.mark.django_db(transaction=True)
def test_a_task_called_in_a_transaction_leaves_the_connection_alone() -> None:
    with transaction.atomic():
        kept = connection.connection
        tasks.forget_old_answers()

        assert connection.connection is kept


# ---- a broker in trouble -------------------------------------------------------------------------


def seconds_for(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_a_dead_broker_costs_a_moment_and_no_exception(monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{free_port()}")

    assert seconds_for(lambda: poke("shared.send_mail")) < A_MOMENT

    assert "did not take shared.send_mail" in caplog.text


def test_a_frozen_broker_costs_a_moment_and_is_not_asked_again_at_once(
    broker: Valkey, sent: Callable[[], list[str]], caplog: Any
) -> None:
    poke("shared.send_mail")
    assert broker.process is not None
    os.kill(broker.process.pid, signal.SIGSTOP)

    def poke_often() -> None:
        for _ in range(20):
            poke("shared.send_mail")

    try:
        waited = seconds_for(poke_often)
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)

    assert waited < A_MOMENT
    assert len(caplog.records) == 1

    after_commit.doorbell.resting_until = 0.0
    poke("shared.deliver")
    assert sent()[-1] == "shared.deliver"


@pytest.mark.django_db(transaction=True)
def test_a_broken_broker_leaves_the_work_done(monkeypatch: Any, django_user_model: Any) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{free_port()}")

    with transaction.atomic():
        django_user_model.objects.create(email="new@example.com")
        poke("shared.send_mail")

    assert django_user_model.objects.filter(email="new@example.com").exists()
    assert connection.in_atomic_block is False


def test_without_a_broker_nothing_is_kept_for_nobody(monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", "memory://")

    poke("shared.send_mail")

    assert caplog.records == []
    with (
        current_app.connection_for_read("memory://") as memory,
        memory.SimpleQueue("celery") as kept,
    ):
        assert kept.qsize() == 0
