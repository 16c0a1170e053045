"""In words: what a call or an e-mail has earned on average, never what the next one will (A11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.shared import display

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.reports.base import Figure, Report


def worth(report: Report, *, period: str = "", width: str = "c12") -> Finding:
    """Both readings beside each other; the all-in one leads."""
    all_in, on_won = report.figures["all_in"], report.figures["on_won_deals"]
    return Finding(
        title=_title(report),
        sub=base.sentences(
            _("Commission on what was won ÷ calls and e-mails made, whatever their answer was."),
            period,
        ),
        body="reports/findings/_worth.html",
        context={
            "is_known": all_in.value is not None or all_in.is_withheld,
            "all_in": base.exact(all_in),
            "on_won": base.exact(on_won),
            "words": sums(report.figures),
            "table": _table(report) if report.rows else None,
        },
        source=base.sentences(
            _("What a touch has earned on average. It says nothing about the next one."),
            unpriced(report.figures),
        ),
        link=base.opening(report.figures["sales"]),
        width=width,
    )


def _title(report: Report) -> str:
    figures = report.figures
    if figures["all_in"].is_withheld:
        return _("Too few sales to show what a touch has earned")
    if figures["all_in"].value is not None:
        return _("A touch has earned %(amount)s on average") % {
            "amount": display.exact_money(figures["all_in"].value, report.currency)
        }
    if not figures["sales"].n:
        return _("Nothing was won, so a touch has earned nothing yet")
    if figures["commission"].value is None:
        return _("No commission is known, so the worth of a touch is not")
    return _("No call or e-mail was logged, so the worth of a touch is not known")


def sums(figures: Mapping[str, Figure]) -> str:
    """“12 sales, 14,400.00 commission, 720 calls and e-mails: 60 touches per sale.”"""
    sales, touches, per_sale = figures["sales"], figures["touches"], figures["touches_per_sale"]
    parts = [
        ngettext("%(n)s sale", "%(n)s sales", sales.n) % {"n": display.number(sales.n)},
        _("%(amount)s commission") % {"amount": base.exact(figures["commission"])},
        ngettext("%(n)s call or e-mail", "%(n)s calls and e-mails", touches.n)
        % {"n": display.number(touches.n)},
    ]
    listed = ", ".join(parts)
    if per_sale.value is None:
        return f"{listed}."
    return _("%(sums)s: %(n)s touches per sale.") % {
        "sums": listed,
        "n": display.number(per_sale.value),
    }


def unpriced(figures: Mapping[str, Figure]) -> str:
    n, sales = figures["sales_without_commission"].n, figures["sales"].n
    if not n:
        return ""
    words = ngettext(
        "Of %(sales)s sales %(n)s has no commission known.",
        "Of %(sales)s sales %(n)s have no commission known.",
        n,
    )
    return words % {"n": display.number(n), "sales": display.number(sales)}


def _table(report: Report) -> Table:
    return Table(
        heads=[
            (_("Rep"), False),
            (_("Sales"), True),
            (_("Commission"), True),
            (_("Calls and e-mails"), True),
            (_("All-in"), True),
            (_("On won deals"), True),
            (_("Per sale"), True),
        ],
        rows=[
            [
                base.name_cell(row.label),
                base.count_cell(row.figures["sales"], _("%(name)s: sales") % {"name": row.label}),
                base.text_cell(base.exact(row.figures["commission"])),
                base.text_cell(display.number(row.figures["touches"].n)),
                base.text_cell(base.exact(row.figures["all_in"])),
                base.text_cell(base.exact(row.figures["on_won_deals"])),
                base.text_cell(_per_sale(row.figures["touches_per_sale"])),
            ]
            for row in report.rows
        ],
    )


def _per_sale(figure: Figure) -> str:
    return display.NOTHING if figure.value is None else display.number(figure.value)
