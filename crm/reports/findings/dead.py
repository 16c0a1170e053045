"""In words: what stop rules have let go, and the time that had gone into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports.charts import Bar, Bars
from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.shared import display

if TYPE_CHECKING:
    from crm.reports.base import Figure, Report, Row


def let_go(report: Report, *, period: str = "", width: str = "c12") -> Finding:
    """Hours by the stage in which the lead ended."""
    n, hours = report.figures["closed_by_rule"], report.figures["hours"]
    return Finding(
        title=_title(n.n, hours),
        sub=base.sentences(_("Leads that met their stop rule and were closed by it."), period),
        body="reports/findings/_chart.html",
        context={"chart": _chart(report) if report.rows else None},
        source=_source(report),
        table=_table(report) if report.rows else None,
        link=base.opening(n),
        width=width,
    )


def _title(n: int, hours: Figure) -> str:
    if not n:
        return _("No lead was let go by rule")
    words = ngettext("%(n)s dead lead let go", "%(n)s dead leads let go", n) % {
        "n": display.number(n)
    }
    if hours.value is None:
        return words
    return _("%(leads)s, %(hours)s had gone into them") % {"leads": words, "hours": _hours(hours)}


def _hours(figure: Figure) -> str:
    if figure.value is None:
        return display.NOTHING
    value = float(figure.value)
    digits = 1 if 0 < value < 10 else 0
    return _("%(hours)s h") % {"hours": display.number(value, digits)}


def _source(report: Report) -> str:
    touches = report.figures["touches"].value
    if report.figures["hours"].value is None and touches:
        return _("No minutes were logged on their touches.")
    return _("Minutes as logged on their touches.")


def _chart(report: Report) -> Bars:
    return Bars(
        name=_("Leads closed by their stop rule, by stage, with the hours spent"),
        axis=_("hours spent before closing"),
        head=_("deals"),
        bars=[_bar(row) for row in report.rows],
    )


def _bar(row: Row) -> Bar:
    n, hours = row.figures["closed_by_rule"], row.figures["hours"]
    return Bar(
        label=row.label,
        value=None if hours.value is None else float(hours.value),
        text=_hours(hours),
        count=display.number(n.n),
        title=_("%(stage)s: %(hours)s, %(deals)s")
        % {"stage": row.label, "hours": _hours(hours), "deals": base.deals(n.n)},
        href=base.page_of(n),
    )


def _table(report: Report) -> Table:
    return Table(
        heads=[(_("Stage"), False), (_("Deals"), True), (_("Touches"), True), (_("Hours"), True)],
        rows=[
            [
                base.name_cell(row.label),
                base.count_cell(
                    row.figures["closed_by_rule"], _("%(stage)s: deals") % {"stage": row.label}
                ),
                base.text_cell(display.number(row.figures["touches"].value or 0)),
                base.text_cell(_hours(row.figures["hours"])),
            ]
            for row in report.rows
        ],
    )
