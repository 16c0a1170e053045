"""Closing over HTTP: lose with a playbook, win, disqualify, undo, second chance."""

import datetime as dt

import pytest

from crm.shared.events import Aftercare
from crm.shared.models import EventRecord
from deals.actions import closing
from deals.models import Deal, Outcome
from tests.factories import deals
from tests.programs import program


def close(caller, deal: Deal, name: str, body: dict | None = None):
    deal.refresh_from_db()
    return caller.post(f"/deals/{deal.pk}/{name}/", body or {}, if_match=f'"{deal.version}"')


def aftercare_of(deal: Deal) -> Aftercare:
    return Aftercare(**EventRecord.objects.get(deal_id=deal.pk, name="deal.lost").data["aftercare"])


@pytest.mark.practice("A1")
def test_a_loss_needs_a_reason_and_nothing_else(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)

    without = close(caller, deal, "lose")
    answer = close(caller, deal, "lose", {"reason": "timing"})

    closed = answer.json()
    assert (without.status_code, without.json()["errors"]) == (
        400,
        [{"pointer": "/reason", "detail": "This field is required."}],
    )
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (closed["outcome"]["kind"], closed["outcome"]["reason"], closed["outcome"]["by"]) == (
        "lost",
        "timing",
        rep.pk,
    )
    assert (closed["deal"]["status"], closed["deal"]["outcome"]) == ("lost", closed["outcome"])


def test_a_loss_says_all_that_the_dialog_says(rep):
    deal = deals.deal(owner=rep)
    rival = deals.competitor()
    reflection = {"decision_makers": "yes", "problems": "no", "understood": "unknown"}
    body = {
        "reason": "lost-to-a-competitor",
        "other_reasons": ["price-or-value", "timing"],
        "control": "ours",
        "competitor": rival.pk,
        "buyer_words": "They were closer.",
        "note": "We came late.",
        "reflection": reflection,
        "at": "2026-04-19T10:00:00+02:00",
    }

    outcome = close(program(rep), deal, "lose", body).json()["outcome"]

    assert outcome | body | {"at": "2026-04-19T08:00:00Z"} == outcome
    assert outcome["amount"] == {"amount": "1000.00", "currency": deal.currency}
    assert outcome["recorded_at"] == "2026-04-20T08:00:00Z"


CHOICES = [
    # what the body says beside the reason, what then follows; None = as the playbook says
    ({}, {}),
    ({"revisit_after_days": None}, {"revisit_after_days": None}),
    ({"revisit_after_days": 12}, {"revisit_after_days": 12}),
    ({"nurture_track": None}, {"nurture_track": ""}),
    ({"ask_referral": False}, {"ask_referral_after_days": None, "ask_referral_of": None}),
    ({"ask_referral": {"after_days": 3}}, {"ask_referral_after_days": 3}),
    ({"ask_referral": {}}, {}),
    ({"ask_buyer": False}, {"ask_buyer_after_days": None, "ask_buyer": None}),
    ({"ask_buyer": {"after_days": 5}}, {"ask_buyer_after_days": 5}),
]


@pytest.mark.practice("A2")
@pytest.mark.parametrize(("said", "follows"), CHOICES)
def test_what_is_not_said_follows_the_playbook(rep, said, follows):
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))
    reason = deals.reason("price-or-value")
    planned = closing.playbook(reason, deal=deal)

    answer = close(program(rep), deal, "lose", {"reason": reason.slug} | said)

    assert answer.status_code == 200
    assert aftercare_of(deal) == Aftercare(**planned.__dict__ | follows)


def test_somebody_else_may_be_asked(rep):
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))
    other = deals.contact(owner=rep)
    asks = {
        "ask_referral": {"contact": other.pk, "after_days": 1},
        "ask_buyer": {"contact": other.pk, "after_days": 2},
    }

    close(program(rep), deal, "lose", {"reason": "timing"} | asks)

    found = aftercare_of(deal)
    assert (found.ask_referral_of, found.ask_referral_after_days) == (other.pk, 1)
    assert (found.ask_buyer, found.ask_buyer_after_days) == (other.pk, 2)


def test_an_ask_without_a_day_anywhere_is_400(rep):
    deal = deals.deal(owner=rep, contact=deals.contact(owner=rep))
    reason = deals.reason("price-or-value")
    reason.ask_buyer_after_days = None
    reason.save()

    answer = close(program(rep), deal, "lose", {"reason": reason.slug, "ask_buyer": {}})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": "/ask_buyer/after_days", "detail": "This is needed."}
    ]


WRONG = [
    ({"reason": "no-such-reason"}, "/reason"),
    ({"reason": "no-answer"}, "/reason"),  # the stop rule's own
    ({"reason": "not-stated"}, "/reason"),  # history's own
    ({"reason": 5}, "/reason"),
    ({"reason": None}, "/reason"),
    ({"reason": ""}, "/reason"),
    ({"reason": "timing", "other_reasons": ["nonsense"]}, "/other_reasons/0"),
    ({"reason": "timing", "other_reasons": ["timing"]}, "/other_reasons"),
    ({"reason": "timing", "other_reasons": "timing"}, "/other_reasons"),
    ({"reason": "other"}, "/note"),
    ({"reason": "timing", "competitor": 999}, "/competitor"),
    ({"reason": "timing", "reflection": {"mood": "yes"}}, "/reflection/mood"),
    ({"reason": "timing", "reflection": {"value": "perhaps"}}, "/reflection/value"),
    ({"reason": "timing", "at": "2026-04-20T08:00:01Z"}, "/at"),
    ({"reason": "timing", "at": "yesterday"}, "/at"),
    ({"reason": "timing", "at": "0001-01-01T00:00:00+14:00"}, "/at"),
    ({"reason": "timing", "revisit_after_days": -1}, "/revisit_after_days"),
    ({"reason": "timing", "revisit_after_days": 1.5}, "/revisit_after_days"),
    ({"reason": "timing", "ask_referral": True}, "/ask_referral"),
    ({"reason": "timing", "ask_referral": None}, "/ask_referral"),
    ({"reason": "timing", "ask_referral": {"after_days": "3"}}, "/ask_referral/after_days"),
    ({"reason": "timing", "ask_referral": {"when": 3}}, "/ask_referral/when"),
    ({"reason": "timing", "ask_buyer": {"contact": 999999}}, "/ask_buyer/contact"),
    ({"reason": "timing", "automatic": True}, "/automatic"),
    ({"reason": "timing", "historical": True}, "/historical"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG)
def test_a_wrong_loss_is_400_and_closes_nothing(rep, body, pointer):
    deal = deals.deal(owner=rep)

    answer = close(program(rep), deal, "lose", body)

    deal.refresh_from_db()
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (deal.status, deal.version, Outcome.objects.count()) == ("open", 1, 0)


def test_a_closed_deal_is_not_closed_again(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)
    close(caller, deal, "lose", {"reason": "timing"})

    again = [
        close(caller, deal, "lose", {"reason": "timing"}),
        close(caller, deal, "win"),
        close(caller, deal, "disqualify", {"disqualified_as": "duplicate"}),
        close(caller, deal, "move", {"stage": deals.stage("approach").pk}),
    ]

    assert [answer.status_code for answer in again] == [409, 409, 409, 409]
    assert deal.outcomes.count() == 1


def test_a_win_names_what_decided_it(rep):
    deal = deals.deal(owner=rep)

    closed = close(
        program(rep), deal, "win", {"reasons": ["value", "trust"], "note": "At last"}
    ).json()

    assert (closed["outcome"]["kind"], closed["outcome"]["won_because"]) == (
        "won",
        ["value", "trust"],
    )
    assert (closed["deal"]["status"], closed["deal"]["phase"]) == ("won", "order")


def test_disqualifying_says_why(rep):
    deal = deals.deal(owner=rep)
    caller = program(rep)

    without = close(caller, deal, "disqualify")
    answer = close(caller, deal, "disqualify", {"disqualified_as": "cannot_serve"})

    assert (without.status_code, answer.status_code) == (400, 200)
    assert answer.json()["outcome"]["disqualified_as"] == "cannot_serve"
    assert answer.json()["deal"]["status"] == "disqualified"


@pytest.mark.parametrize("body", [{"reason": "timing"}])
def test_a_closing_is_undone_within_a_day(rep, now, time_machine, body):
    deal = deals.deal(owner=rep)
    caller = program(rep)
    close(caller, deal, "lose", body)
    time_machine.move_to(now + dt.timedelta(hours=23), tick=False)

    undone = close(caller, deal, "undo-close")

    assert (undone.status_code, undone.json()["status"], undone.json()["outcome"]) == (
        200,
        "open",
        None,
    )


def test_after_a_day_there_is_only_a_second_chance(rep, now, time_machine):
    deal = deals.deal(owner=rep, title="Pumps", need="yes")
    caller = program(rep)
    close(caller, deal, "lose", {"reason": "timing"})
    time_machine.move_to(now + dt.timedelta(hours=24), tick=False)

    late = close(caller, deal, "undo-close")
    path, verb = f"/deals/{deal.pk}/", "second-chance/"
    chance = caller.change(path, {"title": "Pumps again"}, method="POST", verb=verb)
    again = caller.change(path, {}, method="POST", verb=verb)

    assert (late.status_code, chance.status_code, again.status_code) == (409, 201, 409)
    opened = chance.json()
    assert (opened["second_chance_of"], opened["title"], opened["need"]) == (
        deal.pk,
        "Pumps again",
        "yes",
    )
    assert chance["Location"] == f"http://testserver/api/v1/deals/{opened['id']}/"


def test_an_open_deal_has_nothing_to_undo(rep):
    assert close(program(rep), deals.deal(owner=rep), "undo-close").status_code == 409


def test_who_may_undo(rep, colleague, manager, outsider):
    deal = deals.deal(owner=rep)
    deal.collaborators.add(colleague, outsider)
    close(program(rep), deal, "lose", {"reason": "timing"})

    statuses = [
        close(program(user), deal, "undo-close").status_code
        for user in (colleague, outsider, manager)
    ]

    assert statuses == [403, 403, 200]


VERBS = [
    ("lose", {"reason": "timing"}),
    ("win", {}),
    ("disqualify", {"disqualified_as": "duplicate"}),
    ("undo-close", {}),
    ("second-chance", {}),
    ("move", {}),
]


@pytest.mark.parametrize(("name", "body"), VERBS)
def test_no_verb_reaches_a_deal_that_one_does_not_see(rep, outsider, viewer, name, body):
    deal = deals.deal(owner=rep)

    unseen = [close(program(user), deal, name, body) for user in (outsider, viewer)]
    unknown = program(outsider).post(f"/deals/999999/{name}/", body)

    assert [answer.status_code for answer in unseen] == [404, 404]
    assert {answer.content for answer in unseen} == {unknown.content}
