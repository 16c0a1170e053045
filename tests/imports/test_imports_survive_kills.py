"""Real workers are killed while an import comes in, and while it is taken back: nothing half, nothing twice."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from crm.imports import preparing, undoing
from crm.imports.models import Import, ImportChange
from crm.imports.states import ImportState
from crm.shared.after_commit import poke
from crm.shared.models import EventRecord
from crm.shared.roles import Role
from crm.shared.supervision import wait_until
from deals.models import Account, Deal, Outcome, StageChange
from tests.factories import imports as files
from tests.factories import shared
from tests.servers import Celery

pytestmark = [
    pytest.mark.servers,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]
ROWS = 6000  # six batches
KILLS = 2


@pytest.fixture(autouse=True)
def reaches_the_worker(celery: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", celery.environment["REDIS_URL"])


def lines(count: int) -> str:
    """Two open ones, a won one and a lost one, and again."""
    four = (files.OPEN, files.OPEN.replace("D1", "D4"), files.WON, files.LOST)
    rows = (
        four[n % 4].replace(",", f"-{n},", 1).replace("Vale", f"Vale {n}") for n in range(count)
    )
    return files.HEADER + "".join(rows)


def work_through(job: Import, celery: Celery, *, state: ImportState) -> int:
    """Let workers go on with it, and kill the first ones once they have got somewhere; returns how many were killed."""
    killed = 0
    for _ in range(KILLS):
        worker = celery.start("worker", "-c", "1")
        before = Import.objects.get(pk=job.pk)
        poke("imports.resume_stalled")
        wait_until(
            lambda: has_moved(before),  # noqa: B023
            seconds=60,
            pause=0.02,
            what="a batch",
        )
        celery.kill(worker)
        killed += Import.objects.get(pk=job.pk).state != state
        Import.objects.filter(pk=job.pk).update(lease_until=timezone.now())  # two minutes later
    worker = celery.start("worker", "-c", "1")
    poke("imports.resume_stalled")
    done = Import.objects.filter(pk=job.pk, state=state)
    wait_until(done.exists, seconds=120, pause=0.2, what=f"the import to be {state}")
    celery.kill(worker)
    return killed


def has_moved(before: Import) -> bool:
    now = Import.objects.get(pk=before.pk)
    return (now.position, now.undone) != (before.position, before.undone)


def test_what_killed_workers_left_comes_in_once_and_is_taken_back_once(
    celery: Celery, tmp_path: Path
) -> None:
    admin = shared.user(name="Ada Admin", email="admin@example.com", role=Role.ADMIN)
    job = preparing.start(
        files.prepared(files.file(tmp_path, lines(ROWS)), by=admin), dry_run=False
    )

    killed = work_through(job, celery, state=ImportState.DONE)

    done = Import.objects.get(pk=job.pk)
    assert (killed, done.position, done.counts) == (
        KILLS,
        ROWS,
        {"read": ROWS, "created": ROWS, "updated": 0, "unchanged": 0, "rejected": 0},
    )
    assert Deal.objects.values("external_id").distinct().count() == Deal.objects.count() == ROWS
    assert (Outcome.objects.count(), StageChange.objects.count()) == (ROWS // 2, ROWS * 5 // 4)
    assert EventRecord.objects.filter(name="deal.imported").count() == ROWS
    assert EventRecord.objects.filter(name="deal.past_closing_recorded").count() == ROWS // 2
    accounts = Account.objects.count()
    assert accounts == ROWS * 3 // 4 + 1
    written = ImportChange.objects.count()
    assert written == ROWS + accounts + 3  # two products and a competitor

    undoing.ask(done, by=admin, now=dt.datetime.now(dt.UTC))
    killed = work_through(job, celery, state=ImportState.UNDONE)

    back = Import.objects.get(pk=job.pk)
    assert (killed, back.undone) == (
        KILLS,
        {"changes": written, "removed": written, "restored": 0, "kept": 0},
    )
    for model in (Deal, Account, Outcome, StageChange, ImportChange):
        assert not model._default_manager.exists()
    assert EventRecord.objects.filter(name="import.undone").count() == 1
