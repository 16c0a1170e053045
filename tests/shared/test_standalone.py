"""One command serves everything, restarts what dies, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.shared.management.commands import standalone
from crm.shared.supervision import answers, free_port, wait_until
from tests import servers
from tests.factories import shared as make


@pytest.fixture
def environment(tmp_path):
    """A machine where nothing is set."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return kept | {"VAR_DIR": str(tmp_path / "var"), "LANG": "C.UTF-8"}


@pytest.fixture
def running(environment):
    """`manage.py standalone` as a person starts it, answering on `running.port`."""
    port = free_port()
    command = [sys.executable, "manage.py", "standalone", "--port", str(port)]
    process = subprocess.Popen(command, cwd=servers.ROOT, env=environment, stdout=subprocess.PIPE)
    process.port = port
    yield process
    process.kill()
    process.communicate()
    wait_until(lambda: not processes_on(environment), seconds=60, what="the last process to go")


def processes_on(environment, having=""):
    """Ids of all processes that work on this VAR_DIR and have this word in their command line."""
    mark = f"VAR_DIR={environment['VAR_DIR']}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended
            continue
        if mark in variables and having in words:
            found.append(int(entry.name))
    return found


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
        return response.status, response.read()


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def child_of(process, environment, having):
    """The process with this word that the supervisor itself started, not one of its helpers."""
    found = [pid for pid in processes_on(environment, having) if parent_of(pid) == process.pid]
    return found[0] if found else None


@pytest.mark.servers
def test_it_serves_restarts_and_leaves_nothing_behind(running, environment):
    wait_until(lambda: answers(running.port), seconds=90, what="the page")
    assert get(running.port, "/healthz") == (200, b'{"status": "ok"}')
    ready = json.loads(get(running.port, "/readyz")[1])
    assert (ready["status"], ready["broker"]) == ("ok", "ok")
    assert get(running.port, "/static/css/tokens.css")[0] == 200

    for having in ("celery", "valkey-server", "gunicorn"):
        killed = child_of(running, environment, having)
        os.kill(killed, signal.SIGKILL)
        wait_until(
            lambda having=having, killed=killed: (
                child_of(running, environment, having) not in {None, killed}
            ),
            seconds=20,
            what=f"another {having}",
        )
    wait_until(lambda: answers(running.port), seconds=30, what="the page again")

    running.kill()
    wait_until(lambda: not processes_on(environment), seconds=60, what="the last process to go")


@pytest.mark.servers
def test_it_stops_in_seconds_when_asked(running, environment):
    wait_until(lambda: answers(running.port), seconds=90, what="the page")

    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=30)[0].decode()

    assert running.returncode == 0
    assert time.monotonic() - began < 30
    assert processes_on(environment) == []
    assert f"http://127.0.0.1:{running.port}" in said
    assert "manage.py createsuperuser" in said


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_second_one_on_the_same_folder_is_refused(settings, tmp_path, monkeypatch, capsys):
    """In this process, so that a signal to it stops it."""
    settings.VAR_DIR = tmp_path
    settings.REDIS_URL = ""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'rebound.sqlite3'}")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "crm.settings")
    before = {sig: signal.getsignal(sig) for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    port, refusals = free_port(), []

    def start_another_then_stop():
        wait_until(lambda: answers(port), seconds=60)
        try:
            call_command("standalone", port=free_port())
        except CommandError as refusal:
            refusals.append(str(refusal))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=start_another_then_stop)
    thread.start()
    call_command("standalone", port=port)
    thread.join()
    for sig, handler in before.items():
        signal.signal(sig, handler)

    assert refusals == [
        f"Rebound already runs on {tmp_path}. Stop it, or set VAR_DIR to another folder."
    ]
    assert "Rebound is ready" in capsys.readouterr().out


def test_a_taken_port_is_refused_with_advice(broker, monkeypatch):
    monkeypatch.setattr(standalone, "PATIENCE_SECONDS", 0)

    with pytest.raises(CommandError, match=f"--port {broker.port + 1}"):
        standalone.Command().refuse_taken(broker.port)


def test_the_broker_keeps_its_port(tmp_path):
    first = standalone.remembered_port(tmp_path)

    assert standalone.remembered_port(tmp_path) == first


def test_a_port_that_somebody_took_is_replaced(tmp_path, broker):
    (tmp_path / "standalone.json").write_text(json.dumps({"broker_port": broker.port}))

    assert standalone.remembered_port(tmp_path) != broker.port


def test_a_named_redis_is_used_instead_of_our_own(settings, tmp_path):
    settings.REDIS_URL = "redis://127.0.0.1/0"

    children = standalone.crew(tmp_path, 0, 8000)

    assert [child.name for child in children] == ["The worker", "The web server"]


def test_without_any_broker_the_web_server_is_alone(settings, tmp_path, monkeypatch):
    settings.REDIS_URL = ""
    monkeypatch.setattr(standalone, "valkey_binary", lambda: None)

    children = standalone.crew(tmp_path, 0, 8000)

    assert [child.name for child in children] == ["The web server"]


@pytest.mark.django_db
def test_the_way_to_sign_in_depends_on_who_there_is():
    nobody = standalone.how_to_sign_in()
    make.user()
    somebody = standalone.how_to_sign_in()
    make.user(is_sample=True)
    sample = standalone.how_to_sign_in()

    assert "createsuperuser" in nobody
    assert somebody == "Sign in with your e-mail address and password."
    assert "changepassword rep@example.com" in sample


def test_messages_are_compiled_when_they_are_newer(tmp_path):
    source = tmp_path / "it" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Language: it\\n"\n\nmsgid "Deal"\nmsgstr "Trattativa"\n')

    standalone.compile_messages(tmp_path)
    compiled = source.with_suffix(".mo").stat().st_mtime_ns
    standalone.compile_messages(tmp_path)

    assert source.with_suffix(".mo").stat().st_mtime_ns == compiled
