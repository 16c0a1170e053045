"""Rule 5: what the sweep does with a deal, and who may keep one open."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused
from followups import persistence
from followups.persistence import Facts, Rule, Step, TouchFacts

NOW = dt.datetime(2026, 4, 20, 8, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
RULE = Rule(6, 45)


def days_ago(days: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


def touch(days: float, channel="call", direction="out", result="no_answer", **more) -> TouchFacts:
    """A touch so many days ago."""
    return TouchFacts(
        at=days_ago(days), channel=channel, direction=direction, result=result, **more
    )


DEAD = Facts(unanswered=6, last_heard_at=days_ago(20))
ALIVE = Facts(unanswered=0, last_heard_at=days_ago(0))
AGREED = Facts(unanswered=6, last_heard_at=days_ago(20), agreed_until=days_ago(-5))
NEVER = Facts()


@pytest.mark.practice("B6")
@pytest.mark.parametrize(
    ("facts", "closes_in", "expected"),
    [
        (DEAD, None, Step.MARK),
        (DEAD, 7, Step.WAIT),
        (DEAD, 1, Step.WAIT),
        (DEAD, 0, Step.CLOSE),
        (DEAD, -30, Step.CLOSE),
        (ALIVE, None, Step.NOTHING),
        (ALIVE, 3, Step.CLEAR),
        (ALIVE, -3, Step.CLEAR),  # the day has come, but the rule holds no more
        (AGREED, None, Step.NOTHING),
        (AGREED, 0, Step.CLEAR),
        (NEVER, None, Step.NOTHING),
    ],
)
def test_what_the_sweep_does(facts, closes_in, expected):
    closes_on = None if closes_in is None else TODAY + dt.timedelta(days=closes_in)

    assert persistence.next_step(facts, RULE, closes_on, now=NOW, today=TODAY) == expected


@pytest.mark.practice("B6")
def test_a_dead_lead_is_warned_and_closed_after_the_grace():
    marked_on = TODAY
    closes_on = persistence.closing_day(marked_on, RULE)

    steps = [
        persistence.next_step(
            DEAD,
            RULE,
            None if day == 0 else closes_on,
            now=NOW + dt.timedelta(days=day),
            today=TODAY + dt.timedelta(days=day),
        )
        for day in range(9)
    ]

    assert closes_on == dt.date(2026, 4, 27)
    assert steps == [Step.MARK, *[Step.WAIT] * 6, Step.CLOSE, Step.CLOSE]


@pytest.mark.practice("E5")
@pytest.mark.parametrize(
    ("in_days", "times_kept", "by_manager"),
    [(0, 0, False), (14, 0, False), (14, 1, True), (14, 5, True), (3, 0, True)],
)
def test_a_deal_may_be_kept_open(in_days, times_kept, by_manager):
    until = TODAY + dt.timedelta(days=in_days)

    persistence.check_keep_open(
        until=until, today=TODAY, times_kept=times_kept, by_manager=by_manager
    )


@pytest.mark.practice("E5")
@pytest.mark.parametrize(
    ("in_days", "times_kept", "by_manager", "message"),
    [
        (3, 1, False, "This deal was kept open once already. A manager can do it again."),
        (15, 0, False, "A deal is kept open for at most 14 days."),
        (15, 0, True, "A deal is kept open for at most 14 days."),
        (-1, 0, False, "The next step lies in the past."),
    ],
)
def test_a_deal_is_not_kept_open(in_days, times_kept, by_manager, message):
    until = TODAY + dt.timedelta(days=in_days)

    with pytest.raises(ActionRefused) as refusal:
        persistence.check_keep_open(
            until=until, today=TODAY, times_kept=times_kept, by_manager=by_manager
        )

    assert refusal.value.message == message


@pytest.mark.practice("B8")
@pytest.mark.parametrize(
    ("need", "fit", "expected"),
    [
        ("yes", "yes", True),
        ("yes", "no", False),
        ("yes", "unknown", False),
        ("unknown", "yes", False),
        ("no", "no", False),
        ("unknown", "unknown", False),
    ],
)
def test_only_qualified_deals_go_to_nurture(need, fit, expected):
    assert persistence.goes_to_nurture(need, fit) is expected
