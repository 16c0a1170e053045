"""What a batch costs, at the size at which rows are written with COPY."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.imports import preparing, running, undoing
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared import loading
from crm.shared.models import User
from tests.factories import imports as files

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
FEW = loading.MANY
ROWS = {
    Kind.ACCOUNTS: ("id,name,website,colour", "A{n},Vale {n},vale{n}.example,red"),
    Kind.CONTACTS: (
        "id,name,email,company,colour",
        "P{n},Ann {n},ann{n}@vale.example,Vale {n},red",
    ),
    Kind.DEALS: (
        "id,title,company,stage,amount,created,closed,loss reason,colour",
        "D{n},Depot {n},Vale {n},Lost,{n},2025-10-01,2025-12-01,Timing,red",
    ),
    Kind.TOUCHES: ("id,type,date,deal id,notes,colour", "T{n},Call,2025-11-01,D{n},Busy,red"),
}


def lines(kind: str, numbers: range) -> str:
    header, row = ROWS[Kind(kind)]
    return "\n".join([header, *(row.format(n=n) for n in numbers)])


def brought_in(folder: Path, kind: str, numbers: range, *, by: User) -> tuple[Import, int]:
    """The import of so many rows, and how many statements it took."""
    path = files.file(folder, lines(kind, numbers), name=f"{kind}.csv")
    job = preparing.start(files.prepared(path, by=by, kind=kind), dry_run=False)
    with CaptureQueriesContext(connection) as asked:
        running.run(job.pk)
    job.refresh_from_db()
    assert (job.counts["created"], job.counts["rejected"]) == (len(numbers), 0)
    return job, len(asked)


def taken_back(job: Import, *, by: User) -> int:
    undoing.ask(job, by=by, now=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        running.run(job.pk)
    job.refresh_from_db()
    assert job.undone["kept"] == 0
    return len(asked)


@pytest.mark.parametrize("kind", list(ROWS))
def test_a_batch_takes_as_many_statements_however_many_rows_it_has(
    rep: User, tmp_path: Path, kind: str
) -> None:
    numbers = range(FEW), range(FEW, 2 * FEW + 100)
    if kind == Kind.TOUCHES:
        for some in numbers:
            brought_in(tmp_path, Kind.DEALS, some, by=rep)

    few, many = (brought_in(tmp_path, kind, some, by=rep) for some in numbers)

    assert few[1] == many[1]
    assert taken_back(many[0], by=rep) == taken_back(few[0], by=rep)
