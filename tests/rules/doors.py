"""Every address of the URLconf, a small world behind them, and who gets what answer at each."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from crm.imports.models import Import
from crm.imports.states import ImportState, Kind
from crm.shared import letters, tokens
from crm.shared.models import Notice, User
from crm.shared.models.token import TokenScope
from deals.actions import directory, directory_merge, orders, proposals
from deals.models import Outcome
from reviews.models import FeedbackInvitation
from tests.factories import deals, exports, followups, mail, referrals, reviews

NOWHERE = 999_999_999
OPERATOR = "admin"  # the namespace of the operator's pages
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
PAGE_CAST = ("anonymous", "rep", "colleague", "manager", "outsider", "viewer", "admin")
API_CAST = ("none", "expired", "read", *PAGE_CAST[1:], "all")


@dataclasses.dataclass(frozen=True)
class Route:
    """A name of the URLconf, the parameters its address takes, and the methods where the view tells them."""

    name: str
    params: frozenset[str]
    methods: frozenset[str] | None


@dataclasses.dataclass(frozen=True)
class Door:
    """One line of the table: who knocks in this way gets these answers, in the order of the cast."""

    name: str
    method: str
    thing: str
    answers: tuple[int, ...]


def routes(resolver: Any = None, namespace: str = "") -> Iterator[Route]:
    """Every named pattern of our own addresses; the operator's pages stand for themselves."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != OPERATOR:
                yield from routes(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            actions = getattr(entry.callback, "actions", None)
            known = frozenset(method.upper() for method in actions) if actions else None
            yield Route(
                f"{namespace}{entry.name}", frozenset(entry.pattern.regex.groupindex), known
            )


def read(table: str, *, cast: tuple[str, ...]) -> list[Door]:
    """The doors of a table: route, method, thing or –, then a status for each of the cast."""
    doors = []
    for line in filter(None, map(str.strip, table.splitlines())):
        name, method, thing, *answers = line.split()
        assert len(answers) == len(cast), line
        doors.append(Door(name, method, thing, tuple(map(int, answers))))
    return doors


# ---- a small world: all of it the rep's --------------------------------------------------------------


def world(rep: User, *, team: Any) -> dict[str, Any]:
    """The id (or word) of one thing of each kind, by its name in the tables."""
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    deal = deals.deal(owner=rep, account=account, contact=contact, product=deals.product())
    other = deals.contact(owner=rep, account=account)
    stakeholder = directory.add_stakeholder(deal, by=rep, contact=other, role="user")
    proposal = proposals.send(deal, by=rep, sent_on=timezone.localdate())
    order = orders.move(deals.won(owner=rep).orders.get(), to="delivered", by=rep)
    touch, plan = followups.touch(deal), followups.plan(deal)
    rule = followups.stop_rule(deal=deal)
    lost = reviews.outcome(owner=rep, account=account, contact=contact)
    competitor = deals.competitor()
    job = Import.objects.create(
        kind=Kind.DEALS,
        by=rep,
        file_name="deals.csv",
        stored_as="deals.csv",
        state=ImportState.DONE,
    )
    Notice.objects.all().delete()  # the bell of a page not found would name a deal
    return people(rep, team=team) | {
        "account": account.pk,
        "merge": directory_merge.merge(
            deals.account(owner=rep), deals.account(owner=rep), by=rep
        ).pk,
        "contact": contact.pk,
        "deal": deal.pk,
        "lost": lost.deal_id,
        "stakeholder": stakeholder.pk,
        "proposal": proposal.pk,
        "order": order.pk,
        "check": order.checks.first().pk,
        "touch": touch.pk,
        "plan": plan.pk,
        "rule": rule.pk,
        "stage": deal.stage_id,
        "product": deal.product_id,
        "competitor": competitor.pk,
        "segment": deals.segment().pk,
        "target_list": deals.target_list(account, owner=rep).pk,
        "follow_up": followups.next_step(deal).pk,
        "import": job.pk,
        "bulk_job": deals.bulk_job(by=rep).pk,
        "view": deals.saved_view(owner=rep).pk,
        "export": exports.export(by=rep).pk,
        "reason": deals.reason().pk,
        "report": "win-rate",
        **after_the_loss(lost, rep),
    }


def after_the_loss(lost: Outcome, rep: User) -> dict[str, Any]:
    invited = reviews.sent_invitation(owner=rep, token="answered-already")
    answered = reviews.answered(owner=rep, invited=invited)
    open_one = reviews.sent_invitation(owner=rep, outcome=lost, contact=lost.deal.contact)
    assert isinstance(open_one, FeedbackInvitation)
    letter = mail.queued(mail.to_rep(rep, due_at=timezone.now()))
    return {
        "review": reviews.review(owner=rep, outcome=lost).pk,
        "feedback": answered.pk,
        "invitation": open_one.pk,
        "link": reviews.TOKEN,
        "ask": referrals.ask(owner=rep, outcome=lost).pk,
        "key": "MQ:1vTest",
        "letter": letters.unsubscribe_url(letter.message_id).rstrip("/").rsplit("/", 1)[-1],
    }


def people(rep: User, *, team: Any) -> dict[str, Any]:
    return {"user": rep.pk, "team": team.pk}


def address(door: Door, things: Mapping[str, Any]) -> str:
    return reverse(door.name, args=[] if door.thing == "–" else [things[door.thing]])


# ---- knocking --------------------------------------------------------------------------------------


def rolled_back(
    client: Client, door: Door, things: Mapping[str, Any], *, query: str = "", **headers: str
) -> Any:
    """The answer at a door, and the world as it was before."""
    with transaction.atomic():
        answer: Any = client.generic(
            door.method, address(door, things) + query, **kind_of_body(door), headers=headers
        )
        answer.content_shown = without_secrets(read_whole(answer))
        transaction.set_rollback(True)
    return answer


def read_whole(answer: Any) -> Any:
    """The answer, read to its end, its file closed."""
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for close in answer._resource_closers:  # noqa: SLF001  (its `close` would end the connection, too)
        close()
    return answer


def kind_of_body(door: Door) -> dict[str, Any]:
    """As good as nothing is sent: whoever may pass is told what is missing."""
    if door.method == "GET":
        return {}
    if door.name.startswith("api-"):
        return {"data": "{}", "content_type": "application/json"}
    return {"data": "next=/", "content_type": "application/x-www-form-urlencoded"}


def without_secrets(answer: Any) -> bytes:
    """The body, without what differs from one answer to the next: the CSRF token and the address itself."""
    body = re.sub(
        rb'(csrfmiddlewaretoken" value|X-CSRFToken"|csrf-token" content)\W+\w+', b"", answer.body
    )
    return bytes(body)


def programs(people: Mapping[str, User]) -> dict[str, dict[str, str]]:
    """The headers of each program: a writing token for each person, and those of rep that do less; `all` may set up."""
    rep, admin = people["rep"], people["admin"]
    past = timezone.now() - dt.timedelta(minutes=1)
    plain = {
        "expired": tokens.make(rep, name="old", scope=TokenScope.WRITE, expires_at=past)[1],
        "read": tokens.make(rep, name="reader", scope=TokenScope.READ)[1],
        "all": tokens.make(admin, name="set up", scope=TokenScope.ADMIN)[1],
    } | {
        name: tokens.make(person, name="writer", scope=TokenScope.WRITE)[1]
        for name, person in people.items()
    }
    return {"none": {}} | {name: {"authorization": f"Bearer {one}"} for name, one in plain.items()}
