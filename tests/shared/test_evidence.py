"""Intervals, tests and survival against worked examples, scipy and statsmodels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from crm.shared import evidence
from crm.shared.evidence import Interval, Verdict


def wilson(successes: int, n: int) -> Interval:
    """The interval of a share that has one."""
    interval = evidence.wilson(successes, n)
    assert interval is not None
    return interval


def test_two_sided_95_percent():
    assert pytest.approx(1.959963984540054, abs=1e-12) == evidence.Z


# ---- shares --------------------------------------------------------------------------------------


@pytest.mark.practice("C5", "F4")
@pytest.mark.parametrize(
    ("successes", "n", "share", "low", "high", "digits"),
    [
        (5, 50, 0.100, 0.043, 0.214, 3),
        (5, 60, 0.083, 0.036, 0.181, 3),
        (4238, 6711, 0.6315, 0.6199, 0.6430, 4),
    ],
)
def test_worked_examples(successes, n, share, low, high, digits):
    interval = wilson(successes, n)

    assert round(successes / n, digits) == share
    assert (round(interval.low, digits), round(interval.high, digits)) == (low, high)


@pytest.mark.parametrize(
    ("successes", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (1, 3), (15, 148), (1, 1_000_000)]
)
def test_wilson_as_scipy_has_it(successes, n):
    expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")

    assert evidence.wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_a_denominator_there_is_no_interval():
    assert evidence.wilson(0, 0) is None


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_what_is_no_share_is_refused(successes, n):
    with pytest.raises(ValueError, match="is no share"):
        evidence.wilson(successes, n)


@given(data=st.data(), n=st.integers(1, 100_000))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(data, n):
    successes = data.draw(st.integers(0, n))

    low, high = wilson(successes, n)

    assert 0 <= low <= successes / n <= high <= 1
    assert low < high
    assert (low == 0) == (successes == 0)
    assert (high == 1) == (successes == n)


@given(data=st.data(), n=st.integers(1, 10_000))
def test_the_interval_of_the_others_is_the_mirror_image(data, n):
    successes = data.draw(st.integers(0, n))

    low, high = wilson(successes, n)

    assert evidence.wilson(n - successes, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


# ---- two shares ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "n_a", "b", "n_b"),
    [(5, 50, 5, 60), (30, 100, 50, 100), (1, 20, 9, 20), (0, 30, 9, 30), (900, 1000, 950, 1000)],
)
def test_two_proportions_as_statsmodels_has_it(a, n_a, b, n_b):
    _z, expected = proportions_ztest([a, b], [n_a, n_b])

    assert evidence.two_proportions(a, n_a, b, n_b) == pytest.approx(expected, abs=1e-12)


@pytest.mark.practice("C5")
def test_five_of_fifty_and_five_of_sixty_cannot_be_told_apart():
    assert evidence.cannot_be_told_apart(5, 50, 5, 60)
    assert not evidence.cannot_be_told_apart(500, 5000, 500, 6000)


@pytest.mark.parametrize(
    ("a", "n_a", "b", "n_b"), [(0, 0, 3, 9), (3, 9, 0, 0), (0, 0, 0, 0), (0, 9, 0, 5), (9, 9, 5, 5)]
)
def test_where_nothing_can_be_told_p_is_1(a, n_a, b, n_b):
    assert evidence.two_proportions(a, n_a, b, n_b) == 1.0


@pytest.mark.parametrize(("a", "n_a", "b", "n_b"), [(6, 5, 1, 5), (1, 5, 6, 5)])
def test_either_side_must_be_a_share(a, n_a, b, n_b):
    with pytest.raises(ValueError, match="6 of 5"):
        evidence.two_proportions(a, n_a, b, n_b)


# ---- trends --------------------------------------------------------------------------------------


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_as_statsmodels_has_it(p_values):
    expected = multipletests(p_values, method="fdr_bh")[1]

    assert evidence.benjamini_hochberg(p_values) == pytest.approx(list(expected), abs=1e-12)


def test_no_tests_need_no_adjusting():
    assert evidence.benjamini_hochberg([]) == []


@pytest.mark.practice("F4")
def test_a_reason_rises_or_falls_only_where_the_data_supports_it():
    now = {"price": 60, "timing": 20, "trust": 20, "fit": 0}
    before = {"price": 20, "timing": 22, "trust": 58, "fit": 0, "legal": 0}

    assert evidence.trends(now, before) == {
        "price": Verdict.RISING,
        "timing": None,
        "trust": Verdict.FALLING,
        "fit": None,
        "legal": None,
    }


@pytest.mark.practice("F4")
def test_shares_are_compared_and_not_counts():
    twice_as_many = {"price": 100, "timing": 100}
    before = {"price": 50, "timing": 50}

    assert evidence.trends(twice_as_many, before) == {"price": None, "timing": None}


@pytest.mark.practice("F4")
def test_one_of_many_reasons_needs_more_than_p_below_5_percent():
    rest = {f"reason {number}": 12 for number in range(8)}
    now, before = {"price": 15} | rest, {"price": 5} | rest
    n_now, n_before = sum(now.values()), sum(before.values())

    assert evidence.two_proportions(15, n_now, 5, n_before) < 0.05
    assert evidence.trends(now, before) == dict.fromkeys(now)


@pytest.mark.practice("F4")
@pytest.mark.parametrize(("now", "before"), [(19, 500), (500, 19), (0, 0), (0, 500)])
def test_fewer_than_20_are_too_few_to_say(now, before):
    counts_now = {"price": now, "timing": 0}
    counts_before = {"price": 0, "timing": before}

    assert evidence.trends(counts_now, counts_before) == {
        "price": Verdict.TOO_FEW,
        "timing": Verdict.TOO_FEW,
    }


def test_twenty_are_enough():
    assert evidence.trends({"price": 20}, {"timing": 20}) == {
        "price": Verdict.RISING,
        "timing": Verdict.FALLING,
    }


def test_verdicts_are_the_words_of_the_api():
    assert [verdict.value for verdict in Verdict] == [
        "rising",
        "falling",
        "too few to say",
        "cannot be told apart yet",
    ]


# ---- how long it takes ---------------------------------------------------------------------------


def test_kaplan_meier_worked_by_hand():
    days = [10, 20, 20, 30, 40]
    came = [True, True, False, False, True]

    curve = evidence.kaplan_meier(days, came)

    assert [(point.days, point.at_risk, point.came) for point in curve] == [
        (10, 5, 1),
        (20, 4, 1),
        (40, 1, 1),
    ]
    assert [point.share for point in curve] == pytest.approx([0.8, 0.6, 0.0])
    assert curve[0].standard_error == pytest.approx(math.sqrt(0.8 * 0.2 / 5))


@given(
    watched=st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=60).filter(
        lambda pairs: any(came for _days, came in pairs)
    )
)
def test_kaplan_meier_as_statsmodels_has_it(watched):
    days, came = [pair[0] for pair in watched], [pair[1] for pair in watched]
    with np.errstate(all="ignore"):
        expected = SurvfuncRight(days, came)
        errors = np.nan_to_num(expected.surv_prob_se)

    curve = evidence.kaplan_meier(days, came)

    assert [point.days for point in curve] == list(expected.surv_times)
    assert [point.at_risk for point in curve] == list(expected.n_risk)
    assert [point.came for point in curve] == list(expected.n_events)
    assert [point.share for point in curve] == pytest.approx(list(expected.surv_prob), abs=1e-9)
    assert [point.standard_error for point in curve] == pytest.approx(list(errors), abs=1e-9)


@pytest.mark.parametrize("came", [[], [False, False]])
def test_nobody_came(came):
    curve = evidence.kaplan_meier([5, 9][: len(came)], came)

    assert curve == []
    assert evidence.median_time(curve) is None


@pytest.mark.parametrize(
    ("days", "came", "expected"),
    [
        ([10, 20, 30, 40], [True, True, True, True], 20),
        ([10, 20, 30], [True, True, True], 20),
        ([10, 20, 30, 40], [True, False, False, False], None),
        ([1, 2, 3, 4, 5, 6], [True] * 6, 3),  # the product of fractions misses one half
        ([7], [True], 7),
    ],
)
def test_the_median_is_when_half_have_come(days, came, expected):
    assert evidence.median_time(evidence.kaplan_meier(days, came)) == expected


def test_every_time_has_its_ending():
    with pytest.raises(ValueError, match="zip"):
        evidence.kaplan_meier([1, 2], [True])


# ---- agreement -----------------------------------------------------------------------------------


def test_kappa_as_statsmodels_has_it():
    table = [[20, 5, 1], [10, 15, 3], [2, 2, 9]]
    pairs = [
        (ours, theirs)
        for ours, row in enumerate(table)
        for theirs, count in enumerate(row)
        for _ in range(count)
    ]

    assert evidence.kappa(pairs) == pytest.approx(cohens_kappa(table).kappa, abs=1e-12)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("price", "price"), ("trust", "trust")], 1.0),
        ([("price", "trust"), ("trust", "price")], -1.0),
        ([("price", "trust"), ("price", "trust")], 0.0),
        ([("price", "price")], None),
        ([], None),
    ],
)
def test_kappa_at_its_ends(pairs, expected):
    assert evidence.kappa(pairs) == expected


def test_an_interval_has_names():
    assert Interval(0.1, 0.2)._asdict() == {"low": 0.1, "high": 0.2}
