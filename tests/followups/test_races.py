"""The sweep against a person at the same deal, both orders forced, with real transactions (rule 6)."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction

from crm.shared.models import EventRecord, User
from deals.actions import closing, pipeline
from deals.models import Deal, Outcome
from followups.actions import letting_go, plans, touches
from followups.actions.plans import Agreement
from followups.models import Touch
from tests.factories import deals as make
from tests.factories import followups as made
from tests.factories import shared

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PATIENCE = 20  # seconds until a test gives up on a thread that does not move


@pytest.fixture
def day_has_come(now: dt.datetime) -> Iterator[dt.datetime]:
    """A week on: the grace of what was marked at `now` is over."""
    later = now + dt.timedelta(days=7)
    with time_machine.travel(later, tick=False):
        yield later


@pytest.fixture
def owner() -> User:
    return shared.user(name="Rita Rep")


class Race:
    """Two actions on one deal: the first holds its locks until the second waits for them, then commits."""

    def __init__(self, first: Callable[[], Any], second: Callable[[], Any]) -> None:
        self.first, self.second = first, second
        self.answers: dict[str, Any] = {}
        self.has_acted, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> tuple[Any, Any]:
        threads = [
            threading.Thread(target=self._in_thread, args=(name, act))
            for name, act in (("first", self._hold), ("second", self.second))
        ]
        threads[0].start()
        assert self.has_acted.wait(PATIENCE)
        threads[1].start()
        self._wait_until_blocked(threads[1])
        self.may_commit.set()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        return self.answers["first"], self.answers["second"]

    def _hold(self) -> Any:
        with transaction.atomic():
            answer = self.first()
            self.has_acted.set()
            assert self.may_commit.wait(PATIENCE)
        return answer

    def _in_thread(self, name: str, act: Callable[[], Any]) -> None:
        try:
            self.answers[name] = act()
        except Exception as refusal:
            self.answers[name] = refusal
        finally:
            self.has_acted.set()
            connections.close_all()

    @staticmethod
    def _wait_until_blocked(thread: threading.Thread) -> None:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        for _ in range(PATIENCE * 50):
            with connection.cursor() as cursor:
                cursor.execute(waiting)
                if cursor.fetchone()[0] or not thread.is_alive():
                    return
            time.sleep(0.02)
        raise AssertionError("The second never waited for the first.")


def sweep_of(deal: Deal, now: dt.datetime) -> Callable[[], Any]:
    """What the sweep does once it has found the deal."""
    return lambda: letting_go.settle([deal.pk], now=now)


def nothing_is_wrong_with(deal: Deal) -> None:
    """The invariants: no touch after a closing, columns as the touches say, one closing at most."""
    deal.refresh_from_db()
    assert Outcome.objects.standing().filter(deal=deal).count() == (0 if deal.is_open else 1)
    assert Touch.objects.filter(deal=deal).count() == deal.touch_count
    if deal.closed_at is not None:
        assert not Touch.objects.filter(deal=deal, at__gt=deal.closed_at).exists()


@pytest.mark.practice("B6")
@pytest.mark.parametrize("result", ["answered", "no_answer"])
def test_a_touch_before_the_sweep_keeps_the_deal_open(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest, result: str
) -> None:
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")

    _touch, swept = Race(
        lambda: touches.log_touch(deal, by=owner, channel="call", result=result),
        sweep_of(deal, later),
    ).run()

    nothing_is_wrong_with(deal)
    assert (deal.status, Touch.objects.count(), swept.closed) == ("open", 2, 0)


def test_a_touch_after_the_sweep_is_refused_and_says_so(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")

    swept, refusal = Race(
        sweep_of(deal, later),
        lambda: touches.log_touch(deal, by=owner, channel="call", result="answered"),
    ).run()

    nothing_is_wrong_with(deal)
    assert (deal.status, Touch.objects.count(), swept.closed) == ("lost", 1, 1)
    assert isinstance(refusal, touches.DealClosed)
    assert "closed at 08:00 on Mon 27 Apr" in refusal.message
    assert "Undo" in refusal.message


def test_an_agreement_before_the_sweep_keeps_the_deal_open(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")

    Race(
        lambda: plans.agree(deal, Agreement(interval_days=14), by=owner, now=later),
        sweep_of(deal, later),
    ).run()

    nothing_is_wrong_with(deal)
    assert (deal.status, deal.closes_on) == ("open", None)


def test_keeping_open_before_the_sweep_keeps_the_deal_open(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")
    step: dict[str, Any] = {
        "what": "Pilot",
        "due_at": later + dt.timedelta(days=3),
        "channel": "call",
    }

    Race(
        lambda: letting_go.keep_open(deal, by=owner, now=later, **step), sweep_of(deal, later)
    ).run()

    nothing_is_wrong_with(deal)
    assert (deal.status, deal.closes_on) == ("open", dt.date(2026, 5, 1))


def test_winning_before_the_sweep_is_winning(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")

    Race(lambda: closing.win(deal, by=owner), sweep_of(deal, later)).run()

    nothing_is_wrong_with(deal)
    assert deal.status == "won"


def test_handing_over_before_the_sweep_closes_with_the_new_owner(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deal, other = made.deal_at_risk(owner=owner), shared.user()
    later = request.getfixturevalue("day_has_come")

    Race(lambda: pipeline.edit(deal, by=owner, owner=other), sweep_of(deal, later)).run()

    nothing_is_wrong_with(deal)
    assert (deal.status, deal.outcome.owner) == ("lost", other)


def test_two_sweeps_close_a_deal_once(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    deals = [made.deal_at_risk(owner=owner) for _ in range(3)]
    later = request.getfixturevalue("day_has_come")
    ids = [deal.pk for deal in deals]

    first, second = Race(
        lambda: letting_go.settle(ids, now=later), lambda: letting_go.settle(ids, now=later)
    ).run()

    assert (first.closed, second.closed) == (3, 0)
    assert EventRecord.objects.filter(name="deal.lost").count() == 3


def test_two_sweeps_warn_once(owner: User, now: dt.datetime) -> None:
    deal = made.dead_deal(owner=owner)

    first, second = Race(sweep_of(deal, now), sweep_of(deal, now)).run()

    assert (first.marked, second.marked) == (1, 0)
    assert EventRecord.objects.filter(name="deal.at_risk").count() == 1


def test_two_touches_at_once_both_count_and_plan_one_next_step(
    owner: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=owner)

    def call() -> Any:
        return touches.log_touch(deal, by=owner, channel="call", result="no_answer")

    Race(call, call).run()

    nothing_is_wrong_with(deal)
    assert (deal.touch_count, deal.unanswered_touches) == (2, 2)
    assert made.next_step(deal).due_at == deal.next_follow_up_at


def test_asking_the_touches_instead_would_close_a_deal_just_worked_on(
    owner: User, now: dt.datetime, request: pytest.FixtureRequest
) -> None:
    """The mutation: "not exists" looks at what was committed when it began, even after it has waited for the row.

    With this condition in `settle` the first test above turns red; with the deal's own column it stays green.
    """
    deal = made.deal_at_risk(owner=owner)
    later = request.getfixturevalue("day_has_come")
    conditions = {
        "not exists": "NOT EXISTS (SELECT 1 FROM followups_touch t WHERE t.deal_id = d.id AND t.at >= %s)",
        "own column": "d.last_touch_at < %s",
    }
    closed = {}
    for name, condition in conditions.items():

        def close(condition: str = condition) -> int:
            update = f"UPDATE deals_deal d SET title = 'Closed' WHERE d.id = %s AND {condition}"  # noqa: S608
            with connection.cursor() as cursor:
                cursor.execute(update, [deal.pk, later])
                return int(cursor.rowcount)

        Touch.objects.filter(at__gte=later).delete()
        Deal.objects.filter(pk=deal.pk).update(last_touch_at=now - dt.timedelta(days=50))
        _touch, closed[name] = Race(
            lambda: touches.log_touch(deal, by=owner, channel="call", result="answered"), close
        ).run()

    assert closed == {"not exists": 1, "own column": 0}
