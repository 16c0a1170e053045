"""Bringing data in by hand: upload, match, try, run, fetch what did not come in."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.imports import preparing, running
from crm.imports.models import COUNTS, Import
from crm.imports.states import ImportState
from crm.imports.tasks import resume_stalled, run_import
from crm.shared.models import User
from deals.models import Account, Deal, TargetList
from tests.factories import deals as make
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def upload(client: Client, text: str, *, kind: str = "deals") -> Import:
    file = SimpleUploadedFile("deals.csv", text.encode())
    answer = client.post("/imports/", {"kind": kind, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("pk")


def as_posted(job: Import, **changes: str) -> dict[str, str]:
    return {f"column_{index}": match["field"] for index, match in enumerate(job.mapping)} | changes


def test_from_the_file_to_the_deal(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = upload(client, files.HEADER + files.OPEN)
    path = f"/imports/{job.pk}/"

    page = client.get(path).content.decode()
    client.post(path, as_posted(job) | {"dry_run": "1"})
    running.run(job.pk)
    tried = client.get(path).content.decode()
    client.post(f"{path}again/")
    running.run(Import.objects.latest("pk").pk)

    assert "Ward fridges" in page
    assert "dry run, nothing was written" in tried
    assert Deal.objects.get().title == "Ward fridges"


def test_progress_is_a_fragment_that_stops_asking_at_the_end(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = upload(client, files.HEADER + files.OPEN)
    preparing.start(job, dry_run=False)
    path = f"/imports/{job.pk}/"

    waiting = client.get(path, headers={"HX-Request": "true"}).content.decode()
    running.run(job.pk)
    done = client.get(path, headers={"HX-Request": "true"}).content.decode()

    assert ("<html" in waiting, "every 1s" in waiting, "every 1s" in done) == (False, True, False)


@pytest.mark.parametrize(("text", "why"), [("", "empty"), ("\0\1\2", "not a text file")])
def test_a_file_that_is_no_table_says_so(client: Client, rep: User, text: str, why: str) -> None:
    client.force_login(rep)

    answer = client.post(
        "/imports/", {"kind": "deals", "file": SimpleUploadedFile("x.csv", text.encode())}
    )

    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_two_columns_for_one_field_are_refused_and_the_choice_stays(
    client: Client, rep: User
) -> None:
    client.force_login(rep)
    job = upload(client, "what,name,stage\nA,B,Suspect\n")

    answer = client.post(f"/imports/{job.pk}/", as_posted(job, column_0="title", column_1="title"))

    assert answer.status_code == 422
    assert "Two columns mean the same field" in answer.content.decode()


def test_a_missing_column_is_named_at_the_start(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = upload(client, "what,amount\nA,1\n")

    answer = client.post(f"/imports/{job.pk}/", as_posted(job))

    assert answer.status_code == 422
    assert "No column for" in answer.content.decode()


def test_rejected_rows_come_back_as_a_file_that_no_spreadsheet_runs(
    client: Client, rep: User
) -> None:
    client.force_login(rep)
    bad = files.OPEN.replace("1200", "lots").replace("Ward fridges", "=1+1")
    job = upload(client, files.HEADER + bad)
    running.run(preparing.start(job, dry_run=False).pk)

    answer = client.get(f"/imports/{job.pk}/rejected.csv")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert answer["Content-Disposition"] == f'attachment; filename="rejected-{job.pk}.csv"'
    assert rows[1][1] == "'=1+1"
    assert rows[1][-3:] == ["2", "amount", "This is not an amount."]


def test_an_import_is_its_owners(
    client: Client, rep: User, outsider: User, viewer: User, admin: User
) -> None:
    client.force_login(rep)
    job = upload(client, files.HEADER + files.OPEN)

    statuses = []
    for person in (outsider, viewer, admin):
        client.force_login(person)
        statuses.append(client.get(f"/imports/{job.pk}/").status_code)

    assert statuses == [404, 403, 200]


def test_workers_take_up_what_waits(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = preparing.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    asked: list[int] = []
    monkeypatch.setattr(run_import, "delay", lambda *, import_id: asked.append(import_id))

    resume_stalled()
    run_import(import_id=asked[0])

    job.refresh_from_db()
    assert (asked, job.state) == ([job.pk], ImportState.DONE)


def test_a_file_that_cannot_start_stays_where_it_is(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = upload(client, "what,amount\nA,1\n")

    answer = client.post(f"/imports/{job.pk}/again/", follow=True)

    assert answer.redirect_chain == [(f"/imports/{job.pk}/", 302)]
    assert "No column for" in answer.content.decode()
    assert Import.objects.count() == 1


def test_what_may_be_here_already_is_decided_on_the_page(
    client: Client, rep: User, now: dt.datetime
) -> None:
    """Each choice is kept at once; the import that follows honours them, and what waited comes in when it is decided."""
    for name in ("Vale GmbH", "Lund AB", "Arc Ltd"):
        make.account(owner=rep, name=name)
    Account.objects.update(created_at=now - dt.timedelta(days=1))
    client.force_login(rep)
    job = upload(client, "name,industry\nVale,Food\nLund,\nArc,\n", kind="accounts")
    path = f"/imports/{job.pk}/"
    client.post(path, as_posted(job) | {"dry_run": "1"})
    running.run(job.pk)
    vale, lund, arc = job.questions.all()
    same = str(Account.objects.get(name="Vale GmbH").pk)

    page = client.get(path).content.decode()
    kept = client.post(
        f"{path}decide/",
        {f"question_{vale.pk}": same, f"question_{lund.pk}": "new"},
        headers={"HX-Request": "true"},
    ).content.decode()
    wrong = client.post(f"{path}decide/", {f"question_{arc.pk}": "0"}, follow=True).content.decode()
    client.post(f"{path}again/")
    second = Import.objects.latest("pk")
    running.run(second.pk)

    assert ("3 of 3 not decided" in page, "as they would come out" in page) == (True, True)
    assert ("<html" in kept, "1 of 3 not decided" in kept) == (False, True)
    assert "Choose one of the list." in wrong
    second.refresh_from_db()
    assert tuple(second.counts[name] for name in COUNTS) == (3, 1, 1, 0, 1)
    assert Account.objects.get(pk=same).industry == "Food"

    path = f"/imports/{second.pk}/"
    nothing = client.post(f"{path}take-up/", follow=True).content.decode()
    client.post(f"{path}decide/", {"all": "existing"})
    decided = client.get(path).content.decode()
    client.post(f"{path}take-up/")
    third = Import.objects.latest("pk")
    running.run(third.pk)

    assert "nothing decided" in nothing
    assert "Bring in what is decided" in decided
    third.refresh_from_db()
    assert tuple(third.counts[name] for name in COUNTS) == (1, 0, 0, 1, 0)


def test_deals_of_which_no_column_tells_the_stage_all_begin(client: Client, rep: User) -> None:
    client.force_login(rep)
    told = upload(client, "title,stage\nDepot,Negotiation\n")
    untold = upload(client, "title,amount\nDepot,12\n")

    pages = [client.get(f"/imports/{job.pk}/").content.decode() for job in (told, untold)]
    client.post(f"/imports/{untold.pk}/", as_posted(untold))
    running.run(untold.pk)

    assert ["so all of them begin" in page for page in pages] == [False, True]
    assert Deal.objects.get().stage.phase == "suspect"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("accounts", "name,country\nVale,IT\nLund,SE\n", {"Vale", "Lund"}),
        ("contacts", "name,company\nAnn,Vale\nBob,\n", {"Vale"}),
        ("deals", files.HEADER + files.OPEN + files.WON, {"Vale", "Lund"}),
    ],
)
def test_what_came_in_becomes_a_target_list(
    client: Client, rep: User, kind: str, text: str, expected: set[str]
) -> None:
    client.force_login(rep)
    make.account(owner=rep, name="Elsewhere")
    job = upload(client, text, kind=kind)
    preparing.start(job, dry_run=False)
    early = client.post(f"/imports/{job.pk}/list/")
    running.run(job.pk)

    offered = client.get(f"/imports/{job.pk}/").content.decode()
    answer = client.post(f"/imports/{job.pk}/list/")
    again = client.post(f"/imports/{job.pk}/list/", follow=True)

    made = TargetList.objects.get()
    assert (early["Location"], answer["Location"]) == (
        f"/imports/{job.pk}/",
        f"/accounts/lists/{made.pk}/",
    )
    assert f'action="/imports/{job.pk}/list/"' in offered
    assert (made.name, made.source, made.owner) == (
        f"deals.csv, import {job.pk}",
        "deals.csv",
        rep,
    )
    assert set(made.suspects.values_list("account__name", flat=True)) == expected
    assert "There is a list of this name already." in again.content.decode()


def test_people_of_no_company_make_no_target_list(client: Client, rep: User) -> None:
    client.force_login(rep)
    job = upload(client, "name,company\nAnn,\n", kind="contacts")
    preparing.start(job, dry_run=False)
    running.run(job.pk)

    page = client.get(f"/imports/{job.pk}/").content.decode()
    asked = client.post(f"/imports/{job.pk}/list/", follow=True).content.decode()

    assert f"/imports/{job.pk}/list/" not in page
    assert "There are no companies to put on a list." in asked
    assert not TargetList.objects.exists()


def test_calls_make_no_target_list(client: Client, rep: User) -> None:
    make.deal(owner=rep, external_id="D1")
    client.force_login(rep)
    job = upload(client, "id,type,date,deal id\nT1,Call,2026-02-03,D1\n", kind="touches")
    preparing.start(job, dry_run=False)
    running.run(job.pk)

    assert f"/imports/{job.pk}/list/" not in client.get(f"/imports/{job.pk}/").content.decode()
