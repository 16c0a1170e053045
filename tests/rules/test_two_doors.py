"""Page and API are two doors to the same action: they write the same events and the same rows, to the last column."""

import dataclasses
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from deals.actions import closing, proposals
from tests.factories import deals, followups, referrals, reviews
from tests.programs import program
from tests.rules import snapshots

AT_TEN = {"page": ("2026-04-28", "10:00"), "program": "2026-04-28T09:00:00Z"}  # London, in summer


@dataclasses.dataclass(frozen=True)
class Doors:
    """One action: `prepare(rep)` gives what it acts on, `page` and `program` do it; both answer with their status."""

    prepare: Callable[..., Any]
    page: Callable[..., Any]
    program: Callable[..., Any]


class Fields(HTMLParser):
    """What a browser would send of a page's forms as they stand: inputs, chosen options, texts."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "input" and (
            found.get("type") not in {"radio", "checkbox", "submit"} or "checked" in found
        ):
            self.sent[found.get("name", "")] = found.get("value", "")
        elif tag in {"select", "textarea"}:
            self.name = found.get("name", "")
            self.sent.setdefault(self.name, "")
        elif tag == "option" and "selected" in found:
            self.sent[self.name] = found.get("value", "")


def fill_in(client, path, **typed):
    """Open the page, type, send what the browser would."""
    fields = Fields()
    fields.feed(client.get(path).content.decode())
    kept = {name: value for name, value in fields.sent.items() if name}
    return client.post(path, kept | typed)


def url(name, thing):
    return reverse(name, args=[thing.pk])


def posts(name, **said):
    """A page's form that needs nothing but what is said, and the version that was seen."""

    def page(client, thing):
        version = {"version": thing.version} if hasattr(thing, "version") else {}
        return client.post(url(name, thing), version | said)

    return page


def calls(path, method="POST", **body):
    """A call of a program on one thing; `{pk}` stands for its number."""

    def call(caller, thing):
        match = {"if_match": f'"{thing.version}"'} if hasattr(thing, "version") else {}
        return caller.send(method, path.format(pk=thing.pk), body, **match)

    return call


# ---- what is acted on ----------------------------------------------------------------------------------


def a_deal(rep, **fields):
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    return deals.deal(owner=rep, account=account, contact=contact, **fields)


def a_lost_deal(rep):
    lost = a_deal(rep)
    closing.lose(lost, reason=deals.reason(), by=rep)
    lost.refresh_from_db()
    return lost


def a_proposal(rep):
    return proposals.send(a_deal(rep), by=rep, sent_on=timezone.localdate())


def a_dead_deal(rep):
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    return followups.deal_at_risk(owner=rep, account=account, contact=contact)


def a_step(rep):
    return followups.next_step(a_deal(rep))


def an_ask_put(rep):
    ask = referrals.ask(owner=rep, state="asked", asked_at=timezone.now())
    ask.refresh_from_db()
    return ask


def move_by_page(client, deal):
    stage = deals.stage("negotiation")
    return client.post(url("deals:move", deal), {"stage": stage.pk, "version": deal.version})


def move_by_program(caller, deal):
    stage = deals.stage("negotiation")
    return caller.post(f"/deals/{deal.pk}/move/", {"stage": stage.pk}, if_match=f'"{deal.version}"')


def lose_by_page(client, deal):
    said = {"reason": "price-or-value", "buyer_words": "Too dear", "note": "Budget halved"}
    return fill_in(client, url("deals:lose", deal), six_problems="yes", **said)


def lose_by_program(caller, deal):
    said = {"reason": "price-or-value", "buyer_words": "Too dear", "note": "Budget halved"}
    body = said | {"reflection": {"problems": "yes"}}
    return caller.post(f"/deals/{deal.pk}/lose/", body, if_match=f'"{deal.version}"')


def keep_by_page(client, deal):
    day, time = AT_TEN["page"]
    said = {"what": "Send the plan", "due_at": day, "time": time, "channel": "email"}
    return client.post(url("followups:keep-open", deal), said)


def agree_by_page(client, deal):
    day, time = AT_TEN["page"]
    said = {"interval_days": "10", "channel": "email", "next_at": day, "time": time, "what": "Demo"}
    return client.post(url("followups:agree-plan", deal), said | {"contact": deal.contact_id})


def agree_by_program(caller, deal):
    said = {"interval_days": 10, "channel": "email", "next_at": AT_TEN["program"], "what": "Demo"}
    return caller.post("/plans/", said | {"deal": deal.pk, "contact": deal.contact_id})


def touch_by_page(client, deal):
    said = {"channel": "call", "result": "answered", "note": "Wants a pilot", "minutes": "12"}
    return client.post(url("followups:log-touch", deal), said | {"commitment": "A pilot"})


def touch_by_program(caller, deal):
    said = {"channel": "call", "result": "answered", "note": "Wants a pilot", "minutes": 12}
    return caller.post("/touches/", said | {"deal": deal.pk, "commitment": "A pilot"})


REVIEW = {"value": "Half the work", "voices": "The plant manager", "factors": ["trust", "price"]}


def hold_by_page(client, review):
    said = REVIEW | {"next_text": "Meet the manager first", "next_owner": ""}
    return client.post(url("reviews:hold", review), said | {"version": review.version})


def hold_by_program(caller, review):
    body = REVIEW | {"next_times": [{"text": "Meet the manager first"}]}
    return caller.post(f"/reviews/{review.pk}/hold/", body, if_match=f'"{review.version}"')


def two_companies(rep):
    kept = deals.account(owner=rep)
    kept.twin = deals.account(owner=rep, website="twin.example")
    return kept


def merge_by_page(client, kept):
    path = f"{url('deals:merge-account', kept)}?with={kept.twin.pk}"
    return client.post(path, {"version": kept.version, "take": ["name"]})


def merge_by_program(caller, kept):
    said = {"gone": kept.twin.pk, "take": ["name"]}
    return caller.post(f"/accounts/{kept.pk}/merge/", said, if_match=f'"{kept.version}"')


ACTIONS = {
    "open": Doors(
        lambda rep: rep,
        lambda client, rep: fill_in(client, "/deals/new/", title="Valves", amount="1200.00"),
        lambda caller, rep: caller.post(
            "/deals/", {"title": "Valves", "amount": {"amount": "1200.00", "currency": "EUR"}}
        ),
    ),
    "edit": Doors(
        a_deal,
        lambda client, deal: fill_in(
            client, url("deals:edit", deal), title="Valves", need="yes", source="Fair"
        ),
        calls("/deals/{pk}/", "PATCH", title="Valves", need="yes", source="Fair"),
    ),
    "move": Doors(a_deal, move_by_page, move_by_program),
    "merge": Doors(two_companies, merge_by_page, merge_by_program),
    "win": Doors(
        a_deal,
        posts("deals:win", won_because=["trust"], buyer_words="Half the work"),
        calls("/deals/{pk}/win/", reasons=["trust"], buyer_words="Half the work"),
    ),
    "lose": Doors(a_deal, lose_by_page, lose_by_program),
    "disqualify": Doors(
        a_deal,
        posts("deals:disqualify", disqualified_as="cannot_serve", note="No plant"),
        calls("/deals/{pk}/disqualify/", disqualified_as="cannot_serve", note="No plant"),
    ),
    "undo": Doors(a_lost_deal, posts("deals:undo-close"), calls("/deals/{pk}/undo-close/")),
    "second chance": Doors(
        a_lost_deal,
        posts("deals:second-chance", title="Valves again"),
        calls("/deals/{pk}/second-chance/", title="Valves again"),
    ),
    "state a confidence": Doors(
        a_deal,
        posts("deals:confidence", percent="60"),
        calls("/deals/{pk}/confidence/", percent=60),
    ),
    "park": Doors(
        a_deal,
        posts("deals:park", until="2027-01-04", because="Budget"),
        calls("/deals/{pk}/park/", until="2027-01-04", because="Budget"),
    ),
    "answer a proposal": Doors(
        a_proposal,
        posts("deals:answer-proposal", state="declined", words="Not now"),
        calls("/proposals/{pk}/answer/", state="declined", words="Not now"),
    ),
    "move an order": Doors(
        lambda rep: deals.won(owner=rep).orders.get(),
        posts("deals:move-order", state="delivered"),
        calls("/orders/{pk}/move/", state="delivered"),
    ),
    "log a touch": Doors(a_deal, touch_by_page, touch_by_program),
    "leave out a step": Doors(a_step, posts("followups:skip"), calls("/follow-ups/{pk}/skip/")),
    "keep open": Doors(
        a_dead_deal,
        keep_by_page,
        calls(
            "/deals/{pk}/keep-open/",
            what="Send the plan",
            due_at=AT_TEN["program"],
            channel="email",
        ),
    ),
    "agree a plan": Doors(a_deal, agree_by_page, agree_by_program),
    "asked": Doors(
        lambda rep: referrals.ask(owner=rep),
        posts("referrals:asked"),
        calls("/referral-asks/{pk}/asked/"),
    ),
    "given": Doors(an_ask_put, posts("referrals:given"), calls("/referral-asks/{pk}/given/")),
    "declined": Doors(
        an_ask_put, posts("referrals:declined"), calls("/referral-asks/{pk}/declined/")
    ),
    "waive": Doors(
        lambda rep: referrals.ask(owner=rep),
        posts("referrals:waive", why="They moved"),
        calls("/referral-asks/{pk}/waive/", why="They moved"),
    ),
    "start a review": Doors(
        lambda rep: reviews.outcome(owner=rep).deal,
        posts("reviews:start"),
        lambda caller, deal: caller.post("/reviews/", {"deal": deal.pk}),
    ),
    "hold a review": Doors(lambda rep: reviews.review(owner=rep), hold_by_page, hold_by_program),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_both_doors_write_the_same(name, rep, manager, client):
    """All rows of all apps are compared: who did it, what followed, and every column."""
    action = ACTIONS[name]
    caller = program(rep)
    client.force_login(rep)
    thing = action.prepare(rep)
    by_page = written_by(action.page, client, thing)
    by_program = written_by(action.program, caller, thing)

    assert by_page != {}
    assert by_page == by_program


def written_by(do, who, thing) -> snapshots.Rows:
    """What one door writes; the world is then as it was before."""
    with transaction.atomic():
        before = snapshots.snapshot()
        answer = do(who, thing)
        assert answer.status_code in {200, 201, 302}, answer.status_code
        found = snapshots.new_in(snapshots.snapshot(), before)
        transaction.set_rollback(True)
    return found
