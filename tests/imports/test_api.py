"""Imports by program."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.imports import running
from crm.shared.models import User
from deals.models import Account
from tests.factories import deals as make
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
        "confidence": pytest.approx(0.893),
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


def test_a_program_tries_decides_and_brings_in(client: Client, rep: User, now: dt.datetime) -> None:
    vale, lund = (make.account(owner=rep, name=name) for name in ("Vale GmbH", "Lund AB"))
    Account.objects.update(created_at=now - dt.timedelta(days=1))
    client.force_login(rep)
    _status, body = send(client, "name\nVale\nLund\n", kind="accounts", dry_run="true")
    path = f"{PATH}{body['id']}/"
    running.run(body["id"])

    tried = client.get(path).json()
    first, second = tried["questions"]
    json_body: Any = {"content_type": "application/json"}
    wrong = client.post(f"{path}decide/", {"answers": {"x": "new"}}, **json_body)
    none = client.post(f"{path}decide/", {"answers": {first["id"]: str(lund.pk)}}, **json_body)
    decided = client.post(
        f"{path}decide/", {"answers": {first["id"]: "new"}, "rest": "existing"}, **json_body
    )
    real = client.post(f"{path}again/", **json_body)
    running.run(real.json()["id"])
    done = client.get(f"{PATH}{real.json()['id']}/").json()

    assert tried["first_rows"] == [
        {"line": line, "what": "in doubt", "cells": [name], "why": why}
        for line, name, why in (
            (2, "Vale", "“Vale” may be “Vale GmbH”, which is here: decide."),
            (3, "Lund", "“Lund” may be “Lund AB”, which is here: decide."),
        )
    ]
    assert second == {
        "id": second["id"],
        "thing": "account",
        "said": "Lund",
        "line": 3,
        "candidates": [{"id": lund.pk, "name": "Lund AB", "about": "Rita Rep"}],
        "answer": "",
        "same_as": None,
    }
    assert (wrong.status_code, none.status_code, decided.status_code) == (400, 400, 200)
    assert [one["same_as"] for one in decided.json()["questions"]] == [None, lund.pk]
    assert (real.status_code, done["counts"]["created"], done["counts"]["rejected"]) == (201, 1, 0)
    assert Account.objects.filter(name="Vale").exclude(pk=vale.pk).count() == 1
