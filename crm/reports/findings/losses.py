"""In words: why deals were lost, who controls it, what rises and falls."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports import periods
from crm.reports.charts import Column, Part, Series, Stacks, interval_cell
from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.reports.losses_by_reason import CONTROLS
from crm.shared import display
from crm.shared.evidence import ENOUGH, Verdict
from deals.models.loss_reason import NOT_STATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.reports.base import Figure, Report, Row
    from crm.reports.charts.intervals import _Cell

MOST_MONTHS = 24
TONES = {
    "ours": ["o1", "o2"],
    "partly": ["p1", "p2", "p3"],
    "theirs": ["hatch", "hatch2"],
    "": ["none"],
}
REST = "rest-of-"
CELL = 84.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the list: a reason, or who controls those that follow it."""

    name: str
    control: str
    is_group: bool
    count: base.Cell
    month: base.Cell | None
    share: str
    range: str
    dot: _Cell | None
    verdict: str


def losses(report: Report, *, month: str = "") -> Finding:
    """Columns by month, and the shares with their intervals beside them; `month` adds a column of its own counts."""
    total = report.figures["losses"]
    return Finding(
        title=_title(report),
        sub=_sub(report),
        body="reports/findings/_losses.html",
        context={
            "chart": _chart(report) if total.n else None,
            "lines": _lines(report, month),
            "total": total.n,
            "month": _month_name(month),
            "top": display.percent(_top(report)),
        },
        source=_source(report),
        table=_table(report),
        link=base.opening(total),
    )


# ---- words -------------------------------------------------------------------------------------------


def _title(report: Report) -> str:
    n = report.figures["losses"].n
    if not n:
        return _("No deal was lost")
    if n < ENOUGH:
        words = ngettext(
            "%(n)s loss: too few to say what changes",
            "%(n)s losses: too few to say what changes",
            n,
        )
        return words % {"n": display.number(n)}
    rising, falling = (
        _names(row for row in report.by("reason") if row.figures["share"].verdict == verdict)
        for verdict in (Verdict.RISING, Verdict.FALLING)
    )
    if rising and falling:
        return _("%(falling)s less often, %(rising)s more often") % {
            "falling": capfirst(falling),
            "rising": _lower(rising),
        }
    if rising:
        return _("%(reasons)s more often than before") % {"reasons": capfirst(rising)}
    if falling:
        return _("%(reasons)s less often than before") % {"reasons": capfirst(falling)}
    top = max(report.by("reason"), key=lambda row: row.figures["losses"].n)
    return _("Most often named: %(reason)s, %(rate)s") % {
        "reason": _lower(top.label),
        "rate": base.rate(top.figures["share"]),
    }


def _names(rows: Iterable[Row]) -> str:
    return get_text_list([_lower(row.label) for row in rows], _("and"))


def _lower(text: str) -> str:
    """A reason inside a sentence; what begins with two capitals is an abbreviation and stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _sub(report: Report) -> str:
    ours = next(row for row in report.by("control") if row.by["control"] == "ours")
    share = ours.figures["share"]
    counted = _("Losses by primary reason and month, by the day each deal was closed.")
    if not share.is_enough:
        return counted
    return base.sentences(
        counted,
        _("Reasons that are ours: %(rate)s (%(range)s).")
        % {"rate": base.rate(share), "range": base.range_of(share)},
    )


def _source(report: Report) -> str:
    otherwise = report.figures["judged_otherwise"].n
    judged = ngettext(
        "%(n)s loss was judged otherwise than its reason.",
        "%(n)s losses were judged otherwise than their reason.",
        otherwise,
    )
    return base.sentences(
        _tested(report),
        judged % {"n": display.number(otherwise)} if otherwise else "",
        base.unknown_amounts(report.figures["without_amount"], report.currency),
    )


def _tested(report: Report) -> str:
    if report.compared is None:
        return _("Nothing is compared: the period has no beginning.")
    since, until = report.compared
    verdicts = [row.figures["share"].verdict for row in report.by("reason")]
    days = {"since": _day(since), "until": _day(until), "n": len(verdicts)}
    if Verdict.TOO_FEW in verdicts or not verdicts:
        return (
            _(
                "Against %(since)s to %(until)s: fewer than 20 losses in one of the two, too few to say."
            )
            % days
        )
    return (
        _(
            "Rising or falling only where the share differs from %(since)s to %(until)s at 5 %%, corrected for "
            "%(n)s reasons. The others cannot be told apart."
        )
        % days
    )


def _day(day: dt.date) -> str:
    return display.day(day, today=day.replace(year=day.year + 1))


# ---- the list of reasons -----------------------------------------------------------------------------


def _top(report: Report) -> float:
    highs = [row.figures["share"].high or 0.0 for row in report.by("reason")]
    highest = max(highs, default=1.0)
    return min(1.0, -(-highest * 10 // 1) / 10) or 1.0


def _lines(report: Report, month: str) -> list[Line]:
    """Each control with its own share, its reasons below; a reason without losses stays only where that is news."""
    of_month = {
        row.by["reason"]: row for row in report.by("month", "reason") if row.by["month"] == month
    }
    top, lines = _top(report), []
    for group in report.by("control"):
        control = group.by["control"] or ""
        reasons = [
            row
            for row in report.by("reason")
            if row.within == control and (row.figures["losses"].n or _trend(row))
        ]
        if [row.by["reason"] for row in reasons] == [NOT_STATED]:
            reasons = []  # the group says it already
        if not group.figures["losses"].n and not reasons:
            continue
        lines.append(_line(group, control, top=top, is_group=True))
        lines += [
            _line(
                row, control, top=top, month=of_month.get(row.by["reason"]), is_monthly=bool(month)
            )
            for row in reasons
        ]
    return lines


def _line(
    row: Row,
    control: str,
    *,
    top: float,
    is_group: bool = False,
    month: Row | None = None,
    is_monthly: bool = False,
) -> Line:
    count, share = row.figures["losses"], row.figures["share"]
    name = f"{row.label}: {display.number(count.n)}"
    in_month = None
    if month is not None:
        of_month = month.figures["losses"]
        in_month = base.count_cell(of_month, f"{row.label}: {display.number(of_month.n)}")
    elif is_monthly:
        in_month = base.text_cell(display.number(0))
    return Line(
        name=row.label,
        control=control,
        is_group=is_group,
        count=base.count_cell(count, name),
        month=in_month,
        share=base.rate(share) if share.is_enough else display.NOTHING,
        range=base.range_of(share) if share.is_enough else base.too_few(),
        dot=None
        if is_group
        else interval_cell(share, top=top, title=base.rate_with_range(share), width=CELL, css=""),
        verdict=_trend(row),
    )


def _trend(row: Row) -> str:
    verdict = row.figures["share"].verdict
    return str(verdict.label) if verdict in {Verdict.RISING, Verdict.FALLING} else ""


def _month_name(month: str) -> str:
    return periods.short_month(dt.date.fromisoformat(f"{month}-01")) if month else ""


# ---- the columns -------------------------------------------------------------------------------------


def _chart(report: Report) -> Stacks:
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
            words = ngettext("%(n)s other reason", "%(n)s other reasons", len(rest))
            name = words % {"n": len(rest)}
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
    slugs = ",".join(row.by["reason"] or "" for row in rows)
    return f"{whole.behind.page}&reason__in={slugs}"


# ---- the table ---------------------------------------------------------------------------------------


def _table(report: Report) -> Table:
    return Table(
        heads=[
            (_("Reason"), False),
            (_("Who controls it"), False),
            (_("Losses"), True),
            (_("Share"), True),
            ("95 %", True),
            (_("Amount"), True),
            (_("Trend"), False),
        ],
        rows=[
            [
                base.name_cell(row.label),
                base.name_cell(str(CONTROLS[row.within])),
                base.count_cell(row.figures["losses"], f"{row.label}: {row.figures['losses'].n}"),
                *base.rate_cells(row.figures["share"]),
                base.text_cell(base.exact(row.figures["amount"])),
                base.name_cell(_trend(row) or display.NOTHING),
            ]
            for row in report.by("reason")
        ],
    )
