"""One command serves everything, restarts what dies, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
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
    """Ids of all processes that hold a file open below this VAR_DIR: each child writes its log there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            files = [str(link.readlink()) for link in (entry / "fd").iterdir()]
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended
            continue
        if having in words and any(name.startswith(environment["VAR_DIR"]) for name in files):
            found.append(int(entry.name))
    return found


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
        return response.status, response.read()


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def child_of(process, environment, having):
    """The process with this word that the supervisor itself started, not one of its helpers."""
    found = [pid for pid in processes_on(environment, having) if parent_of(pid) == process.pid]
    return found[0] if found else None


def new_child(process, environment, having, other_than=None):
    """The process with this word once it runs, and is not the one that was killed."""

    def found():
        return child_of(process, environment, having) not in {None, other_than}

    wait_until(found, seconds=90, what=f"a {having} other than {other_than}")
    return child_of(process, environment, having)


@pytest.mark.servers
def test_it_serves_restarts_and_leaves_nothing_behind(running, environment):
    wait_until(lambda: answers(running.port), seconds=90, what="the page")
    assert get(running.port, "/healthz") == (200, b'{"status": "ok"}')
    ready = json.loads(get(running.port, "/readyz")[1])
    assert (ready["status"], ready["broker"]) == ("ok", "ok")
    assert get(running.port, "/static/css/tokens.css")[0] == 200

    for having in ("celery", "valkey-server", "gunicorn"):
        killed = new_child(running, environment, having)
        os.kill(killed, signal.SIGKILL)
        new_child(running, environment, having, other_than=killed)
    wait_until(lambda: answers(running.port), seconds=90, what="the page again")

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
def test_a_second_one_on_the_same_folder_is_refused(running, environment):
    wait_until(lambda: answers(running.port), seconds=90, what="the page")
    command = [sys.executable, "manage.py", "standalone", "--port", str(free_port())]

    second = subprocess.run(
        command, cwd=servers.ROOT, env=environment, capture_output=True, text=True
    )

    assert second.returncode == 1
    assert f"Rebound already runs on {environment['VAR_DIR']}." in second.stderr


@pytest.mark.django_db
def test_it_prepares_and_hands_over_to_the_supervisor(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.REDIS_URL = ""
    settings.BASE_URL = "put back after the test"
    monkeypatch.delenv("BASE_URL", raising=False)
    monkeypatch.setattr(standalone.os, "chdir", lambda folder: None)
    became = []
    monkeypatch.setattr(standalone.os, "execv", lambda *words: became.append(words))
    port = free_port()

    call_command("standalone", port=port)

    plan = json.loads((tmp_path / "standalone.json").read_text())
    [(program, words)] = became
    assert (program, words[1:2] + words[3:]) == (
        sys.executable,
        ["-P", str(tmp_path / "standalone.json")],
    )
    assert plan["port"] == port
    assert [child["name"] for child in plan["children"]] == [
        "The broker",
        "The worker",
        "The web server",
    ]
    assert plan["children"][2]["environment"] == {
        "VAR_DIR": str(tmp_path),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": f"redis://127.0.0.1:{plan['broker_port']}/0",
    }


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

    worker, web = standalone.crew(tmp_path, port=8000, broker_port=0)

    assert "celery" in worker["command"]
    assert web["name"] == "The web server"


def test_without_any_broker_one_process_does_what_is_due(settings, tmp_path):
    settings.REDIS_URL = ""

    worker, web = standalone.crew(tmp_path, port=8000, broker_port=0)

    assert worker["command"][1:] == ["manage.py", "due_work"]
    assert web["name"] == "The web server"


@pytest.mark.django_db
def test_the_person_is_told_when_there_is_no_broker():
    with_broker = standalone.welcome(8000, has_broker=True)
    without = standalone.welcome(8000, has_broker=False)
    with_sample = standalone.welcome(8000, has_broker=True, sample_is_new=True)

    assert "from above" in with_sample
    assert without == f"{standalone.NO_BROKER}\n{with_broker}"


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
