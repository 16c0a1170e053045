"""Every page and every call that reads asks the database as often with fifty rows as with one; of each list the number stands here."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.exports.models import Export
from crm.exports.states import Kind as ExportKind
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared.delivery import take_up
from deals.actions import closing, directory, outlook, target_lists
from deals.models import Account, Contact, Deal, TargetList
from followups.actions import letting_go
from tests.factories import deals, followups, reviews
from tests.programs import program
from tests.rules import doors
from tests.rules.tables import CAST, TABLES

PAGES = {
    "/": 10,
    "/beside/": 8,
    "/me/waiting/": 12,
    "/bell/": 3,
    "/deals/": 9,
    "/deals/?status=lost": 8,
    "/deals/totals/": 5,
    "/deals/count/": 4,
    "/accounts/": 8,
    "/accounts/lists/": 7,
    "/contacts/": 5,
    "/duplicates/": 4,
    "/search/?search=account": 10,
    "/second-chances/": 4,
    "/reviews/": 4,
    "/reviews/?state=held": 4,
    "/referrals/": 5,
    "/imports/": 3,
    "/exports/": 3,
    "/reports/losses-by-reason/": 10,
    "/reports/win-rate/": 14,
    "/reports/monthly-review/": 21,
}
API = {
    "/users/": 2,
    "/teams/": 3,
    "/accounts/": 2,
    "/contacts/": 2,
    "/deals/": 4,
    "/stakeholders/": 2,
    "/stages/": 2,
    "/products/": 2,
    "/competitors/": 2,
    "/loss-reasons/": 2,
    "/segments/": 2,
    "/target-lists/": 2,
    "/events/": 2,
    "/touches/": 2,
    "/plans/": 2,
    "/follow-ups/": 2,
    "/stop-rules/": 2,
    "/imports/": 2,
    "/exports/": 2,
    "/reviews/": 4,
    "/feedback-invitations/": 2,
    "/referral-asks/": 2,
    "/reports/losses-by-reason/": 4,
    "/reports/win-rate/": 8,
    "/reports/monthly-review/": 15,
}


READ = {200, 204}


def one_of_each(rep, number: int, now: dt.datetime) -> None:
    """One more row for every list: open, late, at risk, lost, with all that hangs on them."""
    account = deals.account(owner=rep)
    contact = deals.contact(owner=rep, account=account)
    known: dict[str, Any] = {
        "account": account,
        "contact": contact,
        "product": deals.product(f"Product {number}"),
    }
    deal = deals.deal(owner=rep, **known)
    deals.competitor(f"Rival {number}")
    deals.segment(f"Segment {number}")
    deals.target_list(account, owner=rep)
    deals.saved_view(owner=rep)
    deal.stakeholders.create(contact=Contact.objects.get(pk=contact.pk), role="user")
    followups.touch(deal, days_ago=20)
    followups.plan(deal)
    followups.stop_rule(deal=deal)
    followups.dead_deal(owner=rep, **known)
    reviews.lost_deal(owner=rep, **known)
    reviews.held_review(owner=rep, outcome=reviews.outcome(owner=rep, **known))
    answered = reviews.sent_invitation(owner=rep, token=f"token {number}")
    reviews.answered(owner=rep, invited=answered)
    closing.win(deals.deal(owner=rep, **known), by=rep)
    Export.objects.create(kind=ExportKind.DEALS, by=rep)
    Import.objects.create(kind=Kind.DEALS, by=rep, file_name="deals.csv", stored_as="deals.csv")


def more_of(things: dict[str, Any], rep, number: int, now: dt.datetime) -> None:
    """One more row wherever a page of one thing lists what hangs on it."""
    account = Account.objects.get(pk=things["account"])
    contact = Contact.objects.get(pk=things["contact"])
    deal = Deal.objects.get(pk=things["deal"])
    known: dict[str, Any] = {"account": account, "contact": contact}
    deals.deal(owner=rep, stage=deal.stage, **known)
    reviews.outcome(owner=rep, **known)
    followups.touch(deal, days_ago=1 + number)
    person = deals.contact(owner=rep, account=account)
    directory.add_stakeholder(deal, contact=person, role="user", by=rep)
    outlook.state_confidence(deal, percent=number, by=rep, now=now)
    listed = Account.objects.filter(pk=deals.account(owner=rep).pk)
    target_lists.add(TargetList.objects.get(pk=things["target_list"]), listed, by=rep)


def asked(get: Callable[[str], Any], addresses: Iterable[str]) -> dict[str, int]:
    """How many queries each address takes."""
    found = {}
    for address in dict.fromkeys(addresses):
        with CaptureQueriesContext(connection) as queries:
            assert doors.read_whole(get(address)).status_code in READ, address
        found[address] = len(queries)
    return found


def open_to(who: str, table: str, things: dict[str, Any]) -> list[str]:
    """The addresses of a table of doors that this one of the cast may read."""
    place = CAST[table].index(who)
    return [
        doors.address(door, things)
        for door in TABLES[table]
        if door.method == "GET" and door.answers[place] in READ
    ]


def test_nothing_that_is_read_takes_more_queries_for_more_rows(rep, admin, things, now):
    """Lists, pages of one thing and the parts of them, reports, settings, and the calls of programs."""
    as_rep, as_admin, by_program = Client(), Client(), program(rep)
    as_rep.force_login(rep)
    as_admin.force_login(admin)
    pages = [*PAGES, *open_to("rep", "PAGES", things)]
    settings = [page for page in open_to("admin", "PAGES", things) if page not in pages]
    calls = [*API, *(path.removeprefix("/api/v1") for path in open_to("rep", "API", things))]

    def found() -> dict[str, int]:
        return (
            asked(as_rep.get, pages)
            | asked(as_admin.get, settings)
            | {f"API {call}": count for call, count in asked(by_program.get, calls).items()}
        )

    def add(numbers: Iterable[int]) -> None:
        for number in numbers:
            one_of_each(rep, number, now)
            more_of(things, rep, number, now)
        letting_go.sweep(now=now)
        take_up()

    add([1])
    found()  # what is kept from now on
    few = found()
    add(range(2, 51))
    many = found()

    listed = PAGES | {f"API {call}": count for call, count in API.items()}
    assert {address: few[address] for address in listed} == listed
    # Where enough names begin with what was typed, nobody asks for those that contain it.
    assert many == few | {"/search/?search=account": 9}
