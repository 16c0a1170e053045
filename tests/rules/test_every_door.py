"""Every door: who gets which answer from every address, pages and API, and nothing unseen in any of them.

A new address fails here until it stands in a table with its answers for the whole cast. Nothing is sent with what
changes something, so who may pass is told what is missing (400, 422, 428), or does what needs no words (302).
"""

import dataclasses

import pytest
from django.contrib import admin as operator
from django.test import Client
from django.urls import reverse

from tests.rules import doors
from tests.rules.tables import CAST, TABLES

LINK_OF_A_MAIL = (
    "account_reset_password_from_key"  # its key is secret and known only to the framework
)


def clients(people) -> dict[str, Client]:
    found = {name: Client() for name in doors.PAGE_CAST}
    for name, person in people.items():
        found[name].force_login(person)
    return found


# ---- the tables --------------------------------------------------------------------------------------


def test_every_address_is_listed():
    listed = {door.name for table in TABLES.values() for door in table}

    assert {route.name for route in doors.routes()} - {LINK_OF_A_MAIL} == listed


def test_every_method_of_the_api_is_listed():
    told = {
        (route.name, method)
        for route in doors.routes()
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert told - {(door.name, door.method) for door in TABLES["API"]} == set()


@pytest.mark.parametrize("name", ["PAGES", "ACCOUNT"])
def test_every_page_answers_the_cast_as_listed(name, people, things):
    of = clients(people)

    found = [
        (door, tuple(doors.rolled_back(of[who], door, things).status_code for who in of))
        for door in TABLES[name]
    ]

    assert [(door, got) for door, got in found if got != door.answers] == []


def test_every_page_that_is_read_answers_head_alike(people, things):
    """What looks whether a page is there asks for its head alone."""
    client = clients(people)["admin"]
    read = [door for door in TABLES["PAGES"] if door.method == "GET"]

    found = [
        (door.name, doors.rolled_back(client, dataclasses.replace(door, method="HEAD"), things))
        for door in read
    ]

    assert [
        name
        for (name, answer), door in zip(found, read, strict=True)
        if answer.status_code != door.answers[-1]
    ] == []


def test_every_api_call_answers_the_cast_as_listed(people, things):
    headers = doors.programs(people)
    client = Client()

    found = [
        (
            door,
            tuple(
                doors.rolled_back(client, door, things, **headers[who]).status_code
                for who in doors.API_CAST
            ),
        )
        for door in TABLES["API"]
    ]

    assert [(door, got) for door, got in found if got != door.answers] == []


@pytest.mark.parametrize("name", ["PAGES", "API"])
def test_a_method_that_is_not_listed_is_refused(name, people, things):
    """405, whoever asks: here the administrator."""
    headers = doors.programs(people)["all"] if name == "API" else {}
    client = Client() if name == "API" else clients(people)["admin"]
    listed = {(door.name, door.method): door for door in TABLES[name]}
    thing_of = {door.name: door.thing for door in TABLES[name]}
    others = [
        doors.Door(name, method, thing, (405,))
        for name, thing in thing_of.items()
        for method in doors.METHODS
        if (name, method) not in listed
    ]

    found = [
        (door.name, door.method, doors.rolled_back(client, door, things, **headers).status_code)
        for door in others
    ]

    assert [(name, method, status) for name, method, status in found if status != 405] == []


# ---- unseen is as if it did not exist ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PAGES", "API"])
def test_what_is_unseen_answers_to_the_byte_like_what_does_not_exist(name, people, things):
    nothing = dict.fromkeys(things, doors.NOWHERE)
    of, headers = clients(people), doors.programs(people)
    differ = []

    for door in TABLES[name]:
        for who, status in zip(CAST[name], door.answers, strict=True):
            if status != 404:
                continue
            client, sent = (Client(), headers[who]) if name == "API" else (of[who], {})
            unseen = doors.rolled_back(client, door, things, **sent)
            missing = doors.rolled_back(client, door, nothing, **sent)
            if told(unseen, things[door.thing]) != told(missing, doors.NOWHERE):
                differ.append((door.name, door.method, who))

    assert differ == []


def told(answer, number) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, body and headers, but for the number asked for and what counts requests."""
    headers = [(name, value) for name, value in answer.items() if name != "RateLimit"]
    body = answer.content_shown.replace(f"/{number}/".encode(), b"/the number/")
    same_length = {(name, value) for name, value in headers if name != "Content-Length"}
    return answer.status_code, body, sorted(same_length)


# ---- the operator's pages ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["anonymous", "rep", "manager", "viewer", "admin"])
def test_the_operators_pages_open_to_nobody_of_the_cast(who, people):
    """Who runs the machine is named by the machine (is_staff), not by a role."""
    client = clients(people)[who]
    paths = [reverse("admin:index")] + [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in operator.site._registry  # noqa: SLF001  (there is no other list)
    ]

    found = {path: client.get(path) for path in paths}

    assert {path: answer.status_code for path, answer in found.items()} == dict.fromkeys(paths, 302)
    assert {answer["Location"].partition("?")[0] for answer in found.values()} <= {
        "/operator/login/",
        "/account/login/",
    }
