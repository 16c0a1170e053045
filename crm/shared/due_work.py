"""The beat schedule without a broker: what is due is done in this process, one thing after another."""

import logging
import threading
import time

from celery import Celery, current_app
from django.db import close_old_connections

log = logging.getLogger(__name__)


class DueWork(threading.Thread):
    """Runs each task of the schedule when its interval has passed, for as long as the process lives."""

    def __init__(self, app: Celery = current_app, pause: float = 1.0) -> None:
        super().__init__(name="due work", daemon=True)
        self.app = app
        self.pause = pause
        self.due_at: dict[str, float] = {}

    def run(self) -> None:
        self.app.loader.import_default_modules()
        while True:
            self.do_what_is_due(time.monotonic())
            time.sleep(self.pause)

    def do_what_is_due(self, clock: float) -> None:
        for entry in self.app.conf.beat_schedule.values():
            name = entry["task"]
            if clock < self.due_at.get(name, clock):
                continue
            self.due_at[name] = clock + entry["schedule"]
            try:
                self.app.tasks[name].apply(throw=True)
            except Exception:
                log.exception("Due work failed: %s", name)
            finally:
                close_old_connections()
