"""The Celery app, its task class and the beat schedule. Messages carry no meaning: rows in the database do."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm", task_cls="crm.shared.after_commit:AfterCommitTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["crm.shared", "crm.today", "crm.imports", "crm.exports", "deals", "followups", "reviews"]
)

# Plain intervals only: a wall-clock schedule goes wrong on clock-change days, so each task asks the database what is due.
app.conf.beat_schedule = {
    "deliver": {"task": "shared.deliver", "schedule": 20.0},
    "send due mail": {"task": "shared.send_mail", "schedule": 20.0},
    "sweep stop rules": {"task": "followups.sweep_stop_rules", "schedule": 300.0},
    "send invitations": {"task": "reviews.send_invitations", "schedule": 60.0},
    "send digests": {"task": "today.send_digests", "schedule": 300.0},
    "resume imports": {"task": "imports.resume_stalled", "schedule": 60.0},
    "write exports": {"task": "exports.write_waiting", "schedule": 60.0},
    "forget old exports": {"task": "exports.forget_old", "schedule": 3600.0},
    "resume bulk edits": {"task": "deals.resume_bulk", "schedule": 60.0},
    "learn what is stuck": {"task": "deals.learn_pace", "schedule": 3600.0},
    "forget old answers": {"task": "shared.forget_old_answers", "schedule": 3600.0},
}


@worker_init.connect
def keep_memory_shared(**_: Any) -> None:
    """Before a worker forks: a garbage collection in a child would copy every page (280 MB instead of 226)."""
    gc.collect()
    gc.freeze()
