"""An import as a job: prepared, started, resumed; nothing half, nothing twice."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports import running
from crm.imports.models import Import
from crm.imports.states import ImportState
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals.models import Deal
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def counts(job: Import) -> tuple[int, ...]:
    return tuple(job.counts.values())


def test_a_file_without_a_needed_column_is_not_started(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "amount\n12\n"), by=rep)

    with pytest.raises(ActionRefused, match="external_id / title; stage"):
        running.start(job, dry_run=False)


def test_columns_are_corrected_by_hand_before_the_start(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "what,stage\nA,Suspect\n"), by=rep)

    started = running.start(job, dry_run=False, mapping={"what": "title", "stage": "stage"})

    assert [(m["column"], m["field"], m["samples"]) for m in started.mapping] == [
        ("what", "title", ["A"]),
        ("stage", "stage", ["Suspect"]),
    ]
    with pytest.raises(ActionRefused, match="started already"):
        running.start(job, dry_run=False)


def test_a_mapping_that_names_nothing_is_refused(rep: User, tmp_path: Path) -> None:
    with pytest.raises(ActionRefused, match="colour"):
        files.prepared(files.file(tmp_path, "a,stage\n"), by=rep, mapping={"a": "colour"})


def test_a_broken_file_stops_with_the_line_and_keeps_what_came_in(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    monkeypatch.setattr(running, "SAMPLE", 2)
    path = tmp_path / "deals.csv"
    good = "".join(files.OPEN.replace("D1", f"D{number}") for number in range(30))
    path.write_bytes((files.HEADER + good).encode() + b'"' + b"y" * (1024 * 1024 + 10) + b'"\n')

    job = files.ran(path, by=rep)

    assert (job.state, Deal.objects.count()) == (ImportState.FAILED, 30)
    assert "Line 32" in Import.objects.get().why_failed


def test_only_one_worker_runs_it(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    Import.objects.filter(pk=job.pk).update(
        state=ImportState.RUNNING, lease_until=now + dt.timedelta(seconds=60)
    )

    assert running.waiting(now) == []
    assert running.run(job.pk) is None
    assert running.waiting(now + dt.timedelta(seconds=60)) == [job.pk]
    assert not Deal.objects.exists()


def test_a_worker_that_lost_its_claim_leaves_no_row_behind(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    written = running._write  # noqa: SLF001

    def stolen(*args: object) -> object:
        result = written(*args)  # type: ignore[arg-type]
        Import.objects.filter(pk=job.pk).update(claim_token=None)
        return result

    monkeypatch.setattr(running, "_write", stolen)

    assert running.run(job.pk) is None
    assert not Deal.objects.exists()


def test_what_a_dead_worker_left_goes_on_where_it_stopped(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    lines = "".join(f"Deal {number},Suspect\n" for number in range(7))
    job = running.start(
        files.prepared(files.file(tmp_path, "title,stage\n" + lines), by=rep), dry_run=False
    )
    whole = running._run_batch  # noqa: SLF001
    done: list[int] = []

    def dies(*args: object) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        whole(*args)  # type: ignore[arg-type]
        done.append(1)

    monkeypatch.setattr(running, "_run_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        running.run(job.pk)
    monkeypatch.setattr(running, "_run_batch", whole)
    Import.objects.update(lease_until=now)

    finished = running.run(job.pk)

    assert finished is not None
    assert counts(finished) == (7, 7, 0, 0, 0)
    assert sorted(Deal.objects.values_list("title", flat=True)) == [
        f"Deal {number}" for number in range(7)
    ]


def test_a_long_import_is_put_down_and_taken_up_again(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN + files.WON), by=rep),
        dry_run=False,
    )

    running.run(job.pk, seconds=-1)
    first = Import.objects.get(pk=job.pk)
    running.run(job.pk)

    assert (first.state, first.position, Deal.objects.count()) == (ImportState.QUEUED, 1, 2)


def test_after_a_dry_run_the_same_file_comes_in_for_real(rep: User, tmp_path: Path) -> None:
    tried = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep, dry_run=True)

    job = running.again(tried, by=rep)
    running.run(job.pk)

    assert Deal.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_rows(rep: User, tmp_path: Path) -> None:
    def queries(rows: int) -> int:
        lines = "".join(
            files.WON.replace("D2", f"{rows}-W{n}") + files.LOST.replace("D3", f"{rows}-L{n}")
            for n in range(rows)
        )
        path = files.file(tmp_path, files.HEADER + lines)
        job = running.start(files.prepared(path, by=rep), dry_run=False)
        with CaptureQueriesContext(connection) as captured:
            running.run(job.pk)
        return len(captured)

    queries(1)  # adds the accounts, products and competitors

    assert queries(2) == queries(8)
