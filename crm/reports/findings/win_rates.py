"""In words: of the deals decided, how many were won, by rival, product, stage and rep."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.reports.charts import IntervalRow, Intervals, interval_cell
from crm.reports.charts.intervals import shade
from crm.reports.findings import base
from crm.reports.findings.base import Finding, Table
from crm.shared import display

if TYPE_CHECKING:
    from crm.reports.base import Figure, Report, Row

MOST_ROWS = 10
WIDE_CELL = 220.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Words:
    """How a way to split is called; its title where a part differs from the whole, and where none does.

    `is_ordered`: its parts follow each other, and are not to be sorted.
    """

    head: Any
    sub: Any
    differs: Any
    alike: Any
    is_ordered: bool = False


WORDS = {
    "competitor": Words(
        head=gettext_lazy("Competitor"),
        sub=gettext_lazy("Win rate by competitor."),
        differs=gettext_lazy("Against %(name)s %(rate)s is won, of all %(whole)s"),
        alike=gettext_lazy("Against no competitor does it differ beyond chance"),
    ),
    "product": Words(
        head=gettext_lazy("Product"),
        sub=gettext_lazy("Win rate by product."),
        differs=gettext_lazy("Of %(name)s %(rate)s is won, of all %(whole)s"),
        alike=gettext_lazy("No product differs from the whole beyond chance"),
    ),
    "stage": Words(
        head=gettext_lazy("Stage"),
        sub=gettext_lazy("Win rate by the stage in which the deal was decided."),
        differs=gettext_lazy("Of what ends in %(name)s %(rate)s is won, of all %(whole)s"),
        alike=gettext_lazy("No stage differs from the whole beyond chance"),
        is_ordered=True,
    ),
}


def overall(report: Report) -> Finding:
    """The rate of the whole, with what it rests on and the won value beside it (C8)."""
    rate, value = report.figures["win_rate"], report.figures["won_value"]
    won, lost = report.figures["won"], report.figures["lost"]
    figures = [
        {
            "label": _("Win rate"),
            "value": base.rate(rate, 1),
            "note": _interval(rate),
            "url": base.page_of(rate),
        },
        {"label": _("Won"), "value": display.number(won.n), "url": base.page_of(won)},
        {"label": _("Lost"), "value": display.number(lost.n), "url": base.page_of(lost)},
        {
            "label": _("Won value"),
            "value": base.exact(value),
            "note": value.currency,
            "url": base.page_of(value),
        },
    ]
    return Finding(
        title=_title(rate),
        sub=_("Won of won and lost. Disqualified deals are neither, and left out."),
        body="reports/findings/_figures.html",
        context={"figures": figures},
        source=base.unknown_amounts(report.figures["won_without_amount"], report.currency),
        link=base.opening(rate),
        width="c6",
    )


def _title(rate: Figure) -> str:
    if not rate.n:
        return _("No deal was decided")
    if not rate.is_enough:
        words = ngettext(
            "%(n)s deal decided: too few to say", "%(n)s deals decided: too few to say", rate.n
        )
        return words % {"n": display.number(rate.n)}
    return _("%(rate)s of the decided deals were won") % {"rate": base.rate(rate)}


def _interval(rate: Figure) -> str:
    if not rate.is_enough:
        return base.too_few()
    return _("95 %% interval %(range)s") % {"range": base.range_of(rate, 1)}


def by(report: Report, name: str, *, period: str = "") -> Finding:
    """Points on their intervals, the most frequent first; colour only where the interval leaves out the whole's rate."""
    words, whole, rows = WORDS[name], report.figures["win_rate"], report.by(name)
    ranked = rows if words.is_ordered else sorted(rows, key=lambda row: -row.figures["win_rate"].n)
    ranked = ranked[:MOST_ROWS]
    return Finding(
        title=_finding(words, ranked, whole),
        sub=base.sentences(
            str(words.sub),
            period,
            _(
                "Lines are 95 %% intervals; colour marks what differs from the whole. Under 20: not rated."
            )
            % {},
        ),
        body="reports/findings/_chart.html",
        context={"chart": _chart(words, ranked, whole) if ranked else None},
        source=_source(whole, len(rows) - len(ranked)),
        table=_table(words, rows),
        link=base.opening(whole),
        width="c6",
    )


def _finding(words: Words, rows: list[Row], whole: Figure) -> str:
    if not rows:
        return _("No deal was decided")
    if not whole.is_enough:
        return _title(whole)
    apart = [row for row in rows if row.figures["win_rate"].verdict is None]
    if not apart:
        return str(words.alike)
    lowest = min(apart, key=lambda row: float(row.figures["win_rate"].value or 0))
    return str(words.differs) % {
        "name": lowest.label,
        "rate": base.rate(lowest.figures["win_rate"]),
        "whole": base.rate(whole),
    }


def _source(whole: Figure, left_out: int) -> str:
    more = ngettext("%(n)s more in the table.", "%(n)s more in the table.", left_out)
    return base.sentences(
        _("n = %(n)s decided deals, disqualified ones left out.") % {"n": display.number(whole.n)},
        more % {"n": left_out} if left_out else "",
    )


def _chart(words: Words, rows: list[Row], whole: Figure) -> Intervals:
    return Intervals(
        name=_("%(sub)s With 95 %% intervals.") % {"sub": words.sub},
        axis=_("won, % of decided"),
        head=_("won / decided"),
        few=base.too_few(),
        whole=whole,
        whole_label=_("all %(rate)s") % {"rate": base.rate(whole)},
        rows=[
            IntervalRow(
                label=row.label,
                figure=row.figures["win_rate"],
                css=shade(row.figures["win_rate"], whole),
                counts=_counts(row),
                title=f"{row.label}: {base.rate_with_range(row.figures['win_rate'])}",
                href=base.page_of(row.figures["win_rate"]),
            )
            for row in rows
        ],
    )


def _counts(row: Row) -> str:
    won, decided = row.figures["won"].n, row.figures["win_rate"].n
    return f"{display.number(won)} / {display.number(decided)}"


def _table(words: Words, rows: list[Row]) -> Table:
    return Table(
        heads=[
            (str(words.head), False),
            (_("Won"), True),
            (_("Lost"), True),
            (_("Rate"), True),
            ("95 %", True),
            (_("Won value"), True),
        ],
        rows=[
            [
                base.name_cell(row.label),
                base.count_cell(row.figures["won"], _("%(name)s: won") % {"name": row.label}),
                base.count_cell(row.figures["lost"], _("%(name)s: lost") % {"name": row.label}),
                *base.rate_cells(row.figures["win_rate"]),
                base.text_cell(base.exact(row.figures["won_value"])),
            ]
            for row in rows
        ],
    )


# ---- people ------------------------------------------------------------------------------------------


def by_rep(report: Report, *, period: str = "") -> Finding:
    """Everybody in the order of the team list, with effort and chance beside the rate; nobody is ranked (A14, C5)."""
    whole, rows = report.figures["win_rate"], report.by("rep")
    top = max(
        [row.figures["win_rate"].high or 0.0 for row in rows if row.figures["win_rate"].is_enough]
        + [whole.high or 0.0]
    )
    return Finding(
        title=_of_people(rows, whole),
        sub=base.sentences(
            _("Win rate by rep, in the order of the team list."),
            period,
            _(
                "The line is the 95 %% interval, the tick the whole. Colour marks what differs from it."
            )
            % {},
        ),
        body="reports/findings/_people.html",
        context={
            "whole": _person(_("All"), report.figures, whole, top),
            "people": [_person(row.label, row.figures, whole, top) for row in rows],
            "currency": report.currency,
        },
        source=_("Nobody is ranked: five of 50 and five of 60 may well be the same."),
        link=base.opening(whole),
    )


def _of_people(rows: list[Row], whole: Figure) -> str:
    if not rows:
        return _("No deal was decided")
    if not whole.is_enough:
        return _title(whole)
    apart = sum(row.figures["win_rate"].verdict is None for row in rows)
    if not apart:
        return _("Nobody’s rate can be told apart from the whole yet")
    words = ngettext(
        "%(n)s of %(all)s rates differs from the whole beyond chance",
        "%(n)s of %(all)s rates differ from the whole beyond chance",
        apart,
    )
    return words % {"n": apart, "all": len(rows)}


def _person(name: str, figures: Any, whole: Figure, top: float) -> dict[str, Any]:
    rate = figures["win_rate"]
    return {
        "name": name,
        "won": base.count_cell(figures["won"], _("%(name)s: won") % {"name": name}),
        "lost": base.count_cell(figures["lost"], _("%(name)s: lost") % {"name": name}),
        "rate": base.rate(rate) if rate.is_enough else display.NOTHING,
        "dot": interval_cell(
            rate,
            top=top,
            title=base.rate_with_range(rate),
            compare=None if whole.value is None else float(whole.value),
            width=WIDE_CELL,
            css="-i" if rate is whole else shade(rate, whole),
        ),
        "range": base.range_of(rate) if rate.is_enough else base.too_few(),
        "value": base.short(figures["won_value"]),
        "exact": base.exact(figures["won_value"]),
    }
