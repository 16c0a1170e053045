"""No way to Lost without a reason, and the same effects from every way: button, bulk, import, API, sweep, let go, hand-over.

The ways that come later (a board's drag, a list's call to the API, an automation) go through one of these.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from crm.imports.states import Kind
from crm.shared.models import EventRecord, Notice
from deals.actions import closing, pipeline
from deals.models import Deal, Outcome
from deals.states import DealStatus
from followups.actions import letting_go
from followups.models import FollowUp
from tests.factories import deals, followups, imports
from tests.programs import program

FOLLOWS = [
    "feedback.invitation_planned",
    "follow_up.planned",
    "follow_up.planned",
    "referral.ask_planned",
    "review.planned",
]
AFTER_NO_ANSWER = ["review.planned"]  # its playbook, for who is not known to have need and fit


@dataclasses.dataclass(frozen=True)
class Way:
    """How a deal is lost: `lose(deal, reason)` with the slug of a reason, or None for none; returns the answer's status."""

    lose: Callable[..., int]
    refused: int
    done: int


def by_the_form(deal, reason, *, client, **_rest):
    client.force_login(deal.owner)
    said = {"version": deal.version} | ({"reason": reason} if reason else {})
    return client.post(reverse("deals:lose", args=[deal.pk]), said).status_code


def by_the_dialog(deal, reason, *, client, **_rest):
    client.force_login(deal.owner)
    said = {"version": deal.version} | ({"reason": reason} if reason else {})
    answer = client.post(
        reverse("deals:lose", args=[deal.pk]), said, headers={"HX-Request": "true"}
    )
    return answer.status_code


def in_bulk(deal, reason, *, client, **_rest):
    client.force_login(deal.owner)
    said = {"deal": [deal.pk], "next": "/deals/"} | ({"reason": reason} if reason else {})
    return client.post(reverse("deals:bulk"), said).status_code


def by_program(deal, reason, **_rest):
    body = {"reason": reason} if reason else {}
    return (
        program(deal.owner)
        .post(f"/deals/{deal.pk}/lose/", body, if_match=f'"{deal.version}"')
        .status_code
    )


WAYS = {
    "form": Way(by_the_form, 422, 302),
    "dialog": Way(by_the_dialog, 422, 200),
    "bulk": Way(in_bulk, 422, 302),
    "API": Way(by_program, 400, 200),
}


def followed(deal) -> list[str]:
    """The names of what the standing loss of a deal led to."""
    cause = EventRecord.objects.get(deal_id=deal.pk, name="deal.lost")
    return sorted(EventRecord.objects.filter(cause=cause).values_list("name", flat=True))


def told(manager) -> list[str]:
    return list(Notice.objects.filter(user=manager).values_list("event__name", flat=True))


@pytest.fixture
def deal(rep, manager):
    """An open deal with account and contact, of a rep whose team has a manager."""
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    return deals.deal(owner=rep, account=account, contact=contact)


@pytest.mark.practice("A1")
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("reason", [None, "", "no-such-reason", "no-answer"])
def test_without_a_reason_that_one_may_choose_no_way_leads_to_lost(name, reason, deal, client):
    """The system's own reason is not one to choose; empty and unknown are none."""
    way = WAYS[name]

    status = way.lose(deal, reason, client=client)

    kept = Deal.objects.get(pk=deal.pk)
    assert (status, kept.status, kept.version) == (way.refused, DealStatus.OPEN, deal.version)
    assert not Outcome.objects.exists()
    assert not EventRecord.objects.filter(name="deal.lost").exists()


@pytest.mark.practice("A1", "A2", "A6")
@pytest.mark.parametrize("name", WAYS)
def test_with_a_reason_every_way_has_the_same_effects(name, deal, manager, client):
    way = WAYS[name]

    status = way.lose(deal, "price-or-value", client=client)

    outcome = Outcome.objects.get(deal=deal)
    assert (status, outcome.kind, outcome.reason.slug) == (way.done, "lost", "price-or-value")
    assert (outcome.by, outcome.stage, outcome.owner) == (deal.owner, deal.stage, deal.owner)
    assert followed(deal) == FOLLOWS
    assert told(manager) == ["deal.lost"]


@pytest.mark.parametrize("name", WAYS)
def test_every_way_asks_for_the_note_that_a_reason_needs(name, deal, client):
    way = WAYS[name]

    status = way.lose(deal, "other", client=client)

    assert status in {way.refused, 409}
    assert Deal.objects.get(pk=deal.pk).is_open


@pytest.mark.practice("B7")
def test_the_sweep_names_its_reason_and_has_the_same_effects(rep, manager, now):
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    deal = followups.dead_deal(owner=rep, account=account, contact=contact)
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: now.date()})

    letting_go.sweep(now=timezone.now())

    outcome = Outcome.objects.get(deal=deal)
    assert (outcome.kind, outcome.reason.slug, outcome.automatic) == ("lost", "no-answer", True)
    assert followed(deal) == AFTER_NO_ANSWER
    assert told(manager) == ["deal.lost"]


@pytest.mark.practice("A12")
def test_letting_go_by_hand_names_the_same_reason(deal, manager, client):
    client.force_login(deal.owner)

    client.post(reverse("followups:let-go", args=[deal.pk]))

    outcome = Outcome.objects.get(deal=deal)
    assert (outcome.kind, outcome.reason.slug, outcome.automatic) == ("lost", "no-answer", False)
    assert followed(deal) == AFTER_NO_ANSWER
    assert told(manager) == ["deal.lost"]


def test_a_deal_that_was_handed_over_twice_is_lost_by_its_owner_of_then(
    deal, colleague, rep, manager, client
):
    """The second hand-over changes who owns it, and none of what a loss needs."""
    handed = pipeline.edit(deal, by=manager, owner=colleague)
    handed = pipeline.edit(handed, by=manager, owner=rep)
    handed.refresh_from_db()

    refused = by_program(handed, None)
    done = by_program(handed, "price-or-value")

    assert (refused, done) == (400, 200)
    assert Outcome.objects.get(deal=deal).owner == rep
    assert followed(deal) == FOLLOWS


def test_an_import_of_a_loss_without_a_reason_says_not_stated_and_starts_nothing(
    rep, manager, tmp_path
):
    lost = "D3,Reefer,rep@example.com,Vale,Sensor,Closed Lost,,2025-10-01,2025-11-20,,,\n"

    job = imports.ran(imports.file(tmp_path, imports.HEADER + lost), by=rep, kind=Kind.DEALS)

    outcome = Outcome.objects.get()
    assert (job.counts["created"], outcome.reason.slug, outcome.historical) == (
        1,
        "not-stated",
        True,
    )
    assert not EventRecord.objects.filter(cause__isnull=False).exists()
    assert told(manager) == []


def by_a_file(deal, reason, folder):
    """A row that names an open deal by its id and says that it was lost today."""
    Deal.objects.filter(pk=deal.pk).update(external_id="D9")
    day = timezone.localdate().isoformat()
    row = (
        f"D9,{deal.title},{deal.owner.email},{deal.account},,Closed Lost,,{day},{day},{reason},,\n"
    )
    return imports.ran(imports.file(folder, imports.HEADER + row), by=deal.owner, kind=Kind.DEALS)


@pytest.mark.practice("A1", "A2", "A6")
def test_a_file_that_ends_an_open_deal_has_the_same_effects(deal, manager, tmp_path):
    job = by_a_file(deal, "Price or value", tmp_path)

    outcome = Outcome.objects.get(deal=deal)
    assert (job.counts["updated"], outcome.kind, outcome.reason.slug) == (
        1,
        "lost",
        "price-or-value",
    )
    assert (outcome.by, outcome.stage, outcome.owner) == (deal.owner, deal.stage, deal.owner)
    assert followed(deal) == FOLLOWS
    assert told(manager) == ["deal.lost"]
    assert due(deal) == ["nurture", "revisit"]


def test_without_a_reason_a_file_ends_an_open_deal_and_plans_nothing(deal, tmp_path):
    by_a_file(deal, "", tmp_path)

    assert Outcome.objects.get(deal=deal).reason.slug == "not-stated"
    assert followed(deal) == []
    assert due(deal) == []


def due(deal) -> list[str]:
    """What is still to be done on a deal."""
    return sorted(FollowUp.objects.open().filter(deal=deal).values_list("purpose", flat=True))


@pytest.mark.parametrize("path", ["/deals/", "/deals/bulk/"])
def test_a_program_cannot_write_the_state_itself(path, deal):
    """Not by a new deal, not by many: status and outcome are no facts of a deal."""
    row = {"title": "Valves", "status": "lost"}

    answer = program(deal.owner).post(path, {"items": [row]} if "bulk" in path else row)

    assert answer.status_code == 400
    assert not Deal.objects.closed().exists()


@pytest.mark.parametrize(
    "said", [{"status": "lost"}, {"outcome": 1}, {"closed_at": "2026-04-20T08:00:00Z"}]
)
def test_a_program_cannot_edit_the_state(said, deal):
    answer = program(deal.owner).patch(f"/deals/{deal.pk}/", said, if_match=f'"{deal.version}"')

    assert answer.status_code == 400
    assert Deal.objects.get(pk=deal.pk).is_open


def test_the_action_itself_cannot_be_called_without_one(deal):
    arguments: dict[str, Any] = {"by": deal.owner}

    with pytest.raises(TypeError, match="reason"):
        closing.lose(deal, **arguments)
    with pytest.raises(AttributeError):
        closing.lose(deal, reason=None, **arguments)

    assert Deal.objects.get(pk=deal.pk).is_open


def test_the_database_refuses_a_loss_without_a_reason(deal):
    """Past all of our code: the row itself is refused."""
    with pytest.raises(IntegrityError, match="outcome_lost_iff_reason"), transaction.atomic():
        Outcome.objects.create(
            deal=deal, kind="lost", at=timezone.now(), owner=deal.owner, currency="EUR"
        )
    with pytest.raises(IntegrityError, match="deal_closed_iff_outcome"), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(status="lost", closed_at=timezone.now())

    assert Deal.objects.get(pk=deal.pk).is_open


def test_the_database_keeps_the_reason_of_a_loss(deal):
    closing.lose(deal, reason=deals.reason(), by=deal.owner)

    with pytest.raises(IntegrityError, match="outcome_lost_iff_reason"), transaction.atomic():
        Outcome.objects.update(reason=None)
