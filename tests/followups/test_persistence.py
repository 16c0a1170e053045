"""Rules 1, 2, 4 and 5: heard, unanswered, dead, and letting go."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals.states import Phase
from followups import persistence
from followups.persistence import Facts, Meter, MeterState, Rule, TouchFacts
from followups.states import Channel, Direction, Result

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


# ---- rule 1: heard from --------------------------------------------------------------------------

HEARD = [
    ("email", "in", "replied"),
    ("email", "in", "sent"),
    ("email", "out", "replied"),
    ("call", "out", "answered"),
    ("call", "in", "answered"),
    ("call", "in", "no_answer"),  # the buyer rang, and we were out
    ("call", "in", "left_message"),
    ("meeting", "out", "kept"),
    ("meeting", "in", "kept"),
    ("form", "in", "sent"),
    ("social", "in", "sent"),
    ("social", "out", "replied"),
]
NOT_HEARD = [
    ("call", "out", "no_answer"),
    ("call", "out", "left_message"),
    ("call", "out", "sent"),
    ("email", "out", "sent"),
    ("email", "out", "bounced"),
    ("email", "in", "bounced"),
    ("email", "out", "out_of_office"),
    ("email", "in", "out_of_office"),
    ("meeting", "out", "sent"),
    ("meeting", "out", "not_kept"),
    ("meeting", "in", "not_kept"),
    ("social", "out", "sent"),
    ("post", "out", "sent"),
]


@pytest.mark.practice("B1")
@pytest.mark.parametrize(("channel", "direction", "result"), HEARD)
def test_what_the_buyer_did_is_heard(channel, direction, result):
    assert persistence.hears(touch(0, channel, direction, result)) is True


@pytest.mark.practice("B1")
@pytest.mark.parametrize(("channel", "direction", "result"), NOT_HEARD)
def test_our_own_attempts_and_machines_are_not_heard(channel, direction, result):
    assert persistence.hears(touch(0, channel, direction, result)) is False


def test_a_commitment_is_heard_whatever_carried_it():
    assert persistence.hears(touch(0, "email", "out", "sent", is_commitment=True)) is True


@pytest.mark.parametrize("result", ["bounced", "out_of_office", "not_kept"])
def test_a_machine_does_not_commit_itself(result):
    assert persistence.hears(touch(0, "email", "in", result, is_commitment=True)) is False


def test_what_is_heard_puts_the_count_back_to_zero():
    tries = [touch(9), touch(8, "email", result="sent"), touch(7)]

    before = persistence.replay(tries)
    after = persistence.replay([*tries, touch(1, "email", "in", "replied")])

    assert (before.unanswered, before.last_heard_at) == (3, None)
    assert (after.unanswered, after.last_heard_at) == (0, days_ago(1))


@pytest.mark.parametrize("result", ["bounced", "out_of_office"])
def test_a_machine_s_answer_leaves_the_count(result):
    facts = persistence.replay([touch(9), touch(8), touch(7, "email", "in", result)])

    assert (facts.unanswered, facts.last_heard_at) == (2, None)


# ---- rule 2: unanswered --------------------------------------------------------------------------


@pytest.mark.practice("B1", "B8")
@pytest.mark.parametrize(
    ("channel", "direction", "result", "expected"),
    [
        ("call", "out", "no_answer", True),
        ("call", "out", "left_message", True),
        ("call", "out", "answered", False),
        ("call", "in", "no_answer", False),
        ("email", "out", "sent", True),
        ("email", "out", "bounced", True),
        ("email", "out", "out_of_office", True),
        ("email", "out", "replied", False),
        ("email", "in", "replied", False),
        ("email", "in", "out_of_office", False),
        ("meeting", "out", "sent", True),
        ("meeting", "out", "not_kept", True),
        ("meeting", "out", "kept", False),
        ("form", "out", "sent", False),
        ("social", "out", "sent", False),
        ("post", "out", "sent", False),
    ],
)
def test_what_counts_as_one_more_try(channel, direction, result, expected):
    assert persistence.counts_as_unanswered(channel, direction, result) is expected


@pytest.mark.practice("B8")
def test_a_nurture_e_mail_is_no_try():
    assert not persistence.counts_as_unanswered("email", "out", "sent", is_nurture=True)


def test_no_touch_is_both_heard_and_unanswered():
    for channel, direction, result in itertools.product(Channel, Direction, Result):
        one = touch(0, channel, direction, result)

        assert not (
            persistence.hears(one) and persistence.counts_as_unanswered(channel, direction, result)
        )


# ---- derived columns -----------------------------------------------------------------------------


def test_no_touches_say_nothing():
    assert persistence.replay([]) == Facts()


def test_replay_recomputes_every_derived_column_in_order_of_time():
    touches = [
        touch(2, "social", result="sent"),
        touch(30, "email", "in", "sent"),
        touch(3, "email", result="sent"),
        touch(20, "call", result="answered"),
        touch(5, "call"),
        touch(25, "post", result="sent"),
    ]

    facts = persistence.replay(touches, agreed_until=days_ago(-3))

    assert facts == Facts(
        touch_count=6,
        last_touch_at=days_ago(2),
        first_outgoing_at=days_ago(25),
        last_heard_at=days_ago(20),
        unanswered=2,
        agreed_until=days_ago(-3),
    )


def test_a_touch_logged_late_falls_into_its_place():
    touches = [touch(9), touch(5, result="answered"), touch(1)]

    assert persistence.replay([*touches, touch(7)]).unanswered == 1
    assert persistence.replay([*touches, touch(3)]).unanswered == 2


def test_a_feedback_answer_is_heard_without_a_touch():
    touches = [touch(9), touch(5), touch(1)]

    facts = persistence.replay(touches, heard_otherwise=[days_ago(4)])

    assert (facts.touch_count, facts.last_heard_at, facts.unanswered) == (3, days_ago(4), 1)


def test_what_is_heard_at_the_instant_of_a_touch_answers_it():
    facts = persistence.replay([touch(5)], heard_otherwise=[days_ago(5)])

    assert facts.unanswered == 0


@pytest.mark.parametrize("before", [touch(5), touch(5, result="answered")])
def test_an_earlier_touch_takes_a_replay(before):
    facts = persistence.with_touch(Facts(), before)

    with pytest.raises(ValueError, match="replay"):
        persistence.with_touch(facts, touch(6))


def test_a_touch_from_before_the_last_hearing_takes_a_replay():
    facts = persistence.with_heard(Facts(), days_ago(4))

    with pytest.raises(ValueError, match="replay"):
        persistence.with_touch(facts, touch(6))


TOUCHES = st.lists(
    st.builds(
        touch,
        st.integers(0, 400),
        st.sampled_from(Channel),
        st.sampled_from(Direction),
        st.sampled_from(Result),
        is_commitment=st.booleans(),
        is_nurture=st.booleans(),
    ),
    max_size=15,
    unique_by=lambda one: one.at,
)


@given(touches=TOUCHES)
def test_one_by_one_and_all_at_once_say_the_same(touches):
    facts = Facts()
    for one in sorted(touches, key=lambda one: one.at):
        facts = persistence.with_touch(facts, one)

    heard = [one.at for one in touches if persistence.hears(one)]
    out = [one.at for one in touches if one.direction == Direction.OUT]
    assert facts == persistence.replay(touches)
    assert facts.touch_count == len(touches)
    assert facts.last_heard_at == max(heard, default=None)
    assert facts.first_outgoing_at == min(out, default=None)
    assert facts.unanswered == sum(
        persistence.counts_as_unanswered(
            one.channel, one.direction, one.result, is_nurture=one.is_nurture
        )
        for one in touches
        if one.at > max(heard, default=days_ago(9999)) and not persistence.hears(one)
    )


# ---- rule 4: the stop rule -----------------------------------------------------------------------


@pytest.mark.practice("B6", "E1")
def test_delivered_rules():
    assert persistence.DELIVERED_RULES == {
        Phase.SUSPECT: Rule(4, 30, 7),
        Phase.PROSPECT: Rule(5, 45, 7),
        Phase.APPROACH: Rule(6, 60, 7),
        Phase.NEGOTIATION: Rule(6, 45, 7),
        Phase.CONCLUSION: Rule(6, 30, 7),
    }


@pytest.mark.parametrize("numbers", [(0, 30, 7), (4, 0, 7), (4, 30, -1)])
def test_a_rule_that_would_close_everything_is_none(numbers):
    with pytest.raises(ValueError, match="stop rule"):
        Rule(*numbers)


def test_a_rule_may_close_at_once():
    assert Rule(1, 1, 0).grace_days == 0


@pytest.mark.practice("B6")
@pytest.mark.parametrize(
    ("unanswered", "heard", "first_out", "expected"),
    [
        (5, 1, 60, False),
        (6, 1, 60, True),  # tries come first
        (7, 1, 60, True),
        (0, 44.9, 60, False),
        (0, 45, 60, True),  # days come first
        (0, 400, None, True),
        (1, None, 44.9, False),
        (1, None, 45, True),  # never heard: since the first outgoing touch
        (0, None, None, False),  # never touched is not dead
        (9, -1, None, True),
    ],
)
def test_the_rule_is_met_by_tries_or_by_days(unanswered, heard, first_out, expected):
    facts = Facts(
        unanswered=unanswered,
        last_heard_at=None if heard is None else days_ago(heard),
        first_outgoing_at=None if first_out is None else days_ago(first_out),
    )

    assert persistence.rule_met(facts, RULE, NOW) is expected


@pytest.mark.practice("B6")
def test_deals_never_touched_are_never_contacted():
    assert persistence.never_contacted(Facts())
    assert not persistence.never_contacted(persistence.replay([touch(1)]))
    assert not persistence.never_contacted(persistence.replay([touch(1, "email", "in", "sent")]))
    assert not persistence.never_contacted(persistence.replay([touch(1, "social", "out", "sent")]))


@pytest.mark.parametrize(
    ("agreed_until", "expected"), [(-1, False), (0, False), (0.001, True), (30, True), (None, True)]
)
def test_an_agreed_date_suspends_the_rule_until_it_has_passed(agreed_until, expected):
    facts = Facts(
        unanswered=9,
        last_heard_at=days_ago(90),
        agreed_until=None if agreed_until is None else days_ago(agreed_until),
    )

    assert persistence.rule_met(facts, RULE, NOW) is expected


@pytest.mark.parametrize(
    ("heard", "first_out", "expected"),
    [(None, None, 0), (3.9, 10, 3), (None, 10, 10), (-2, None, 0)],
)
def test_silence_is_whole_days_since_the_buyer_was_heard(heard, first_out, expected):
    facts = Facts(
        last_heard_at=None if heard is None else days_ago(heard),
        first_outgoing_at=None if first_out is None else days_ago(first_out),
    )

    assert persistence.silent_days(facts, NOW) == expected


# ---- the meter -----------------------------------------------------------------------------------


@pytest.mark.practice("B1", "E1")
@pytest.mark.parametrize(
    ("rule", "unanswered", "days", "state"),
    [
        (Rule(6, 45), 1, 8, "calm"),
        (Rule(6, 45), 3, 19, "calm"),
        (Rule(6, 45), 4, 20, "near"),
        (Rule(6, 45), 0, 33, "calm"),
        (Rule(6, 45), 0, 34, "near"),  # 75 % of 45 is 33.75
        (Rule(5, 45), 3, 1, "near"),  # 60 % of 5 exactly
        (Rule(6, 60), 3, 34, "calm"),
        (Rule(6, 60), 0, 45, "near"),
        (Rule(6, 45), 6, 41, "met"),
        (Rule(4, 30), 4, 33, "met"),
        (Rule(1, 1), 0, 0, "calm"),
        (Rule(1, 1), 1, 0, "met"),
    ],
)
def test_the_meter_is_near_before_the_rule_bites(rule, unanswered, days, state):
    facts = Facts(unanswered=unanswered, last_heard_at=days_ago(days))

    assert persistence.meter(facts, rule, NOW) == Meter(
        unanswered=unanswered,
        max_unanswered=rule.max_unanswered,
        silent_days=days,
        max_silent_days=rule.max_silent_days,
        state=MeterState(state),
        is_never_contacted=False,
    )


def test_the_meter_of_a_deal_never_contacted():
    meter = persistence.meter(Facts(), RULE, NOW)

    assert meter == Meter(
        unanswered=0,
        max_unanswered=6,
        silent_days=0,
        max_silent_days=45,
        state=MeterState.CALM,
        is_never_contacted=True,
    )


@pytest.mark.parametrize("unanswered", [4, 6])
def test_an_agreed_date_keeps_the_meter_calm(unanswered):
    facts = Facts(unanswered=unanswered, last_heard_at=days_ago(40), agreed_until=days_ago(-2))

    assert persistence.meter(facts, RULE, NOW).state == MeterState.CALM
