"""Imports by program."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.imports import running
from crm.shared.models import User
from tests.factories import imports as files

pytestmark = pytest.mark.django_db
PATH = "/api/v1/imports/"


def send(client: Client, text: str, **fields: str) -> tuple[int, dict]:
    file = SimpleUploadedFile("deals.csv", text.encode())
    answer = client.post(PATH, {"file": file, "kind": "deals"} | fields)
    return answer.status_code, answer.json()


def test_a_file_becomes_a_job_with_counts_and_reasons(client: Client, rep: User) -> None:
    client.force_login(rep)
    bad = files.OPEN.replace("D1", "D2").replace("1200", "lots")

    status, body = send(client, files.HEADER + files.OPEN + bad)
    running.run(body["id"])
    found = client.get(f"{PATH}{body['id']}/").json()

    assert (status, body["state"], found["state"], found["progress"]) == (
        201,
        "queued",
        "done",
        1.0,
    )
    assert found["counts"] == {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert found["rejected"] == [
        {"line": 3, "column": "amount", "value": "lots", "why": "This is not an amount."}
    ]
    assert found["mapping"][0] == {
        "column": "id",
        "field": "external_id",
        "confidence": pytest.approx(0.897),
    }


def test_a_mapping_may_be_given(client: Client, rep: User) -> None:
    client.force_login(rep)

    status, body = send(
        client,
        "what,stage\nA,Suspect\n",
        mapping=json.dumps({"what": "title", "stage": "stage"}),
        dry_run="true",
    )

    assert (status, body["dry_run"]) == (201, True)


@pytest.mark.parametrize("mapping", ["perhaps", "[1]", '{"a": 1}'])
def test_a_mapping_that_is_none_is_refused(client: Client, rep: User, mapping: str) -> None:
    client.force_login(rep)

    status, body = send(client, files.HEADER, mapping=mapping)

    assert (status, body["errors"][0]["pointer"]) == (400, "/mapping")


def test_the_list_shows_ones_own(client: Client, rep: User, colleague: User, viewer: User) -> None:
    client.force_login(rep)
    send(client, files.HEADER + files.OPEN)
    mine = client.get(PATH).json()["results"]
    client.force_login(colleague)
    theirs = client.get(PATH).json()["results"]
    client.force_login(viewer)

    assert (len(mine), theirs, send(client, files.HEADER + files.OPEN)[0]) == (1, [], 403)
