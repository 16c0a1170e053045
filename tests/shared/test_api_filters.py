"""Strict filters: what is not known, or given twice, is told and never ignored."""

import pytest

from crm.shared.models import User
from tests.programs import program

WRONG = [
    ("colour=red", "/colour", "Unknown parameter: colour."),
    ("role=rep&role=admin", "/role", "Given more than once: role."),
    ("role=king", "/role", "Select a valid choice. king is not one of the available choices."),
    ("is_active=1", "/is_active", "Select a valid choice. 1 is not one of the available choices."),
    (
        "owner__password__startswith=p",
        "/owner__password__startswith",
        "Unknown parameter: owner__password__startswith.",
    ),
    ("search=%00", "/search", "Null characters are not allowed."),
]


@pytest.mark.parametrize(("query", "pointer", "detail"), WRONG)
def test_a_wrong_parameter_is_named(admin, query, pointer, detail):
    answer = program(admin).get(f"/users/?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": pointer, "detail": detail}]


def test_several_wrong_ones_are_told_at_once(admin):
    answer = program(admin).get("/users/?colour=red&size=5")

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/colour", "/size"]


def test_an_empty_filter_filters_nothing(admin, rep):
    answer = program(admin).get("/users/?role=&search=")

    assert len(answer.json()["results"]) == User.objects.count()


@pytest.mark.parametrize("path", ["/users/1/", "/me/", "/deals/1/timeline/"])
def test_a_parameter_that_an_operation_does_not_have_is_refused_too(admin, path):
    answer = program(admin).get(f"{path}?colour=red")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "Unknown parameter: colour."
