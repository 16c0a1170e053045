"""Without a broker the schedule is kept in this process."""

import logging

import pytest
from celery import Celery

from crm.shared.due_work import DueWork

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
    work = DueWork(app)

    for clock in (0, 5, 10, 59, 61):
        work.do_what_is_due(clock)

    assert done == ["often", "seldom", "often", "often", "seldom"]


def test_a_task_that_fails_is_logged_and_the_others_run(app, caplog):
    app.conf.beat_schedule = {"a": entry("broken", 10.0), "b": entry("often", 10.0)}

    with caplog.at_level(logging.ERROR, logger="crm.shared.due_work"):
        DueWork(app).do_what_is_due(0)

    assert done == ["often"]
    assert [
        record.getMessage() for record in caplog.records if record.name == "crm.shared.due_work"
    ] == ["Due work failed: broken"]


def test_the_thread_knows_our_tasks_and_goes_on(app, monkeypatch):
    class Enough(Exception):
        """Ends the endless loop."""

    app.conf.beat_schedule = {"a": entry("often", 0.0)}
    work = DueWork(app, pause=0.0)

    def after_three_rounds(seconds):
        if len(done) == 3:
            raise Enough

    monkeypatch.setattr("crm.shared.due_work.time.sleep", after_three_rounds)

    with pytest.raises(Enough):
        work.run()
    assert done == ["often"] * 3
