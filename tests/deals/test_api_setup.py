"""Stages, loss reasons, products and competitors over HTTP: read by all, changed by administrators."""

import pytest

from crm.shared.models.token import TokenScope
from deals.models import Product
from tests.factories import deals
from tests.programs import program

SETUP = [
    ("/stages/", {"name": "Trial", "phase": "approach", "position": 70, "probability": 40}),
    ("/loss-reasons/", {"name": "Weather", "control": "theirs", "revisit_after_days": 30}),
    ("/products/", {"name": "Pumps"}),
    ("/competitors/", {"name": "Frostwatch"}),
]


@pytest.mark.parametrize(("path", "body"), SETUP)
def test_everybody_reads_what_administrators_set_up(rep, manager, viewer, admin, path, body):
    made = program(admin, scope=TokenScope.ADMIN).post(path, body)

    assert (made.status_code, made.json() | body) == (201, made.json())
    for user in (rep, manager, viewer):
        caller = program(user, scope=TokenScope.ADMIN)
        assert caller.get(f"{path}{made.json()['id']}/").status_code == 200
        assert caller.post(path, body).status_code == 403


def test_a_reason_is_renamed_and_retired_but_its_slug_stays(admin):
    caller = program(admin, scope=TokenScope.ADMIN)
    reason = deals.reason("timing")

    renamed = caller.patch(f"/loss-reasons/{reason.pk}/", {"name": "Not now"})
    retired = caller.send("DELETE", f"/loss-reasons/{reason.pk}/")

    assert (renamed.json()["name"], renamed.json()["slug"]) == ("Not now", "timing")
    assert (retired.status_code, retired.content) == (204, b"")
    assert caller.get("/loss-reasons/?archived=true").json()["results"][0]["slug"] == "timing"


def test_the_systems_own_reason_stays(admin):
    reason = deals.reason("no-answer")

    answer = program(admin, scope=TokenScope.ADMIN).send("DELETE", f"/loss-reasons/{reason.pk}/")

    assert answer.status_code == 409


def test_a_product_of_that_name_is_given_back(admin):
    caller = program(admin, scope=TokenScope.ADMIN)

    first, second = (
        caller.post("/products/", {"name": "Pumps"}),
        caller.post("/products/", {"name": "Pumps"}),
    )

    assert first.json() == second.json()
    assert Product.objects.count() == 1
