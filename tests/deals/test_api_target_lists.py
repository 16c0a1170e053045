"""Segments and target lists over HTTP."""

import pytest

from crm.shared.models.token import TokenScope
from deals.models import Suspect
from tests.factories import deals as make
from tests.programs import program


@pytest.mark.practice("C2")
def test_a_program_defines_a_segment_and_asks_who_is_in_it(admin, rep):
    caller = program(admin, scope=TokenScope.ADMIN)
    fits = make.account(owner=rep, country="IT", industry="Food, fresh", employees=60)
    deal = make.deal(owner=rep, account=fits)
    make.deal(owner=rep, account=make.account(owner=rep))
    body = {"name": "Fresh", "countries": ["IT"], "industries": ["Food, fresh"]}

    made = caller.post("/segments/", body)
    path = f"/segments/{made.json()['id']}/"
    refused = caller.post("/segments/", {"name": "Odd", "countries": ["Italy"]})
    changed = caller.change(path, {"employees_from": 50, "employees_to": 40})
    edited = caller.change(path, {"employees_from": 50})
    query = f"?segment={made.json()['id']}"
    found = [
        [row["id"] for row in program(rep).get(f"{list_}{query}").json()["results"]]
        for list_ in ("/accounts/", "/deals/")
    ]
    retired = caller.change(path, None, method="DELETE")

    assert made.json() | body == made.json()
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/countries/0")
    assert (changed.status_code, edited.json()["employees_from"]) == (400, 50)
    assert (found, retired.status_code) == ([[fits.pk], [deal.pk]], 204)
    assert program(rep, scope=TokenScope.ADMIN).post("/segments/", body).status_code == 403


@pytest.mark.practice("C2")
def test_a_program_makes_a_list_fills_it_and_reads_its_funnel(rep, colleague, outsider):
    caller = program(rep)
    one, two = make.account(owner=rep, country="IT"), make.account(owner=rep)
    unseen = make.account(owner=outsider)

    refused = caller.post("/target-lists/", {"name": "Fair", "accounts": [one.pk, unseen.pk]})
    made = caller.post("/target-lists/", {"name": "Fair", "accounts": [one.pk]})
    path = f"/target-lists/{made.json()['id']}/"
    added = caller.post(f"{path}add/", {"accounts": [one.pk, two.pk]})
    removed = caller.post(f"{path}remove/", {"accounts": [two.pk]})
    stale = caller.patch(path, {"name": "Late"}, if_match='"7"')
    edited = caller.patch(path, {"source": "Bologna"}, if_match='"1"')
    deal = caller.post(
        "/deals/", {"title": "Pumps", "account": one.pk, "target_list": made.json()["id"]}
    )
    suspects = caller.get(f"{path}suspects/").json()["results"]
    funnel = caller.get(f"{path}funnel/").json()

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/accounts")
    assert str(unseen.pk) in refused.json()["errors"][0]["detail"]
    assert [answer.json() for answer in (added, removed)] == [{"changed": 1}, {"changed": 1}]
    assert (stale.status_code, edited.json()["source"], edited["ETag"]) == (412, "Bologna", '"2"')
    assert deal.json()["target_list"] == made.json()["id"]
    missing = ["industry", "website", "employees", "person", "reachable"]
    assert [(row["id"], row["missing"]) for row in suspects] == [(one.pk, missing)]
    assert (funnel["suspects"], funnel["complete"], funnel["with_deal"]) == (1, 0, 1)
    assert [step["deals"] for step in funnel["open"]] == [1, 0, 0, 0, 0]
    archived = caller.change(path, {}, method="POST", verb="archive/")
    assert archived.json()["archived_at"]
    assert caller.post(f"{path}restore/", if_match='"1"').status_code == 412
    restored = caller.post(f"{path}restore/", if_match=archived["ETag"])
    assert restored.json()["archived_at"] is None
    assert Suspect.objects.count() == 1


def test_a_list_is_changed_by_its_owner_and_who_answers_for_them(rep, manager):
    account = make.account(owner=rep)
    found = make.target_list(account, owner=manager)
    path = f"/target-lists/{found.pk}/"

    assert program(rep).get(path).status_code == 200
    assert program(rep).post(f"{path}add/", {"accounts": [account.pk]}).status_code == 403
    assert program(manager).post(f"{path}remove/", {"accounts": [account.pk]}).status_code == 200
