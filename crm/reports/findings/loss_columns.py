"""The columns of losses by month: which reason gets which tone, and what a click on a block opens."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports import periods
from crm.reports.charts import Column, Part, Series, Stacks
from crm.reports.findings import base
from crm.reports.loss_counts import CONTROLS
from crm.shared import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.reports.base import Figure, Report, Row

MOST_MONTHS = 24
TONES = {
    "ours": ["o1", "o2"],
    "partly": ["p1", "p2", "p3"],
    "theirs": ["hatch", "hatch2"],
    "": ["none"],
}
REST = "rest-of-"


def columns(report: Report) -> Stacks:
    """As many reasons as there are tones for who controls them; the rest of each control in one block."""
    series, block_of = _series(report)
    months = report.by("month")[-MOST_MONTHS:]
    cells: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in report.by("month", "reason"):
        cells[row.by["month"] or ""].append((block_of[row.by["reason"] or ""], row))
    return Stacks(
        name=_("Losses by reason and month, %(n)s in all")
        % {"n": display.number(report.figures["losses"].n)},
        axis=_("losses a month"),
        series=series,
        columns=[_column(row, series, cells[row.by["month"] or ""], report) for row in months],
    )


def _series(report: Report) -> tuple[list[Series], dict[str, str]]:
    """From the bottom up ours, partly, theirs, not stated; and for each reason the block that it is part of."""
    series: list[Series] = []
    block_of: dict[str, str] = {}
    for control, tones in TONES.items():
        rows = [row for row in report.by("reason") if row.within == control]
        rows.sort(key=lambda row: -row.figures["losses"].n)
        alone = len(rows) if len(rows) <= len(tones) else len(tones) - 1
        for row, tone in zip(rows[:alone], tones, strict=False):
            slug = row.by["reason"] or ""
            block_of[slug] = slug
            series.append(Series(key=slug, name=row.label, css=tone, group=control))
        rest = rows[alone:]
        if rest:
            words = ngettext("%(control)s: %(n)s other", "%(control)s: %(n)s others", len(rest))
            name = words % {"control": CONTROLS[control], "n": len(rest)}
            series.append(Series(key=REST + control, name=name, css=tones[-1], group=control))
            block_of |= dict.fromkeys((row.by["reason"] or "" for row in rest), REST + control)
    # Without losses in the period there is nothing to draw, nor to label.
    counted = {
        block_of[row.by["reason"] or ""] for row in report.by("reason") if row.figures["losses"].n
    }
    return [kind for kind in series if kind.key in counted], block_of


def _column(
    row: Row, series: Sequence[Series], cells: list[tuple[str, Row]], report: Report
) -> Column:
    first = dt.date.fromisoformat(f"{row.by['month']}-01")
    whole = row.figures["losses"]
    is_running = first <= report.filters.today < periods.last_day_of(first)
    parts = {}
    for kind in series:
        rows = [cell for key, cell in cells if key == kind.key]
        n = sum(cell.figures["losses"].n for cell in rows)
        parts[kind.key] = Part(
            n=n,
            title=f"{row.label}: {kind.name} {display.number(n)}",
            href=_opening(rows, whole),
        )
    return Column(
        label=periods.short_month(first),
        parts=parts,
        note=_("so far") if is_running else "",
        title=f"{row.label}: {base.deals(whole.n)}",
        href=base.page_of(whole),
    )


def _opening(rows: list[Row], whole: Figure) -> str:
    """The deals of one reason; of several, those of the month with any of them."""
    if len(rows) == 1:
        return base.page_of(rows[0].figures["losses"])
    if not rows or whole.behind is None:
        return ""
    slugs = ",".join(sorted(row.by["reason"] or "" for row in rows))
    return f"{whole.behind.page}&reason__in={slugs}"
