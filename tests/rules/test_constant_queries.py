"""Every list, page or API, asks the database as often with fifty rows as with one: the number stands here."""

import datetime as dt
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports.models import Import
from crm.imports.states import Kind
from crm.shared.delivery import take_up
from deals.actions import closing
from deals.models import Contact
from followups.actions import letting_go
from tests.factories import deals, exports, followups, reviews
from tests.programs import program

PAGES = {
    "/": 10,
    "/beside/": 8,
    "/me/waiting/": 12,
    "/bell/": 3,
    "/deals/": 9,
    "/deals/?status=lost": 8,
    "/deals/totals/": 5,
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
# Where enough names begin with what was typed, nobody asks for those that contain it.
FULL = {"/search/?search=account": 9}
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
    exports.export(by=rep)
    Import.objects.create(kind=Kind.DEALS, by=rep, file_name="deals.csv", stored_as="deals.csv")


def asked(get, paths) -> dict[str, int]:
    """How many queries each path takes, asked once before, so that what is kept is there."""
    found = {}
    for path in paths:
        assert get(path).status_code == 200, path
        with CaptureQueriesContext(connection) as queries:
            get(path)
        found[path] = len(queries)
    return found


def test_every_list_takes_a_fixed_number_of_queries(rep, client, now):
    client.force_login(rep)
    caller = program(rep)
    one_of_each(rep, 1, now)
    letting_go.sweep(now=now)
    take_up()

    pages, calls = asked(client.get, PAGES), asked(caller.get, API)
    for number in range(2, 51):
        one_of_each(rep, number, now)
    letting_go.sweep(now=now)
    take_up()

    assert (pages, calls) == (PAGES, API)
    assert (asked(client.get, PAGES), asked(caller.get, API)) == (PAGES | FULL, API)
