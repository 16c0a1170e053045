"""An import as a job: prepared, started, resumed; nothing half, nothing twice."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports import drafts, preparing, running
from crm.imports.models import Import
from crm.imports.states import ImportState
from crm.shared import leases
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, Notice, User
from deals.models import Deal
from tests.factories import deals
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def test_a_file_without_a_needed_column_is_not_started(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "amount\n12\n"), by=rep)

    with pytest.raises(
        ActionRefused, match="account / external_id / product / title; stage / status"
    ):
        preparing.start(job, dry_run=False)


def test_columns_are_corrected_by_hand_before_the_start(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "what,stage\nA,Suspect\n"), by=rep)

    started = preparing.start(job, dry_run=False, mapping={"what": "title", "stage": "stage"})

    assert [(m["column"], m["field"], m["samples"]) for m in started.mapping] == [
        ("what", "title", ["A"]),
        ("stage", "stage", ["Suspect"]),
    ]
    with pytest.raises(ActionRefused, match="started already"):
        preparing.start(job, dry_run=False)


def test_a_mapping_that_names_nothing_is_refused(rep: User, tmp_path: Path) -> None:
    with pytest.raises(ActionRefused, match="colour"):
        files.prepared(files.file(tmp_path, "a,stage\n"), by=rep, mapping={"a": "colour"})


def test_a_broken_file_stops_with_the_line_and_keeps_what_came_in(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    monkeypatch.setattr(drafts, "SAMPLE", 2)
    path = tmp_path / "deals.csv"
    good = "".join(files.OPEN.replace("D1", f"D{number}") for number in range(70))
    path.write_bytes((files.HEADER + good).encode() + b'"' + b"y" * (1024 * 1024 + 10) + b'"\n')

    job = files.ran(path, by=rep)

    assert (job.state, Deal.objects.count()) == (ImportState.FAILED, 70)
    assert "Line 72" in Import.objects.get().why_failed


def test_only_one_worker_runs_it(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = preparing.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    Import.objects.filter(pk=job.pk).update(
        state=ImportState.RUNNING, lease_until=now + dt.timedelta(seconds=60)
    )

    assert leases.waiting(running.live(), now) == []
    assert running.run(job.pk) is None
    assert leases.waiting(running.live(), now + dt.timedelta(seconds=60)) == [job.pk]
    assert not Deal.objects.exists()


def test_a_worker_that_lost_its_claim_leaves_no_row_behind(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = preparing.start(
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
    job = preparing.start(
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
    assert files.counts(finished) == (7, 7, 0, 0, 0)
    assert sorted(Deal.objects.values_list("title", flat=True)) == [
        f"Deal {number}" for number in range(7)
    ]


def test_a_long_import_is_put_down_and_taken_up_again(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    job = preparing.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN + files.WON), by=rep),
        dry_run=False,
    )

    running.run(job.pk, seconds=-1)
    first = Import.objects.get(pk=job.pk)
    running.run(job.pk)

    assert (first.state, first.position, Deal.objects.count()) == (ImportState.QUEUED, 1, 2)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_lead_that_became_a_second_deal_changes_nothing_of_the_first(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    """The head of the file has each once, so that the id serves; it is seen again after a resume too."""
    monkeypatch.setattr(drafts, "SAMPLE", 2)
    monkeypatch.setattr(running, "BATCH", 2)
    lines = "Lead ID,title,stage\nL1,Depot,Suspect\nL2,Ward,Suspect\nL1,Reefer,Suspect\nL3,Dock,Suspect\nL3,Quay,Suspect\n"
    job = preparing.start(files.prepared(files.file(tmp_path, lines), by=rep), dry_run=dry_run)

    for _batch in range(3):
        running.run(job.pk, seconds=-1)
    done = running.run(job.pk)

    assert done is not None
    assert (done.state, files.counts(done)) == (ImportState.DONE, (5, 3, 0, 0, 2))
    assert set(done.rejected.values_list("line", "column", "value", "why")) == {
        (line, "Lead ID", lead, "The id of this lead stands in the file twice.")
        for line, lead in ((4, "L1"), (6, "L3"))
    }
    titles = Deal.objects.order_by("external_id").values_list("title", flat=True)
    assert list(titles) == ([] if dry_run else ["Depot", "Ward", "Dock"])


def test_after_a_dry_run_the_same_file_comes_in_for_real(rep: User, tmp_path: Path) -> None:
    tried = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep, dry_run=True)

    job = preparing.again(tried, by=rep)
    running.run(job.pk)

    assert Deal.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_rows(rep: User, tmp_path: Path) -> None:
    def queries(rows: int) -> int:
        lines = "".join(
            files.WON.replace("D2", f"{rows}-W{n}") + files.LOST.replace("D3", f"{rows}-L{n}")
            for n in range(rows)
        )
        path = files.file(tmp_path, files.HEADER + lines)
        job = preparing.start(files.prepared(path, by=rep), dry_run=False)
        with CaptureQueriesContext(connection) as captured:
            running.run(job.pk)
        return len(captured)

    queries(1)  # adds the accounts, products and competitors

    assert queries(2) == queries(8)


def test_what_fails_each_time_stops_after_three_tries_and_goes_on_when_it_is_mended(
    rep: User, admin: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    lines = "".join(f"Deal {number},Suspect\n" for number in range(5))
    job = preparing.start(
        files.prepared(files.file(tmp_path, "title,stage\n" + lines), by=rep), dry_run=False
    )
    whole = running._write  # noqa: SLF001

    def fails(job: Import, batch: list, *rest: object) -> object:
        if batch[0].line > 2:
            raise ZeroDivisionError("a row that nobody foresaw")
        return whole(job, batch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_write", fails)
    for _ in range(running.MOST_TRIES):  # the first one got on, to this place
        with pytest.raises(ZeroDivisionError):
            running.run(job.pk)
        assert leases.waiting(running.live(), now) == []
        Import.objects.update(lease_until=now)  # two minutes later
    running.run(job.pk)
    stopped = Import.objects.get(pk=job.pk)
    told = set(Notice.objects.values_list("user", "path"))

    assert (stopped.state, stopped.position, Deal.objects.count()) == (ImportState.FAILED, 2, 2)
    assert "after row 2 (ZeroDivisionError)" in stopped.why_failed
    assert told == {(one.pk, f"/imports/{job.pk}/") for one in (rep, admin)}
    assert EventRecord.objects.get(name="import.stopped").data["why"] == "ZeroDivisionError"

    monkeypatch.setattr(running, "_write", whole)
    running.run(preparing.again(stopped, by=rep).pk)

    done = Import.objects.get(pk=job.pk)
    assert (done.state, files.counts(done), Deal.objects.count()) == (
        ImportState.DONE,
        (5, 5, 0, 0, 0),
        5,
    )


def test_an_import_whose_workers_die_each_time_stops(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    job = preparing.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    dead = {"state": ImportState.RUNNING, "lease_until": now, "tries": running.MOST_TRIES}
    Import.objects.filter(pk=job.pk).update(**dead)

    running.run(job.pk)

    assert Import.objects.get(pk=job.pk).state == ImportState.FAILED
    assert not Deal.objects.exists()


def test_what_a_file_has_no_column_for_stays_as_it_is(
    colleague: User, admin: User, tmp_path: Path
) -> None:
    account = deals.account(owner=colleague)
    contact = deals.contact(owner=colleague, account=account)
    known = {"account": account, "contact": contact, "product": deals.product(), "source": "Fair"}
    deal = deals.deal(
        owner=colleague, external_id="D7", amount=5, currency="USD", extra={"a": "b"}, **known
    )

    job = files.ran(files.file(tmp_path, "id,title,stage\nD7,Renamed,Negotiation\n"), by=admin)

    deal.refresh_from_db()
    assert (job.counts["updated"], deal.title, deal.owner) == (1, "Renamed", colleague)
    assert {name: getattr(deal, name) for name in known} == known
    assert deal.amount == Decimal(5)
    assert (deal.currency, deal.extra) == ("USD", {"a": "b"})


def test_deals_that_stand_twice_cost_one_round_more_and_no_search(
    rep: User, tmp_path: Path
) -> None:
    def ran(rows: list[str]) -> tuple[int, tuple[int, ...]]:
        path = files.file(tmp_path, files.HEADER + "".join(rows))
        job = preparing.start(files.prepared(path, by=rep), dry_run=False)
        with CaptureQueriesContext(connection) as captured:
            running.run(job.pk)
        return len(captured), files.counts(Import.objects.get(pk=job.pk))

    def named(*ids: str) -> list[str]:
        return [files.OPEN.replace("D1", one) for one in ids]

    ran(named("first"))  # adds the account and the product

    once, _counts = ran([*named("A1", "A2", "A3"), *named("A4")])
    one_twice, _counts = ran([*named("B1", "B2", "B3"), *named("B1")])
    all_twice, found = ran([*named("C1", "C2", "C3", "C4"), *named("C1", "C2", "C3", "C4")])

    assert found == (8, 4, 0, 4, 0)
    assert one_twice == all_twice < 2 * once
