"""Charts as inline SVG, drawn on the server: geometry here, marks in templates, colours in charts.css."""

from crm.reports.charts.bars import Bar, Bars
from crm.reports.charts.intervals import IntervalRow, Intervals, interval_cell
from crm.reports.charts.lines import Cumulative, Month
from crm.reports.charts.small import Bullet, Dots
from crm.reports.charts.stacks import Column, Part, Series, Stacks

__all__ = [
    "Bar",
    "Bars",
    "Bullet",
    "Column",
    "Cumulative",
    "Dots",
    "IntervalRow",
    "Intervals",
    "Month",
    "Part",
    "Series",
    "Stacks",
    "interval_cell",
]
