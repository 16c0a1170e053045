"""What a person said about the columns is there next time, theirs before anybody's."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.imports import preparing, running
from crm.imports.models import Import
from crm.shared.models import User
from deals.models import Deal
from tests.factories import imports as files
from tests.factories import workbooks
from tests.factories.workbooks import sheet

pytestmark = pytest.mark.django_db
OURS = "what,how far,when\nDepot,Suspect,3/4/2026\n"


def fields(job: Import) -> dict[str, str]:
    return {match["column"]: match["field"] for match in job.mapping}


def said(path: Path, by: User, **chosen: str) -> None:
    mapping = {"what": "title", "how far": "stage", "when": "opened_at"} | chosen
    written = {"when": {"dates": "day first"}}
    preparing.start(files.prepared(path, by=by), dry_run=True, mapping=mapping, written=written)


def test_the_same_columns_are_known_next_time(rep: User, colleague: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, OURS)
    said(path, rep)
    said(path, colleague, when="expected_close_on")
    other = files.file(tmp_path, "when,WHAT,how_far\n5/6/2026,Depot,Suspect\n", name="other.csv")

    mine, theirs = files.prepared(other, by=rep), files.prepared(path, by=colleague)

    assert fields(mine) == {"when": "opened_at", "WHAT": "title", "how_far": "stage"}
    assert (mine.mapping[0]["dates"], mine.mapping[0]["doubts"]) == ("day first", ())
    assert fields(theirs)["when"] == "expected_close_on"


def test_what_nobody_said_comes_from_the_company(rep: User, admin: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, OURS)
    said(path, rep)

    assert fields(files.prepared(path, by=admin))["when"] == "opened_at"


def test_rejected_rows_come_back_under_what_was_said(rep: User, tmp_path: Path) -> None:
    said(files.file(tmp_path, OURS), rep)
    text = (
        "what,how far,when,rejected line,rejected column,rejected why\nDepot,Suspect,,2,when,no\n"
    )

    job = files.ran(files.file(tmp_path, text, name="again.csv"), by=rep)

    assert (fields(job)["what"], Deal.objects.get().extra) == ("title", {})


def test_dates_in_doubt_are_asked_on_the_page(client: Client, rep: User) -> None:
    client.force_login(rep)
    text = b"title,stage,created,amount\nDepot,Suspect,3/4/2026,1.234\n"
    client.post("/imports/", {"kind": "deals", "file": SimpleUploadedFile("a.csv", text)})
    job = Import.objects.get()
    path = f"/imports/{job.pk}/"

    page = client.get(path).content.decode()
    posted = {f"column_{index}": match["field"] for index, match in enumerate(job.mapping)}
    client.post(path, posted | {"dates_2": "day first", "mark_3": "."})
    running.run(job.pk)

    assert "created: written as" in page
    assert "amount: written as" in page
    deal = Deal.objects.get()
    assert (deal.opened_at.date().isoformat(), str(deal.amount)) == ("2026-04-03", "1.23")


def test_another_sheet_can_be_chosen_before_the_start(
    client: Client, rep: User, tmp_path: Path
) -> None:
    client.force_login(rep)
    path = workbooks.workbook(
        tmp_path,
        {
            "This year": sheet([["title", "stage"], ["Depot", "Suspect"]]),
            "Last year": sheet([["title", "stage"], ["Ward", "Suspect"]]),
        },
    )
    file = SimpleUploadedFile("book.xlsx", path.read_bytes())
    client.post("/imports/", {"kind": "deals", "file": file})
    job = Import.objects.get()

    page = client.get(f"/imports/{job.pk}/").content.decode()
    client.post(f"/imports/{job.pk}/sheet/", {"sheet": "Last year"})
    client.post(f"/imports/{job.pk}/sheet/", {"sheet": "Never"})
    job.refresh_from_db()
    running.run(preparing.start(job, dry_run=False).pk)
    late = client.post(f"/imports/{job.pk}/sheet/", {"sheet": "This year"}, follow=True)

    assert "Read this sheet" in page
    assert Deal.objects.get().title == "Ward"
    assert "started already" in late.content.decode()


def test_a_file_that_is_too_large_is_refused_at_the_door(
    client: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.imports.forms.MOST_BYTES", 10)
    client.force_login(rep)

    answer = client.post(
        "/imports/", {"kind": "deals", "file": SimpleUploadedFile("a.csv", b"title,stage\n")}
    )

    assert (answer.status_code, "larger than" in answer.content.decode()) == (422, True)
