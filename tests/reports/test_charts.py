"""Geometry of charts: round ticks, labels that do not touch, bars as high as they say."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.reports.charts import Bullet, Column, Dots, Part, Series, Stacks
from crm.reports.charts.geometry import shortened, spread, ticks


@pytest.mark.parametrize(
    ("highest", "whole", "found"),
    [
        (30, True, [0, 10, 20, 30]),
        (4, True, [0, 1, 2, 3, 4]),
        (1, True, [0, 1]),
        (1_100_000, False, [0, 250_000, 500_000, 750_000, 1_000_000, 1_250_000]),
        (0, True, [0, 1]),
        (0.43, False, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
    ],
)
def test_ticks_are_round(highest, whole, found):
    assert ticks(highest, whole=whole) == pytest.approx(found)


@given(st.floats(min_value=0.001, max_value=1e9))
def test_ticks_begin_at_nothing_and_hold_the_highest(highest):
    found = ticks(highest)

    assert found[0] == 0
    assert found[-1] >= highest * 0.999
    assert len(found) <= 7


@given(st.lists(st.floats(min_value=0, max_value=200), max_size=12))
def test_labels_keep_their_distance_and_their_order(wanted):
    places = spread(sorted(wanted), gap=15, low=0, high=400)

    assert all(second - first >= 14.999 for first, second in pairwise(places))
    assert all(-0.001 <= place <= 400.001 for place in places)


def test_labels_stay_where_there_is_room():
    assert spread([10, 50, 52], gap=15, low=0, high=100) == [10, 50, 65]
    assert spread([90, 95], gap=15, low=0, high=100) == [85, 100]


def test_long_names_are_cut():
    assert shortened("No decision-maker reached", 100) == "No decision-ma…"
    assert shortened("Timing", 100) == "Timing"


def test_stacked_blocks_are_as_high_as_their_counts():
    series = [
        Series(key="a", name="A", css="o1", group="ours"),
        Series(key="b", name="B", css="p1", group="partly"),
    ]
    columns = [
        Column(label="Jan", parts={"a": Part(n=20, title=""), "b": Part(n=0, title="")}),
        Column(label="Feb", parts={"a": Part(n=5, title=""), "b": Part(n=10, title="x", href="/")}),
    ]

    chart = Stacks(name="", axis="", series=series, columns=columns)

    heights = [float(block.height) for block in chart.blocks]
    assert heights[0] == pytest.approx(4 * heights[1], abs=0.2)
    # The wider gap between those who control it is cut out of the block above.
    assert heights[2] == pytest.approx(2 * heights[1] - 4, abs=0.2)
    assert [label.text for label in chart.labels] == ["A", "B"]


def test_a_chart_without_columns_is_empty():
    chart = Stacks(name="", axis="", series=[], columns=[])

    assert (chart.blocks, chart.labels) == ([], [])


def test_a_bullet_never_leaves_its_track():
    assert Bullet(value=300, tick=100, whole=200).fill == "240.0"
    assert Bullet(value=0).fill == "0.0"
    assert Bullet(value=50, tick=None, whole=100).tick == ""


def test_many_things_are_a_bar_and_few_are_dots():
    assert [is_done for _x, is_done in Dots(done=2, whole=3, most=5).dots] == [True, True, False]
    assert Dots(done=20, whole=40, most=40).is_bar
