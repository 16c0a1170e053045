"""Today and the bell, as a person sees them."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.shared.models import User
from deals.actions import closing
from followups.actions import plans, touches
from tests.factories import deals as make
from tests.factories import reviews

pytestmark = pytest.mark.django_db


def waiting(client: Client) -> list[str]:
    return [item.title for item in client.get("/").context["waiting"]]


def test_what_matters_most_stands_first(client: Client, rep: User, now: dt.datetime) -> None:
    client.force_login(rep)
    late = make.deal(owner=rep, title="Late", contact=make.contact(owner=rep))
    plans.agree(
        late,
        plans.Agreement(next_at=now - dt.timedelta(days=1)),
        by=rep,
        now=now - dt.timedelta(days=5),
    )
    answered = make.deal(owner=rep, title="Answered", contact=make.contact(owner=rep))
    touches.log_touch(answered, by=rep, channel="email", result="replied", note="Can we talk?")

    assert waiting(client) == ["Answered", "Late"]


def test_what_comes_on_the_next_working_day_stands_below(
    client: Client, rep: User, now: dt.datetime
) -> None:
    client.force_login(rep)
    deal = make.deal(owner=rep, title="Tomorrow", contact=make.contact(owner=rep))
    plans.agree(deal, plans.Agreement(next_at=now + dt.timedelta(days=1)), by=rep, now=now)

    later = client.get("/").context["later"]

    assert [(day, [item.title for item in items]) for day, items in later] == [
        (dt.date(2026, 4, 21), ["Tomorrow"])
    ]


def test_the_frame_counts_what_waits_today_and_the_reviews_to_hold(
    client: Client, rep: User, colleague: User, now: dt.datetime
) -> None:
    client.force_login(rep)
    for owner, days in ((rep, 0), (rep, 1), (colleague, 0)):
        deal = make.deal(owner=owner, contact=make.contact(owner=owner))
        next_at = now + dt.timedelta(days=days, minutes=1)
        plans.agree(deal, plans.Agreement(next_at=next_at), by=owner, now=now)
    due, later = (now.date() + dt.timedelta(days=days) for days in (0, 1))
    for owner, due_on in ((rep, due), (rep, later), (colleague, due)):
        reviews.review(owner=owner, due_on=due_on)

    counts = client.get("/me/waiting/").context["counts"]

    assert counts == {"today:today": len(waiting(client)), "reviews:reviews": 1}
    assert counts["today:today"] == 2


def test_an_empty_day_says_what_will_stand_here(client: Client, rep: User) -> None:
    client.force_login(rep)

    assert "Nothing waits for you" in client.get("/").content.decode()


def test_other_peoples_work_is_theirs(
    client: Client, rep: User, colleague: User, now: dt.datetime
) -> None:
    client.force_login(rep)
    deal = make.deal(owner=colleague, contact=make.contact(owner=colleague))
    plans.agree(deal, plans.Agreement(next_at=now + dt.timedelta(hours=1)), by=colleague, now=now)

    assert waiting(client) == []


@pytest.mark.practice("A13")
def test_the_bell_rings_for_everybody(client: Client, rep: User, outsider: User) -> None:
    closing.win(make.deal(owner=rep, title="Fish halls"), by=rep)
    client.force_login(outsider)

    assert "Fish halls was won" in client.get("/bell/").content.decode()
    assert "Fish halls was won" in client.get("/beside/").content.decode()


def test_a_quiet_bell_says_so(client: Client, rep: User) -> None:
    client.force_login(rep)

    assert "It is quiet" in client.get("/bell/").content.decode()


def test_queries_do_not_grow_with_rows(client: Client, rep: User, now: dt.datetime) -> None:
    client.force_login(rep)

    def queries(rows: int) -> int:
        for _ in range(rows):
            deal = make.deal(owner=rep, contact=make.contact(owner=rep))
            plans.agree(deal, plans.Agreement(next_at=now + dt.timedelta(hours=1)), by=rep, now=now)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    assert queries(1) == queries(4)
