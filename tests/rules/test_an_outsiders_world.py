"""What one may not see changes nothing that one is answered: no list, search, count, report, feed or notice."""

from crm.shared.delivery import take_up
from deals.actions import closing
from tests.factories import deals, followups, referrals, reviews
from tests.rules import doors
from tests.rules.tables import TABLES

CANARY = "Canary-7f3a"


def test_an_outsiders_world_changes_no_answer_that_a_rep_gets(
    rep, outsider, people, things, client
):
    """Lists, searches, counts, reports, feed and notices are to the byte as they were before."""
    client.force_login(rep)
    headers = doors.programs(people)["rep"]
    asked = [door for table in ("PAGES", "API") for door in TABLES[table] if door.method == "GET"]
    take_up()

    def everything() -> dict[str, bytes]:
        return {
            f"{door.name}{query}": doors.rolled_back(
                client, door, things, query=query, **(headers if door in TABLES["API"] else {})
            ).content_shown
            for door in asked
            for query in ("", *searches(door))
        }

    before = everything()
    canaries(outsider)
    take_up()
    after = everything()

    assert [name for name in after if after[name] != before[name]] == []
    assert [name for name, body in after.items() if CANARY.encode() in body] == []


def searches(door) -> list[str]:
    """Queries that would find the canaries, echoing less than their whole name."""
    if door.name in {"deals:pipeline", "deals:accounts", "deals:totals", "deals:count"}:
        return [
            "?search=Canary-7f&status=" if door.name != "deals:accounts" else "?search=Canary-7f"
        ]
    if door.name == "deals:find-accounts":
        return ["?account_name=Canary-7f"]
    if door.name in {f"api-{kind}-list" for kind in ("deals", "accounts", "contacts")}:
        return ["?search=Canary-7f"]
    return []


def canaries(outsider) -> None:
    """A world of an outsider, named so that it is known wherever it comes out."""
    account = deals.account(owner=outsider, name=f"{CANARY} account")
    contact = deals.contact(
        owner=outsider, account=account, name=f"{CANARY} contact", email="canary-7f3a@example.com"
    )
    known = {"account": account, "contact": contact}
    open_deal = deals.deal(owner=outsider, title=f"{CANARY} open", **known)
    followups.touch(open_deal, note=f"{CANARY} note")
    followups.plan(open_deal)
    lost = deals.deal(owner=outsider, title=f"{CANARY} lost", **known)
    words = {"buyer_words": f"{CANARY} words", "note": f"{CANARY} note"}
    outcome = closing.lose(lost, reason=deals.reason(), by=outsider, historical=True, **words)
    review = reviews.held_review(owner=outsider, outcome=outcome)
    invited = reviews.sent_invitation(owner=outsider, outcome=outcome, token="canary")
    reviews.answered(owner=outsider, invited=invited, words=f"{CANARY} words")
    referrals.ask(owner=outsider, outcome=outcome)
    assert review.pk
    followups.deal_at_risk(owner=outsider, title=f"{CANARY} at risk", **known)
    again = deals.deal(owner=outsider, title=f"{CANARY} lost today", **known)
    closing.lose(again, reason=deals.reason("timing"), by=outsider)
