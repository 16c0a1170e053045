"""Without a broker the schedule is kept in this process."""

import logging

import pytest
from celery import Celery
from django.core.management import call_command

from crm.shared.management.commands import due_work

pytestmark = pytest.mark.django_db
done: list[str] = []


@pytest.fixture
def app():
    def often():
        done.append("often")

    def seldom():
        done.append("seldom")

    def broken():
        raise ValueError("out of order")

    made = Celery("due", set_as_current=False, broker="memory://")
    for work in (often, seldom, broken):
        made.task(work, name=work.__name__, lazy=False, shared=False)
    done.clear()
    return made


def entry(name, seconds):
    return {"task": name, "schedule": seconds}


def test_each_task_runs_when_its_interval_has_passed(app):
    app.conf.beat_schedule = {"a": entry("often", 10.0), "b": entry("seldom", 60.0)}
    due_at: dict[str, float] = {}

    for clock in (0, 5, 10, 59, 61):
        due_work.do_what_is_due(app, due_at, clock)

    assert done == ["often", "seldom", "often", "often", "seldom"]


def test_a_task_that_fails_is_logged_and_the_others_run(app, caplog):
    app.conf.beat_schedule = {"a": entry("broken", 10.0), "b": entry("often", 10.0)}

    with caplog.at_level(logging.ERROR, logger=due_work.__name__):
        due_work.do_what_is_due(app, {}, 0)

    assert done == ["often"]
    assert [
        record.getMessage() for record in caplog.records if record.name == due_work.__name__
    ] == ["Due work failed: broken"]


def test_the_command_goes_on_until_stopped(app, monkeypatch):
    app.conf.beat_schedule = {"a": entry("often", 0.0)}
    monkeypatch.setattr(due_work, "current_app", app)

    def stop_after_three_rounds(seconds):
        if len(done) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(due_work.time, "sleep", stop_after_three_rounds)

    with pytest.raises(KeyboardInterrupt):
        call_command("due_work")
    assert done == ["often"] * 3
