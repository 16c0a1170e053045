"""A finding: what was found, in words; how it was counted; a picture; a table; the deals."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.shared import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.reports.base import Figure


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a table; what it counts can be opened. `name` is what a link is called that shows a number only."""

    text: str
    href: str = ""
    name: str = ""
    is_number: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """Heads with whether they stand over numbers, and rows whose first cell names them."""

    heads: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Cell]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """A panel of a report. The title says what was found, never what kind of chart it is (mock/README, Charts)."""

    title: str
    sub: str
    body: str
    context: dict[str, Any]
    source: str = ""
    table: Table | None = None
    link: tuple[str, str] | None = None
    width: str = "c12"


# ---- figures in words --------------------------------------------------------------------------------


def too_few() -> str:
    return _("too few to say")


def withheld() -> str:
    return _("too few to show")


def range_of(figure: Figure, digits: int = 0) -> str:
    """The interval in hundredths: “19–28”."""
    interval = figure.interval
    if interval is None:
        return display.NOTHING
    low, high = (display.number(end * 100, digits) for end in interval)
    return f"{low}–{high}"


def rate(figure: Figure, digits: int = 0) -> str:
    """A share as a percentage; without cases a dash."""
    return display.NOTHING if figure.value is None else display.percent(figure.value, digits)


def rate_with_range(figure: Figure) -> str:
    """“16.5 % (11.9 to 22.5)”, for hovering and for screen readers."""
    interval = figure.interval
    if interval is None:
        return display.NOTHING
    low, high = (display.number(end * 100, 1) for end in interval)
    return _("%(rate)s (%(low)s to %(high)s)") % {
        "rate": rate(figure, 1),
        "low": low,
        "high": high,
    }


def short(figure: Figure) -> str:
    """An amount for lists."""
    if figure.is_withheld:
        return withheld()
    return display.NOTHING if figure.value is None else display.short_number(figure.value)


def exact(figure: Figure) -> str:
    if figure.is_withheld:
        return withheld()
    return display.NOTHING if figure.value is None else display.exact_money(figure.value)


def deals(n: int) -> str:
    return ngettext("%(n)s deal", "%(n)s deals", n) % {"n": display.number(n)}


def page_of(figure: Figure) -> str:
    """The address of the deals behind a figure, where there are any to open."""
    return figure.behind.page if figure.behind and figure.n else ""


def opening(figure: Figure) -> tuple[str, str] | None:
    """The link at the foot of a finding."""
    if not page_of(figure):
        return None
    words = ngettext("Open %(n)s deal", "Open %(n)s deals", figure.n)
    return words % {"n": display.number(figure.n)}, page_of(figure)


# ---- cells -------------------------------------------------------------------------------------------


def name_cell(text: str) -> Cell:
    return Cell(text=text, is_number=False)


def text_cell(text: str) -> Cell:
    return Cell(text=text)


def count_cell(figure: Figure, name: str) -> Cell:
    """A count that opens what it counts: “Lost to a competitor: 12” to whoever hears it."""
    return Cell(text=display.number(figure.value or 0), href=page_of(figure), name=name)


def rate_cells(figure: Figure) -> list[Cell]:
    """A rate and its interval; under twenty cases neither."""
    if figure.n and not figure.is_enough:
        return [text_cell(display.NOTHING), text_cell(too_few())]
    return [text_cell(rate(figure, 1)), text_cell(range_of(figure, 1))]


def unknown_amounts(figure: Figure, currency: str) -> str:
    """How many deals a sum leaves out; nothing where it leaves out none."""
    if not figure.n:
        return ""
    words = ngettext(
        "%(n)s deal without an amount in %(currency)s is left out of sums.",
        "%(n)s deals without an amount in %(currency)s are left out of sums.",
        figure.n,
    )
    return words % {"n": display.number(figure.n), "currency": currency}


def sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)
