"""In words: how many accounts with a closed deal were heard in a review (D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports.charts import Dots
from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.shared import display

if TYPE_CHECKING:
    from crm.reports.base import Figure, Report


def coverage(report: Report, *, period: str = "", width: str = "c12") -> Finding:
    """One dot an account, filled where it was heard; people in the order of the team list."""
    whole = report.figures["coverage"]
    most = max((row.figures["coverage"].n for row in report.rows), default=0)
    return Finding(
        title=_title(whole),
        sub=base.sentences(period, _held_by(report)),
        body="reports/findings/_coverage.html",
        context={
            "rate": base.rate(whole) if whole.is_enough else "",
            "range": base.range_of(whole),
            "rows": [
                {
                    "name": row.label,
                    "dots": Dots(
                        done=int(row.figures["coverage"].numerator or 0),
                        whole=row.figures["coverage"].n,
                        most=most,
                    ),
                    "words": _words(row.figures["coverage"]),
                }
                for row in report.rows
            ],
        },
        source=_("Accounts with a deal won or lost, and at least one review held."),
        table=_table(report) if report.rows else None,
        link=(_("Open the reviews"), reverse("reviews:reviews")) if report.rows else None,
        width=width,
    )


def _title(whole: Figure) -> str:
    if not whole.n:
        return _("No account has a closed deal yet")
    words = ngettext(
        "%(heard)s of %(n)s account was heard in a review",
        "%(heard)s of %(n)s accounts were heard in a review",
        whole.n,
    )
    return words % {"heard": display.number(whole.numerator or 0), "n": display.number(whole.n)}


def _held_by(report: Report) -> str:
    without = sum(not row.figures["coverage"].numerator for row in report.rows)
    if not report.rows:
        return ""
    if not without:
        return _("Everybody has held at least one.")
    words = ngettext("%(n)s person has none yet.", "%(n)s people have none yet.", without)
    return words % {"n": without}


def _words(figure: Figure) -> str:
    return _("%(heard)s of %(n)s") % {
        "heard": display.number(figure.numerator or 0),
        "n": display.number(figure.n),
    }


def _table(report: Report) -> Table:
    return Table(
        heads=[(_("Rep"), False), (_("Heard"), True), (_("Accounts"), True), (_("Coverage"), True)],
        rows=[
            [
                base.name_cell(row.label),
                base.text_cell(display.number(row.figures["coverage"].numerator or 0)),
                base.text_cell(display.number(row.figures["coverage"].n)),
                base.text_cell(base.rate(row.figures["coverage"])),
            ]
            for row in report.rows
        ],
    )
