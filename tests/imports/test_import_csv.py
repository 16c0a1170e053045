"""manage.py import_csv."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.shared.models import User
from deals.models import Deal
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def test_it_says_what_came_in_and_what_did_not(admin: User, tmp_path: Path) -> None:
    bad = files.OPEN.replace("D1", "D2").replace("1200", "lots")
    out, err = io.StringIO(), io.StringIO()

    call_command(
        "import_csv",
        "deals",
        str(files.file(tmp_path, files.HEADER + files.OPEN + bad)),
        stdout=out,
        stderr=err,
    )

    assert out.getvalue().strip() == "2 read, 1 created, 0 updated, 0 unchanged, 1 rejected"
    assert err.getvalue().strip() == "line 3: amount “lots”: This is not an amount."


def test_a_dry_run_writes_nothing(admin: User, tmp_path: Path) -> None:
    out = io.StringIO()

    call_command(
        "import_csv",
        "deals",
        str(files.file(tmp_path, files.HEADER + files.OPEN)),
        "--dry-run",
        stdout=out,
    )

    assert out.getvalue().startswith("Dry run: 1 read, 1 created")
    assert not Deal.objects.exists()


def test_a_mapping_comes_from_a_file(admin: User, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"what": "title", "stage": "stage"}))

    call_command(
        "import_csv",
        "deals",
        str(files.file(tmp_path, "what,stage\nA,Suspect\n")),
        "--mapping",
        str(mapping),
        stdout=io.StringIO(),
    )

    assert Deal.objects.get().title == "A"


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        (None, [], "no such file"),
        ("", [], "empty"),
        ("amount\n1\n", [], "No column for"),
        ("title,stage\nA,Suspect\n", ["--mapping", "/nowhere.json"], "nowhere"),
        (
            "title,stage\nA,Suspect\n" * 12 + '"' + "y" * (1024 * 1024 + 9) + '"\n',
            [],
            "Stopped|cannot be read",
        ),
    ],
)
def test_what_cannot_be_done_says_why(
    tmp_path: Path, text: str | None, options: list[str], why: str
) -> None:
    path = tmp_path / "none.csv" if text is None else files.file(tmp_path, text)

    with pytest.raises(CommandError, match=why):
        call_command(
            "import_csv", "deals", str(path), *options, stdout=io.StringIO(), stderr=io.StringIO()
        )
