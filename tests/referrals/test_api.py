"""Referral asks over HTTP."""

import pytest

from referrals.models import ReferralAsk
from tests.factories import referrals
from tests.programs import program

pytestmark = pytest.mark.django_db


def test_asks_are_listed_filtered_and_read(rep, outsider, now):
    ask = referrals.ask(owner=rep)
    referrals.ask(owner=rep, state="asked", asked_at=now)
    referrals.ask(owner=outsider)
    caller = program(rep)

    rows = caller.get("/referral-asks/?state=due").json()["results"]
    read = caller.get(f"/referral-asks/{ask.pk}/")
    everything = caller.get("/referral-asks/").json()["results"]

    assert rows == [read.json()]
    assert len(everything) == 2
    assert read["ETag"] == '"1"'
    assert read.json() == {
        "id": ask.pk,
        "deal": ask.deal_id,
        "outcome": ask.outcome_id,
        "contact": ask.contact_id,
        "origin": "loss",
        "due_on": "2026-04-20",
        "state": "due",
        "asked_at": None,
        "answered_at": None,
        "why_waived": "",
        "letter": "",
        "version": 1,
        "created_at": "2026-04-20T08:00:00Z",
        "updated_at": "2026-04-20T08:00:00Z",
    }


STEPS = {
    "asked": ({"letter": "Hello"}, "asked"),
    "given": ({}, "given"),
    "declined": ({}, "declined"),
    "waive": ({"why": "They left"}, "waived"),
}


@pytest.mark.parametrize(("step", "body", "state"), [(k, *v) for k, v in STEPS.items()], ids=STEPS)
@pytest.mark.practice("A6")
def test_each_step_is_a_verb(rep, step, body, state):
    ask = referrals.ask(owner=rep)

    done = program(rep).post(f"/referral-asks/{ask.pk}/{step}/", body, if_match='"1"')

    assert (done.status_code, done.json()["state"], done["ETag"]) == (200, state, '"2"')


@pytest.mark.parametrize("step", STEPS)
def test_each_step_names_its_version(rep, step):
    ask = referrals.ask(owner=rep, version=3)
    caller = program(rep)
    body = STEPS[step][0]

    stale = caller.post(f"/referral-asks/{ask.pk}/{step}/", body, if_match='"2"')
    unnamed = caller.post(f"/referral-asks/{ask.pk}/{step}/", body)

    assert (stale.status_code, unnamed.status_code) == (412, 428)
    assert ReferralAsk.objects.get().state == "due"


def test_waiving_takes_a_reason(rep):
    ask = referrals.ask(owner=rep)
    caller = program(rep)

    answers = [
        caller.post(f"/referral-asks/{ask.pk}/waive/", body, if_match='"1"')
        for body in ({}, {"why": ""}, {"why": "  "})
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


def test_a_step_twice_is_409(rep, now):
    ask = referrals.ask(owner=rep, state="given", asked_at=now, answered_at=now)

    refused = program(rep).post(f"/referral-asks/{ask.pk}/declined/", if_match='"1"')

    assert refused.status_code == 409


@pytest.mark.parametrize("who", ["outsider", "colleague", "viewer"])
def test_unseen_is_404(request, rep, who):
    ask = referrals.ask(owner=rep)

    answer = program(request.getfixturevalue(who)).post(
        f"/referral-asks/{ask.pk}/asked/", if_match='"1"'
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_with_one_row_and_with_three(
    rep, number, django_assert_num_queries
):
    for _ in range(number):
        referrals.ask(owner=rep)
    caller = program(rep)

    with django_assert_num_queries(2):  # token, rows
        caller.get("/referral-asks/")
