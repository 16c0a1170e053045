"""Everything on one machine by one command: broker, web server and worker, watched over until stopped."""

import fcntl
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from crm.shared.due_work import DueWork
from crm.shared.models import User
from crm.shared.supervision import (
    Child,
    Supervisor,
    answers,
    free_port,
    valkey_binary,
    valkey_command,
    wait_until,
)

WEB_THREADS = 16
WORKER_PROCESSES = 2
PATIENCE_SECONDS = 10  # a server that was just killed may still be leaving
NO_BROKER = (
    "This machine has no Valkey and no Redis: due work is done here, one thing after another. "
    "Set REDIS_URL to have workers."
)


class Command(BaseCommand):
    help = "Sets everything up and serves Rebound on this machine until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with a sample company")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, demo: bool, port: int, **options: Any) -> None:
        var = Path(settings.VAR_DIR)
        with only_one(var / "standalone.lock") as lock:
            self.refuse_taken(port)
            children = crew(var, lock, port)
            supervisor = Supervisor(children, say=self.stdout.write)
            supervisor.stop_on_signals()
            self.prepare(demo=demo)
            try:
                supervisor.start()
                self.welcome(port)
                if len(children) == 1:
                    self.stdout.write(NO_BROKER)
                    DueWork().start()
                supervisor.watch()
            finally:
                self.stdout.write("Stopping …")
                supervisor.stop()

    def refuse_taken(self, port: int) -> None:
        try:
            wait_until(lambda: not answers(port), seconds=PATIENCE_SECONDS, what="the port")
        except TimeoutError as error:
            advice = f"Something else answers on port {port}. Name another one: --port {port + 1}"
            raise CommandError(advice) from error

    def prepare(self, *, demo: bool) -> None:
        """Tables, messages, static files, and the sample company if it was asked for."""
        call_command("migrate", verbosity=0)
        connection.close()  # children have their own
        compile_messages(settings.LOCALE_PATHS[0])
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo and not User.objects.filter(is_sample=True).exists():
            call_command("demo_company", stdout=self.stdout)

    def welcome(self, port: int) -> None:
        try:
            wait_until(lambda: answers(port), seconds=60, what="the web server")
        except TimeoutError as error:
            raise CommandError(f"{error} See {settings.VAR_DIR}/log/web.log.") from error
        self.stdout.write(f"Rebound is ready: http://127.0.0.1:{port}")
        self.stdout.write(how_to_sign_in())
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()


# ---- one at a time -------------------------------------------------------------------------------


@contextmanager
def only_one(path: Path) -> Iterator[int]:
    """Hold this lock file; its descriptor goes to the broker, so two never share one folder.

    Raises CommandError when another holds it, which a supervisor's broker does until it is gone.
    """
    with path.open("w") as file:
        try:
            wait_until(lambda: locked(file.fileno()), seconds=PATIENCE_SECONDS, what="the lock")
        except TimeoutError as error:
            advice = (
                f"Rebound already runs on {path.parent}. Stop it, or set VAR_DIR to another folder."
            )
            raise CommandError(advice) from error
        yield file.fileno()


def locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remembered_port(var: Path) -> int:
    """The broker's port, the same at every start as long as nobody else took it."""
    path = var / "standalone.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    port = int(known.get("broker_port", 0))
    if not port or answers(port):
        port = free_port()
    path.write_text(json.dumps({"broker_port": port}))
    return port


# ---- the children --------------------------------------------------------------------------------


def crew(var: Path, lock: int, port: int) -> list[Child]:
    """Who runs, in the order of starting; the web server alone where no broker can be had."""
    environment = {"BASE_URL": f"http://127.0.0.1:{port}"} | dict(os.environ)
    if settings.REDIS_URL:
        return [worker(var, environment), web(var, environment, port)]
    binary = valkey_binary()
    if binary is None:
        return [web(var, environment, port)]
    broker_port = remembered_port(var)
    environment["REDIS_URL"] = f"redis://127.0.0.1:{broker_port}/0"
    return [
        broker(binary, var, lock, broker_port),
        worker(var, environment),
        web(var, environment, port),
    ]


def broker(binary: str, var: Path, lock: int, port: int) -> Child:
    folder = var / "valkey"
    folder.mkdir(exist_ok=True)
    command = valkey_command(binary, port=port, folder=folder)
    return Child("The broker", command, log=var / "log" / "broker.log", keep_open=(lock,))


def worker(var: Path, environment: dict[str, str]) -> Child:
    """A worker with the clock (beat) inside."""
    command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "-B"]
    command += ["-c", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle"]
    command += ["--schedule", str(var / "beat-schedule"), "--loglevel", "WARNING"]
    return Child("The worker", command, log=var / "log" / "worker.log", environment=environment)


def web(var: Path, environment: dict[str, str], port: int) -> Child:
    command = [sys.executable, "-m", "gunicorn", "crm.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS)]
    command += ["--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"]
    return Child("The web server", command, log=var / "log" / "web.log", environment=environment)


# ---- words ---------------------------------------------------------------------------------------


def compile_messages(folder: Path) -> None:
    """Message catalogues, by Babel: Django's own command needs gettext, which a bare machine lacks."""
    if any(is_newer(path) for path in folder.glob("*/LC_MESSAGES/django.po")):
        command = [sys.executable, "-m", "babel.messages.frontend", "compile"]
        subprocess.run(  # noqa: S603  (our own command line)
            [*command, "-D", "django", "-d", str(folder)], check=True, capture_output=True
        )


def is_newer(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def how_to_sign_in() -> str:
    if User.objects.filter(is_sample=True).exists():
        return (
            "Sign in as rep@example.com, manager@example.com, viewer@example.com or "
            "admin@example.com, with the passwords printed when the sample was made; "
            "a forgotten one is set anew by: manage.py changepassword rep@example.com"
        )
    if User.objects.exists():
        return "Sign in with your e-mail address and password."
    return "Nobody can sign in yet. Make the first person: manage.py createsuperuser"
