"""Workers, a broker and a mail server around the database of a test: what is killed is real."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from django.db import connection, connections

from crm.shared.after_commit import poke
from crm.shared.models import OutgoingMail
from crm.shared.states import Audience
from crm.shared.supervision import wait_until
from tests import servers
from tests.odd_smtp import OddServer, odd_server
from tests.servers import Valkey

LEASE_SECONDS = 5


@contextmanager
def seen_by_others(folder: Path) -> Iterator[str]:
    """The database of this test as other processes reach it. One in memory becomes a file for a while."""
    if connection.vendor == "postgresql":
        its = connection.settings_dict
        host, port = its["HOST"] or "127.0.0.1", its["PORT"] or 5432
        yield f"postgres://{its['USER']}:{its['PASSWORD']}@{host}:{port}/{its['NAME']}"
        return
    path = folder / "rebound.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL").close()
    in_memory = connections["default"]
    on_disk = in_memory.copy()
    on_disk.settings_dict = on_disk.settings_dict | {"NAME": str(path)}
    connections["default"] = on_disk
    try:
        yield f"sqlite:///{path}"
    finally:
        on_disk.close()
        connections["default"] = in_memory


@dataclass
class World:
    """`worker()` and `beat()` start processes of the real app; `post` is the server that they send to."""

    folder: Path
    post: OddServer
    broker: Valkey
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as output:
            process = servers.start(
                [sys.executable, "-m", *words], environment=self.environment, output=output
            )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        name = f"{len(self.processes)}@test"
        options = ["-c", "1", "--without-mingle", "--without-gossip", "--without-heartbeat"]
        return self.start("celery", "-A", "crm", "worker", "-n", name, "-l", "WARNING", *options)

    def beat(self) -> subprocess.Popen[bytes]:
        schedule = str(self.folder / f"{len(self.processes)}.schedule")
        options = ["-s", schedule, "--pidfile", "", "-l", "WARNING"]
        return self.start("celery", "-A", "tests.fast_beat", "beat", *options)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9, of it and of all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_settled(self, seconds: float) -> None:
        mails = OutgoingMail.objects.live()
        wait_until(lambda: not mails.exists(), seconds=seconds, pause=0.2, what="the last mail")

    def deliveries(self, audience: Audience) -> dict[str, list[bytes]]:
        """What arrived, whole, by Message-ID, for each mail to such readers."""
        ids = OutgoingMail.objects.filter(audience=audience).values_list("message_id", flat=True)
        arrived: dict[str, list[bytes]] = {message_id: [] for message_id in ids}
        for message in list(self.post.received):
            message_id = str(message_from_bytes(message)["Message-ID"])
            if message_id in arrived:
                arrived[message_id].append(message)
        return arrived

    def times_arrived(self, audience: Audience) -> Counter[int]:
        """How many mails arrived how many times."""
        return Counter(map(len, self.deliveries(audience).values()))

    @contextmanager
    def poked(self) -> Iterator[None]:
        """As by a beat with little patience: three times a second."""
        done = threading.Event()

        def poke_often() -> None:
            while not done.wait(0.3):
                poke("shared.send_mail")

        thread = threading.Thread(target=poke_often, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextmanager
def mail_world(folder: Path, **post: Any) -> Iterator[World]:
    with seen_by_others(folder) as url, servers.valkey() as broker, odd_server(**post) as server:
        environment = {
            "DJANGO_SETTINGS_MODULE": "crm.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "EMAIL_TIMEOUT": "2",
            "MAIL_LEASE_SECONDS": str(LEASE_SECONDS),
            "MAIL_LANES": "20",  # a killed process keeps its own closed for a while
            "BUYER_MAIL_HOURS": "0,24",
            "BUYER_MAIL_EVERY_DAY": "1",
            "COMPANY_ADDRESS": "1 Mill Lane, Ludlow",
        }
        world = World(folder, server, broker, environment)
        os.environ["CELERY_BROKER_WRITE_URL"] = broker.url
        try:
            yield world
        finally:
            del os.environ["CELERY_BROKER_WRITE_URL"]
            for process in world.processes:
                world.kill(process)
