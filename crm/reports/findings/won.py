"""In words: what a month has won, inside its quarter and its year."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.reports import periods
from crm.reports.charts import Bullet, Cumulative, Month
from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.shared import display
from crm.shared.working_days import working_days_between

if TYPE_CHECKING:
    import datetime as dt

    from crm.reports.base import Figure, Report, Row


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stat:
    """A period: what it has won, its bar with the year before as a tick, and the difference in words."""

    name: str
    amount: str
    exact: str
    of: str
    href: str
    bar: Bullet | None
    note: str


def won(report: Report) -> Finding:
    """The year's line, the quarter and the month in it as bands."""
    end = report.filters.end
    is_running = end < periods.last_day_of(periods.month_of(end))
    return Finding(
        title=_title(report, is_running=is_running),
        sub=_sub(end, is_running=is_running),
        body="reports/findings/_won.html",
        context={"stats": stats(report, is_running=is_running), "chart": _chart(report)},
        source=base.sentences(
            _("%(currency)s at dated rates.") % {"currency": report.currency},
            _("The tick and the dashed line: the year before.")
            if report.figures["year_of_last_year"].value
            else "",
            base.unknown_amounts(report.figures["without_amount"], report.currency),
        ),
        table=_table(report),
        link=base.opening(report.figures["year"]),
    )


def _title(report: Report, *, is_running: bool) -> str:
    month, quarter, year = (report.figures[name] for name in ("month", "quarter", "year"))
    words = {
        "month": periods.month_name(report.filters.end),
        "amount": base.short(month),
        "quarter": base.short(quarter),
        "year": base.short(year),
    }
    if not year.n:
        return _("Nothing was won this year yet")
    if month.is_withheld or quarter.is_withheld:
        return _("%(year)s won this year") % words
    if not month.n and is_running:
        return _("No win in %(month)s so far, in a quarter of %(quarter)s") % words
    if not month.n:
        return _("No win in %(month)s, in a quarter of %(quarter)s") % words
    if is_running:
        return _("%(amount)s won in %(month)s so far, in a quarter of %(quarter)s") % words
    return _("%(amount)s won in %(month)s, in a quarter of %(quarter)s") % words


def _sub(end: dt.date, *, is_running: bool) -> str:
    if not is_running:
        return _("Amount won, cumulative over the year.")
    country, month = settings.ORGANISATION_COUNTRY, periods.month_of(end)
    return _("Amount won, cumulative. %(gone)s of %(all)s working days of %(month)s are gone.") % {
        "gone": working_days_between(month, periods.day_after(end), country),
        "all": working_days_between(month, periods.months_later(month, 1), country),
        "month": periods.month_name(month),
    }


def stats(report: Report, *, is_running: bool) -> list[Stat]:
    """The year, the quarter in it, the month in that."""
    end = report.filters.end
    month = periods.month_name(end)
    spans = {
        "year": (_("Year %(year)s") % {"year": end.year}, 1, 12),
        "quarter": (_quarter(end), periods.quarter_of(end).month, 3),
        "month": (_("%(month)s so far") % {"month": month} if is_running else month, end.month, 1),
    }
    past = report.by("month")[:12]
    return [
        _stat(name, report, key, past[first - 1 : first - 1 + count])
        for key, (name, first, count) in spans.items()
    ]


def _stat(name: str, report: Report, key: str, past: list[Row]) -> Stat:
    """The bar's whole length is what the same period of the year before won, or this one where it is more."""
    figure, before = report.figures[key], report.figures[f"{key}_of_last_year"]
    is_shown = before.value is not None
    whole = sum(float(row.figures["won"].value or 0) for row in past) if is_shown else 0.0
    last_year = report.filters.end.year - 1
    return Stat(
        name=name,
        amount=base.short(figure),
        exact=base.exact(figure),
        of=_("%(year)s: %(amount)s") % {"year": last_year, "amount": display.short_number(whole)}
        if whole
        else "",
        href=base.page_of(figure),
        bar=None
        if figure.value is None
        else Bullet(value=float(figure.value), tick=float(before.value or 0), whole=whole),
        note=base.sentences(_wins(figure.n), _difference(figure, before, last_year)),
    )


def _quarter(day: dt.date) -> str:
    return _("Quarter %(number)s") % {"number": periods.quarter_number(day)}


def _wins(n: int) -> str:
    return ngettext("%(n)s win.", "%(n)s wins.", n) % {"n": display.number(n)}


def _difference(figure: Figure, before: Figure, last_year: int) -> str:
    """Against the year before by the same day; nothing where that had no wins."""
    if figure.value is None or not before.value:
        return ""
    difference = Decimal(figure.value) - Decimal(before.value)
    words = {"amount": display.short_number(abs(difference)), "year": last_year}
    if difference > 0:
        return _("%(amount)s more than by this day of %(year)s.") % words
    if difference < 0:
        return _("%(amount)s less than by this day of %(year)s.") % words
    return _("As much as by this day of %(year)s.") % words


def _chart(report: Report) -> Cumulative | None:
    """Nothing where a viewer may not see one of the months: the line would tell it."""
    end = report.filters.end
    rows = report.by("month")
    if any(row.figures["won"].is_withheld for row in rows) or not any(
        row.figures["won"].n for row in rows
    ):
        return None
    amounts = [Decimal(row.figures["won"].value or 0) for row in rows]
    year, last_year = periods.year_of(end), end.year - 1
    total, before = report.figures["year"], report.figures["year_of_last_year"]
    axis = [periods.short_month(periods.months_later(year, place)) for place in range(12)]
    past = sum(amounts[:12])
    return Cumulative(
        name=_("Won amount, cumulative over %(year)s: %(amount)s by %(day)s")
        % {"year": end.year, "amount": base.short(total), "day": display.day(end)},
        axis=axis,
        months=[
            Month(
                label=axis[place],
                amount=amount,
                title=_("%(month)s: %(amount)s, %(deals)s")
                % {
                    "month": row.label,
                    "amount": display.short_number(amount),
                    "deals": base.deals(row.figures["won"].n),
                },
                href=base.page_of(row.figures["won"]),
                reached=_reached(end) if place == end.month - 1 else 1.0,
            )
            for place, (row, amount) in enumerate(zip(rows[12:], amounts[12:], strict=True))
        ],
        before=amounts[:12],
        quarter=(
            periods.quarter_of(end).month - 1,
            _quarter(end),
        ),
        words=(
            _("Won %(amount)s") % {"amount": base.short(total)},
            _short_difference(total, before, last_year),
        ),
        words_before=_("%(year)s: %(amount)s")
        % {"year": last_year, "amount": display.short_number(past)},
    )


def _short_difference(figure: Figure, before: Figure, last_year: int) -> str:
    if not before.value or figure.value is None:
        return ""
    difference = Decimal(figure.value) - Decimal(before.value)
    sign = "+" if difference > 0 else "−"
    return _("%(amount)s on %(year)s") % {
        "amount": f"{sign}{display.short_number(abs(difference))}",
        "year": last_year,
    }


def _reached(end: dt.date) -> float:
    return end.day / periods.last_day_of(end).day


def _table(report: Report) -> Table:
    rows = report.by("month")
    pairs = zip(rows[12:], rows[:12], strict=False)
    return Table(
        heads=[
            (_("Month"), False),
            (_("Wins"), True),
            (_("Won"), True),
            (_("A year before"), True),
        ],
        rows=[
            [
                base.name_cell(row.label),
                base.count_cell(
                    _count(row.figures["won"]), _("%(month)s: wins") % {"month": row.label}
                ),
                base.text_cell(base.exact(row.figures["won"])),
                base.text_cell(base.exact(before.figures["won"])),
            ]
            for row, before in pairs
        ],
    )


def _count(figure: Figure) -> Figure:
    """How many deals an amount rests on."""
    return dataclasses.replace(figure, value=figure.n)
