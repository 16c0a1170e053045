"""In words: why deals were lost, who controls it, what rises and falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports.findings import base, loss_columns, loss_list
from crm.reports.findings.base import Finding, Table
from crm.reports.loss_counts import CONTROLS
from crm.shared import display
from crm.shared.evidence import ENOUGH, Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from crm.reports.base import Report, Row


def losses(report: Report, *, month: str = "") -> Finding:
    """Columns by month, and the shares with their intervals beside them; `month` adds a column of its own counts."""
    total = report.figures["losses"]
    return Finding(
        title=_title(report),
        sub=_sub(report),
        body="reports/findings/_losses.html",
        context={
            "chart": loss_columns.columns(report) if total.n else None,
            "lines": loss_list.lines(report, month),
            "total": total.n,
            "month": loss_list.month_name(month),
            "top": display.percent(loss_list.top_of(report)),
        },
        source=_source(report),
        table=_table(report),
        link=base.opening(total),
    )


def by_month(report: Report) -> Finding:
    """What went with them, month by month."""
    amount, rows = report.figures["amount"], report.by("month")
    return Finding(
        title=_("%(amount)s lost in %(months)s")
        % {
            "amount": base.short(amount),
            "months": ngettext("%(n)s month", "%(n)s months", len(rows)) % {"n": len(rows)},
        },
        sub=_("Losses and their amounts in %(currency)s, by the day each deal was closed.")
        % {"currency": report.currency},
        body="reports/findings/_table.html",
        context={
            "table": Table(
                heads=[(_("Month"), False), (_("Losses"), True), (_("Amount"), True)],
                rows=[
                    [
                        base.name_cell(row.label),
                        base.count_cell(
                            row.figures["losses"], f"{row.label}: {row.figures['losses'].n}"
                        ),
                        base.text_cell(base.exact(row.figures["amount"])),
                    ]
                    for row in rows
                ],
            )
        },
        source=base.unknown_amounts(report.figures["without_amount"], report.currency),
        link=base.opening(report.figures["losses"]),
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
                base.name_cell(loss_list.trend(row) or display.NOTHING),
            ]
            for row in report.by("reason")
        ],
    )
