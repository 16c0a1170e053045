"""A program loses a deal, reads what was scheduled, undoes it, and loses it again."""

import threading

import pytest
from django.db import connection

from tests.factories import deals
from tests.programs import program

SCHEDULED = [
    "feedback.invitation_planned",
    "follow_up.planned",
    "follow_up.planned",
    "referral.ask_planned",
    "review.planned",
]


def lose(caller, deal, version: str):
    return caller.post(f"/deals/{deal.pk}/lose/", {"reason": "price-or-value"}, if_match=version)


@pytest.mark.practice("A1", "A2", "A6")
def test_a_program_loses_a_deal_and_reads_all_that_follows(rep):
    contact = deals.contact(owner=rep)
    deal = deals.deal(owner=rep, account=deals.account(owner=rep), contact=contact)
    caller = program(rep)

    lost = lose(caller, deal, f'"{deal.version}"')
    undone = caller.post(f"/deals/{deal.pk}/undo-close/", {}, if_match=lost["ETag"])
    again = lose(caller, deal, undone["ETag"])

    assert [answer.status_code for answer in (lost, undone, again)] == [200, 200, 200]
    assert sorted(event["event"] for event in lost.json()["scheduled"]) == SCHEDULED
    assert sorted(event["event"] for event in again.json()["scheduled"]) == SCHEDULED
    assert {event["deal"] for event in lost.json()["scheduled"]} == {deal.pk}


def test_what_the_person_declines_is_not_scheduled(rep):
    deal = deals.deal(owner=rep, account=deals.account(owner=rep), contact=deals.contact(owner=rep))
    nothing = {
        "ask_referral": False,
        "ask_buyer": False,
        "revisit_after_days": None,
        "nurture_track": None,
    }

    answer = program(rep).post(
        f"/deals/{deal.pk}/lose/",
        {"reason": "price-or-value"} | nothing,
        if_match=f'"{deal.version}"',
    )

    assert [event["event"] for event in answer.json()["scheduled"]] == ["review.planned"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_edit_at_once_one_wins_every_time(rep, manager):
    """F17: from one version, exactly one edit is written and the other is told."""
    deal = deals.deal(owner=rep, title="start")
    callers = [program(rep), program(manager)]
    rounds = []

    for number in range(30):
        deal.refresh_from_db()
        together, statuses = threading.Barrier(2), []

        def edit(caller, title, version=f'"{deal.version}"', together=together, statuses=statuses):
            together.wait(10)
            answer = caller.patch(f"/deals/{deal.pk}/", {"title": title}, if_match=version)
            statuses.append((answer.status_code, title))
            connection.close()

        threads = [
            threading.Thread(target=edit, args=(caller, f"{number} by {place}"))
            for place, caller in enumerate(callers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        deal.refresh_from_db()
        written = [title for status, title in statuses if status == 200]
        rounds.append((sorted(status for status, _title in statuses), written == [deal.title]))

    assert rounds == [([200, 412], True)] * 30
