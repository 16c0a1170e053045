"""Every list of the API takes `?search=`, as it promises, and finds by the names that people know a thing by."""

import pytest

from crm.api_urls import ROUTES
from crm.shared.api.viewsets import ReadViewSet
from deals.actions import directory
from tests.factories import deals, followups, referrals, reviews
from tests.programs import program

WITHOUT_WORDS = {
    "events",
    "exports",
    "merges",
}  # a feed, and records that have no name of their own
LISTS = [
    name
    for name, viewset in ROUTES
    if name not in WITHOUT_WORDS and issubclass(viewset, ReadViewSet)
]


@pytest.mark.parametrize("path", LISTS)
def test_a_search_is_answered(path, rep):
    answer = program(rep).get(f"/{path}/?search=no+such+word")

    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_what_hangs_on_a_deal_is_found_by_the_names_of_the_deal(rep):
    """By every word of its title, its account and its contact; what hangs on another deal is not."""
    for title in ("Ward fridges", "Depot"):
        contact = deals.contact(owner=rep, name=f"{title} buyer")
        deal = deals.deal(owner=rep, title=title, contact=contact)
        directory.add_stakeholder(deal, contact=contact, role="user", by=rep)
        followups.plan(deal)
        followups.stop_rule(deal=deal)
        outcome = reviews.outcome(owner=rep, title=title, contact=contact)
        reviews.review(owner=rep, outcome=outcome)
        reviews.sent_invitation(owner=rep, outcome=outcome, token=title)
        referrals.ask(owner=rep, outcome=outcome)
    paths = ["stakeholders", "plans", "follow-ups", "stop-rules", "reviews"]
    paths += ["feedback-invitations", "referral-asks"]

    caller = program(rep)
    found = {
        path: [
            len(caller.get(f"/{path}/?search={typed}").json()["results"])
            for typed in ("ward+FRIDGES", "ward+depot")
        ]
        for path in paths
    }

    expected = {path: [1, 0] for path in paths}
    assert found == expected | {"follow-ups": [2, 0]}  # the lost deal keeps its cancelled one
