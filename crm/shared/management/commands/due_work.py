"""The beat schedule without a broker: one process does what is due, one thing after another."""

import logging
import time
from typing import Any

from celery import Celery, current_app
from django.core.management.base import BaseCommand
from django.db import close_old_connections

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does due work until stopped, where there is neither Valkey nor Redis for a worker."

    def handle(self, *args: Any, **options: Any) -> None:
        due_at: dict[str, float] = {}
        while True:
            do_what_is_due(current_app, due_at, time.monotonic())
            time.sleep(1)


def do_what_is_due(app: Celery, due_at: dict[str, float], clock: float) -> None:
    """Run each task of the schedule whose interval (seconds) has passed; `due_at` remembers when."""
    for entry in app.conf.beat_schedule.values():
        name = entry["task"]
        if clock < due_at.get(name, clock):
            continue
        due_at[name] = clock + entry["schedule"]
        try:
            app.tasks[name].apply(throw=True)
        except Exception:
            log.exception("Due work failed: %s", name)
        finally:
            close_old_connections()
