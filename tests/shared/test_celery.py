"""The worker's own set-up."""

import gc

from crm.celery import app, keep_memory_shared


def test_what_is_loaded_before_a_fork_is_left_alone_by_the_collector():
    keep_memory_shared()
    frozen = gc.get_freeze_count()
    gc.unfreeze()

    assert frozen > 0


def test_every_task_of_the_schedule_is_known_and_recurs_by_interval():
    app.loader.import_default_modules()

    schedule = app.conf.beat_schedule.values()

    assert {entry["task"] for entry in schedule} - set(app.tasks) == set()
    assert [entry for entry in schedule if not isinstance(entry["schedule"], float)] == []
