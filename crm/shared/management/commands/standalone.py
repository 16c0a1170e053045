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

from crm.shared import supervision
from crm.shared.models import User
from crm.shared.supervision import answers, free_port, valkey_binary, valkey_command, wait_until

PYTHON = sys.executable
WEB_THREADS = 16
WORKER_PROCESSES = 2
PATIENCE_SECONDS = supervision.REAPER_SECONDS + 2  # what was just killed may still be leaving
NO_BROKER = (
    "This machine has no Valkey and no Redis: due work is done by one process, in turn. "
    "Set REDIS_URL to have workers."
)


class Command(BaseCommand):
    help = "Sets everything up and serves Rebound on this machine until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with a sample company")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, demo: bool, port: int, **options: Any) -> None:
        var = Path(settings.VAR_DIR).resolve()
        with only_one(var / "standalone.lock") as lock:
            self.refuse_taken(port)
            if "BASE_URL" not in os.environ:
                settings.BASE_URL = address(port)  # the links that the sample company prints
            sample_is_new = self.prepare(demo=demo)
            broker_port = 0 if settings.REDIS_URL or not valkey_binary() else remembered_port(var)
            plan = {
                "port": port,
                "broker_port": broker_port,
                "children": crew(var, port, broker_port),
                "welcome": welcome(
                    port,
                    has_broker=bool(settings.REDIS_URL or broker_port),
                    sample_is_new=sample_is_new,
                ),
            }
            hand_over(var / "standalone.json", plan, keep_open=lock)

    def refuse_taken(self, port: int) -> None:
        try:
            wait_until(lambda: not answers(port), seconds=PATIENCE_SECONDS, what="the port")
        except TimeoutError as error:
            advice = f"Something else answers on port {port}. Name another one: --port {port + 1}"
            raise CommandError(advice) from error

    def prepare(self, *, demo: bool) -> bool:
        """Tables, messages, static files, and the sample company if it was asked for: whether it is new."""
        call_command("migrate", verbosity=0)
        compile_messages(settings.LOCALE_PATHS[0])
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        sample_is_new = demo and not User.objects.filter(is_sample=True).exists()
        if sample_is_new:
            call_command("demo_company", stdout=self.stdout)
        return sample_is_new


def hand_over(path: Path, plan: dict[str, Any], *, keep_open: int) -> None:
    """Become the supervisor: the same process, but without Django it takes 60 MB less."""
    path.write_text(json.dumps(plan), encoding="utf-8")
    os.set_inheritable(keep_open, True)  # noqa: FBT003
    os.chdir(settings.BASE_DIR)
    sys.stdout.flush()
    program = [PYTHON, "-P", supervision.__file__, str(path)]
    os.execv(PYTHON, program)  # noqa: S606  (our own program)


# ---- one at a time -------------------------------------------------------------------------------


@contextmanager
def only_one(path: Path) -> Iterator[int]:
    """Hold this lock file. Raises CommandError when another holds it, and be it only its reaper."""
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
    path.write_text(json.dumps(known | {"broker_port": port}), encoding="utf-8")
    return port


# ---- the children --------------------------------------------------------------------------------


def crew(var: Path, port: int, broker_port: int) -> list[dict[str, Any]]:
    """Who runs, in the order of starting; `broker_port` 0 = no broker of our own."""
    environment = {"VAR_DIR": str(var), "BASE_URL": settings.BASE_URL}
    children = []
    if broker_port:
        environment["REDIS_URL"] = f"redis://127.0.0.1:{broker_port}/0"
        children.append(child("The broker", broker(var, broker_port), var))
    work = worker(var) if broker_port or settings.REDIS_URL else [PYTHON, "manage.py", "due_work"]
    # Told to stop, a worker gives its tasks 30 seconds and hands the rest back; else it waits for all of them.
    stop_soon = {"REMAP_SIGTERM": "SIGQUIT"}
    children.append(child("The worker", work, var, environment | stop_soon))
    children.append(child("The web server", web(port), var, environment))
    return children


def broker(var: Path, port: int) -> list[str]:
    folder = var / "valkey"
    folder.mkdir(exist_ok=True)
    return valkey_command(str(valkey_binary()), port=port, folder=folder)


def child(
    name: str, command: list[str], var: Path, environment: dict[str, str] | None = None
) -> dict[str, Any]:
    """The fields of a supervision.Child as plain values; its log is named by its last word."""
    log = var / "log" / f"{name.split()[1]}.log"
    return {"name": name, "command": command, "log": str(log), "environment": environment or {}}


def worker(var: Path) -> list[str]:
    """A worker with the clock (beat) inside."""
    command = [PYTHON, "-m", "celery", "-A", "crm", "worker", "-B"]
    command += ["-c", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle"]
    return [*command, "--schedule", str(var / "beat-schedule"), "--loglevel", "WARNING"]


def web(port: int) -> list[str]:
    command = [PYTHON, "-m", "gunicorn", "crm.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS)]
    return [*command, "--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"]


# ---- words ---------------------------------------------------------------------------------------


def compile_messages(folder: Path) -> None:
    """Message catalogues, by Babel: Django's own command needs gettext, which a bare machine lacks."""
    if any(is_newer(path) for path in folder.glob("*/LC_MESSAGES/django.po")):
        command = [PYTHON, "-m", "babel.messages.frontend", "compile"]
        subprocess.run(  # noqa: S603  (our own command line)
            [*command, "-D", "django", "-d", str(folder)], check=True, capture_output=True
        )


def is_newer(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def welcome(port: int, *, has_broker: bool, sample_is_new: bool = False) -> str:
    way_in = "Sign in with a name and password from above." if sample_is_new else how_to_sign_in()
    lines = [f"Rebound is ready: {address(port)}", way_in, "Ctrl-C stops it."]
    return "\n".join(lines if has_broker else [NO_BROKER, *lines])


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
