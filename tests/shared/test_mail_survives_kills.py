"""Real workers, broker and mail server; they are killed, frozen and doubled while mail goes out."""

import datetime as dt
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from crm.shared import after_commit, mailing
from crm.shared.models import OutgoingMail, User
from crm.shared.states import Audience, MailState
from crm.shared.supervision import wait_until
from tests import servers
from tests.factories import mail as make
from tests.mail_world import World, mail_world

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
KILLS = 10
WORST_INSTANTS = 20  # of each kind
REP, BUYER = Audience.REP, Audience.BUYER


@pytest.fixture(autouse=True)
def _templates(settings: Any, monkeypatch: Any) -> None:
    make.use_templates(settings)
    for name, value in make.EVERY_HOUR.items():
        setattr(settings, name, value)
    monkeypatch.setattr(after_commit, "doorbell", after_commit.Doorbell())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with mail_world(tmp_path) as made:
        yield made


def queue_mixed(rep: User, count: int) -> list[OutgoingMail]:
    """As many to reps as to buyers, each buyer a contact of its own, all due."""
    now = timezone.now()
    pairs = [(make.to_rep(rep, due_at=now), make.to_buyer(due_at=now)) for _ in range(count // 2)]
    return mailing.queue([mail for pair in pairs for mail in pair])


def states() -> dict[str, int]:
    rows = OutgoingMail.objects.values_list("audience", "state")
    return {f"{a} {s}": list(rows).count((a, s)) for a, s in set(rows)}


# ---- kills ---------------------------------------------------------------------------------------


def test_ten_kills_lose_nothing_and_no_buyer_hears_twice(world: World) -> None:
    """F1. Mutation: with one commit a batch instead of one a mail this turns red."""
    world.post.before_yes = lambda: time.sleep(0.004)
    queue_mixed(rep(), 1000)
    crew = [world.worker(), world.worker()]

    with world.poked():
        for kill in range(1, KILLS + 1):
            wait_until(
                lambda: len(world.post.received) > 80 * kill,  # noqa: B023
                seconds=60,
                what=f"enough mail for kill {kill}",
            )
            time.sleep(random.random() / 20)
            world.kill(crew.pop(0))
            crew.append(world.worker())
        world.wait_until_settled(seconds=60)

    to_reps, to_buyers = world.times_arrived(REP), world.times_arrived(BUYER)
    uncertain = OutgoingMail.objects.filter(state=MailState.UNCERTAIN).count()
    assert set(states()) <= {"rep sent", "buyer sent", "buyer uncertain"}
    assert to_reps[0] == 0
    assert sum((times - 1) * mails for times, mails in to_reps.items()) <= KILLS
    assert set(to_buyers) <= {0, 1}
    assert to_buyers[0] <= uncertain <= KILLS
    assert OutgoingMail.objects.problems().count() == uncertain
    for copies in world.deliveries(REP).values():
        assert len(set(copies)) == 1  # the same Message-ID and Date: the same bytes


def rep() -> User:
    return User.objects.create_user("rita@example.com", name="Rita Rep")


@contextmanager
def senders(world: World) -> Iterator[Callable[[], int]]:
    """Starts a process that sends one mail, and returns its id."""
    environment = {**os.environ, **world.environment}
    command = [sys.executable, "-m", "tests.mail_sender"]
    with subprocess.Popen(
        command,
        cwd=servers.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        into, out = process.stdin, process.stdout

        def start() -> int:
            into.write("one more\n")
            into.flush()
            return int(out.readline())

        yield start


def test_a_kill_between_the_servers_yes_and_our_commit(world: World) -> None:
    """F1b: of each kind twenty times. Reps get it twice, as the same bytes; buyers never, a person decides."""
    victims: queue.Queue[int] = queue.Queue()
    done = threading.Semaphore(0)

    def kill_the_sender() -> None:
        with suppress(queue.Empty):
            os.kill(victims.get_nowait(), signal.SIGKILL)
            done.release()

    world.environment["MAIL_LEASE_SECONDS"] = "600"
    world.post.before_yes = kill_the_sender
    rows = queue_mixed(rep(), 2 * WORST_INSTANTS)

    with senders(world) as start:
        for _ in range(2 * WORST_INSTANTS):
            victims.put(start())
            assert done.acquire(timeout=20)
        mails = OutgoingMail.objects.live()
        assert mails.update(lease_until=timezone.now() - dt.timedelta(seconds=1)) == len(rows)
        wait_until(
            lambda: start() > 0 and not mails.exists(), seconds=60, pause=0.2, what="the rest"
        )

    assert states() == {"rep sent": WORST_INSTANTS, "buyer uncertain": WORST_INSTANTS}
    assert world.times_arrived(REP) == {2: WORST_INSTANTS}
    assert world.times_arrived(BUYER) == {1: WORST_INSTANTS}
    assert all(len(set(copies)) == 1 for copies in world.deliveries(REP).values())
    assert OutgoingMail.objects.problems().count() == WORST_INSTANTS


# ---- doubled, frozen, gone -----------------------------------------------------------------------


def test_two_workers_and_two_beats_double_nothing(world: World) -> None:
    """F7, F8."""
    queue_mixed(rep(), 300)
    for _ in range(2):
        world.worker()
        world.beat()

    world.wait_until_settled(seconds=60)

    assert states() == {"rep sent": 150, "buyer sent": 150}
    assert world.times_arrived(REP) == world.times_arrived(BUYER) == {1: 150}
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {1}


def test_without_redis_saving_is_quick_and_reminders_go_on_after(world: World) -> None:
    """F5, F6: frozen, then killed with all that it knew lost."""
    person = rep()
    world.worker()
    world.beat()
    save(person)
    world.wait_until_settled(seconds=60)
    assert world.broker.process is not None

    os.kill(world.broker.process.pid, signal.SIGSTOP)
    waited = [save(person) for _ in range(10)]
    os.kill(world.broker.process.pid, signal.SIGCONT)
    world.wait_until_settled(seconds=60)

    world.broker.kill()
    waited += [save(person) for _ in range(10)]
    for path in world.broker.folder.iterdir():
        if path.is_dir():
            for file in path.iterdir():
                file.unlink()
    world.broker.start()
    world.wait_until_settled(seconds=60)

    assert max(waited) < 3.0
    assert states() == {"rep sent": 21}
    assert world.times_arrived(REP) == {1: 21}


def save(person: User) -> float:
    """Seconds that it takes to save something that queues a mail."""
    began = time.monotonic()
    with transaction.atomic():
        make.queued(make.to_rep(person, due_at=timezone.now()))
    return time.monotonic() - began
