"""An export as a job: at once or by a worker, whole or not there, kept for a week."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.conf import settings

from crm.exports import running, tasks, writing
from crm.exports.models import Export
from crm.exports.states import ExportState, FileFormat, Kind
from crm.shared import leases
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, User
from crm.shared.roles import Role
from tests.factories import deals, exports

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written at once."""
    monkeypatch.setattr(running, "AT_ONCE", -1)
    monkeypatch.setattr(running, "BATCH", 1)


def left_files() -> list[str]:
    folder = Path(settings.MEDIA_ROOT) / running.FOLDER
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")


def test_a_short_list_is_there_at_once(rep: User, now: dt.datetime) -> None:
    deals.deal(owner=rep)

    job = exports.export(by=rep)

    assert (job.state, job.rows, job.position, job.progress) == (ExportState.DONE, 1, 1, 1.0)
    assert job.path.is_file()
    assert job.kept_until == now + dt.timedelta(days=7)
    record = EventRecord.objects.get(name="export.finished")
    assert (record.actor_id, record.data["rows"]) == (rep.pk, 1)


def test_a_long_list_waits_for_a_worker(
    rep: User, long_ones: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        deals.deal(owner=rep)
    asked: list[int] = []
    monkeypatch.setattr(tasks.write, "delay", lambda *, export_id: asked.append(export_id))
    job = exports.export(by=rep)

    tasks.write_waiting()
    tasks.write(export_id=asked[0])

    assert (job.state, job.progress, asked) == (ExportState.QUEUED, 0.0, [job.pk])
    job.refresh_from_db()
    assert (job.state, job.position) == (ExportState.DONE, 3)


def test_only_one_worker_writes_it(rep: User, long_ones: None, now: dt.datetime) -> None:
    deals.deal(owner=rep)
    job = exports.export(by=rep)
    Export.objects.filter(pk=job.pk).update(
        state=ExportState.RUNNING, lease_until=now + dt.timedelta(seconds=60)
    )

    assert (leases.waiting(running.live(), now), running.run(job.pk)) == ([], None)
    assert leases.waiting(running.live(), now + dt.timedelta(seconds=60)) == [job.pk]


def test_a_worker_that_lost_its_claim_leaves_no_file(
    rep: User, long_ones: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deals.deal(owner=rep)
    job = exports.export(by=rep)
    whole = writing.write

    def taken_meanwhile(path: Path, **known: object) -> None:
        Export.objects.filter(pk=job.pk).update(claim_token=None)
        whole(path, **known)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "write", taken_meanwhile)

    assert running.run(job.pk) is None
    assert left_files() == []


def test_a_worker_that_lost_its_claim_at_the_end_leaves_no_file(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = writing.write

    def taken_meanwhile(path: Path, **known: object) -> None:
        whole(path, **known)  # type: ignore[arg-type]
        Export.objects.update(claim_token=None)

    monkeypatch.setattr(writing, "write", taken_meanwhile)
    deals.deal(owner=rep)

    assert exports.export(by=rep).state == ExportState.QUEUED
    assert left_files() == []


def test_what_a_dead_worker_left_is_cleared_away(rep: User, long_ones: None) -> None:
    deals.deal(owner=rep)
    job = exports.export(by=rep)
    folder = Path(settings.MEDIA_ROOT) / running.FOLDER
    folder.mkdir(parents=True)
    (folder / f"{job.pk}-half.csv").write_text("half")

    done = running.run(job.pk)

    assert left_files() == [Path(done.stored_as).name]


def test_what_takes_too_long_stops_with_a_word(rep: User, long_ones: None) -> None:
    deals.deal(owner=rep)
    job = exports.export(by=rep)

    done = running.run(job.pk, seconds=-1)

    assert (done.state, done.is_over, done.progress) == (ExportState.FAILED, True, 1.0)
    assert "filter the list" in done.why_failed
    assert left_files() == []


def test_whoever_may_not_see_deals_any_more_gets_no_file(rep: User, long_ones: None) -> None:
    job = exports.export(by=rep)
    User.objects.filter(pk=rep.pk).update(role=Role.VIEWER)

    done = running.run(job.pk)

    assert (done.state, left_files()) == (ExportState.FAILED, [])


def test_filters_that_the_list_does_not_know_are_refused(rep: User) -> None:
    with pytest.raises(ActionRefused, match="does not know"):
        exports.export(by=rep, query="colour=red")
    assert not Export.objects.exists()


def test_more_rows_than_a_sheet_holds_are_refused(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_XLSX_ROWS", 1)
    for _number in range(2):
        deals.deal(owner=rep)

    with pytest.raises(ActionRefused, match="take CSV"):
        exports.export(by=rep, file_format=FileFormat.XLSX)


def test_a_file_is_gone_after_a_week_and_who_took_it_is_known(rep: User, now: dt.datetime) -> None:
    job = exports.export(by=rep, kind=Kind.ACCOUNTS)

    with time_machine.travel(now + dt.timedelta(days=6), tick=False):
        tasks.forget_old()
    kept = left_files()
    with time_machine.travel(now + dt.timedelta(days=7), tick=False):
        tasks.forget_old()

    assert (len(kept), left_files()) == (1, [])
    job.refresh_from_db()
    assert (job.is_kept, job.kept_until, job.by, str(job)) == (
        False,
        None,
        rep,
        "accounts-2026-04-20.csv",
    )
