"""What the columns of a file mean. Matching is by name and by what stands below it, and says how sure it is."""

import dataclasses
import difflib
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence

from crm.imports import values
from crm.imports.columns import (
    AMOUNTS,
    COLUMNS,
    DATES,
    ENDS,
    LEAD_ID,
    NEEDED,
    OF_REJECTED,
    PREFIXES,
    STEP,
)
from crm.shared import money
from deals.states import DealStatus, Phase

CERTAIN, LIKELY, GUESS = 1.0, 0.9, 0.6
ALIKE = 0.88
SAMPLES = 3
ENOUGH = 0.5  # of a column's cells must be what the field holds
NO_LETTERS = re.compile(r"[\W_]+")
NO_NAMES = frozenset({"yes", "no", "known", "unknown", "true", "false"})

# What other systems call the steps and ends of a deal (all in normal form); our own stages go by their names first.
STAGE_WORDS: dict[str, str] = {
    **dict.fromkeys(("lead", "new", "target", "suspect"), Phase.SUSPECT),
    **dict.fromkeys(
        ("prospecting", "prospect", "qualification", "qualified", "contacted", "contact made"),
        Phase.PROSPECT,
    ),
    **dict.fromkeys(
        (
            *("engaging", "approach", "analysis", "discovery", "needs analysis"),
            *("appointment scheduled", "qualified to buy", "presentation scheduled"),
            *("value proposition", "id decision makers", "demo scheduled", "needs defined"),
        ),
        Phase.APPROACH,
    ),
    **dict.fromkeys(
        (
            *("proposal", "quote", "proposal price quote", "negotiation", "negotiation review"),
            *("decision maker bought in", "perception analysis", "initial offer", "proposal made"),
            *("negotiations started",),
        ),
        Phase.NEGOTIATION,
    ),
    **dict.fromkeys(("contract sent", "conclusion", "verbal", "commit"), Phase.CONCLUSION),
    **dict.fromkeys(
        (
            "won",
            "closed won",
            "win",
            "yes",
            "true",
            "1",
            "converted",
            "vinta",
            "wygrana",
            "gewonnen",
        ),
        DealStatus.WON,
    ),
    **dict.fromkeys(
        (
            "lost",
            "closed lost",
            "loss",
            "no",
            "false",
            "0",
            "not converted",
            "persa",
            "przegrana",
            "verloren",
        ),
        DealStatus.LOST,
    ),
    **dict.fromkeys(
        ("disqualified", "unqualified", "abandoned", "duplicate", "deleted"),
        DealStatus.DISQUALIFIED,
    ),
}


# Where a company named its own steps, one word tells the phase; the later phases first: “contract negotiation”.
PHASE_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        Phase.CONCLUSION,
        frozenset({"verbal", "decision", "signature", "closing", "commit", "legal"}),
    ),
    (
        Phase.NEGOTIATION,
        frozenset(
            {
                "proposal",
                "quote",
                "offer",
                "negotiation",
                "negotiations",
                "contract",
                "price",
                "pricing",
            }
        ),
    ),
    (
        Phase.APPROACH,
        frozenset(
            {
                "appointment",
                "discovery",
                "needs",
                "demo",
                "meeting",
                "presentation",
                "analysis",
                "qualification",
                "trial",
                "pilot",
            }
        ),
    ),
    (
        Phase.PROSPECT,
        frozenset({"prospect", "prospecting", "qualified", "contact", "contacted", "mql", "sql"}),
    ),
    (Phase.SUSPECT, frozenset({"lead", "new", "target", "inbound", "incoming"})),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Match:
    """What a column of the file means: a field, or "" for kept beside the record; confidence 0 to 1.

    `dates` and `mark` say how dates and amounts are written in it, should it hold any; `doubts` which of both is a guess.
    """

    column: str
    field: str = ""
    confidence: float = 0.0
    samples: tuple[str, ...] = ()
    dates: str = ""
    mark: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def doubt(self) -> str:
        """What about this column a person should look at: "dates", "mark" or ""."""
        asked = "dates" if self.field in DATES else "mark" if self.field in AMOUNTS else ""
        return asked if asked in self.doubts else ""


def normal(name: str) -> str:
    """A name as it is compared: case, BOM, punctuation and spacing do not count; “CloseDate__c” is “close date”."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"__[cs]$", "", name.strip()))
    return NO_LETTERS.sub(" ", apart.replace("\ufeff", "").casefold()).strip()


def compact(name: str) -> str:
    """A name as things are recognised by: "GTX Pro" and "GTXPro" are one product."""
    return NO_LETTERS.sub("", name.casefold())


def signature(kind: str, header: Sequence[str]) -> str:
    """By which a layout is remembered: the same columns, in whatever order."""
    names = "|".join(sorted(normal(name) for name in header if name not in OF_REJECTED))
    return hashlib.sha256(f"{kind}|{names}".encode()).hexdigest()


def currency_in(column: str) -> str:
    """The currency that a header names at its end: “Amount USD”, “Value (EUR)”; "" where it names none."""
    last = re.search(r"(?:^|[\W_])([A-Z]{3})\W*$", column)
    return last[1] if last and money.is_currency(last[1]) else ""


def match_columns(
    kind: str, header: Sequence[str], samples: Sequence[Sequence[str]]
) -> list[Match]:
    """Match each column of `header` to a field of `kind`, each field at most once, the surest first."""
    below = [[row[i].strip() for row in samples if i < len(row)] for i in range(len(header))]
    offers = sorted(
        (
            (-confidence, index, field)
            for index, column in enumerate(header)
            for field, names in COLUMNS[kind].items()
            if (confidence := _confidence(_forms(kind, column), field, names))
            and (confidence == CERTAIN or _could_be(field, below[index]))
            and not (is_borrowed(column, field) and _repeats(below[index]))
        ),
        key=lambda offer: offer[:2],
    )
    chosen: dict[int, tuple[str, float]] = {}
    taken: set[str] = set()
    for sureness, index, field in offers:
        if index not in chosen and field not in taken:
            chosen[index] = (field, -sureness)
            taken.add(field)
    return [
        dataclasses.replace(
            _written(column, below[index]),
            field=chosen.get(index, ("", 0.0))[0],
            confidence=chosen.get(index, ("", 0.0))[1],
        )
        for index, column in enumerate(header)
    ]


def _written(column: str, cells: Sequence[str]) -> Match:
    """A column as it is written, whatever it means."""
    told = [cell for cell in cells if cell]
    dates, dates_in_doubt = values.date_style(told)
    mark, mark_in_doubt = values.decimal_mark(told)
    doubts = {"dates": dates_in_doubt, "mark": mark_in_doubt}
    return Match(
        column=column,
        samples=tuple(cell[:60] for cell in itertools.islice(dict.fromkeys(told), SAMPLES)),
        dates=dates,
        mark=mark,
        doubts=tuple(name for name, is_open in doubts.items() if is_open),
    )


def _forms(kind: str, column: str) -> list[str]:
    """The header in normal form: whole, and without its kind (“Deal - Title”) or its currency (“Amount USD”)."""
    whole = normal(column)
    forms = [whole]
    prefix, dash, rest = column.strip().partition(" - ")
    if dash and normal(prefix) in PREFIXES[kind]:
        forms.append(normal(rest))
    if code := currency_in(column):
        forms.append(whole.removesuffix(code.casefold()).strip())
    return forms


def _confidence(forms: Sequence[str], field: str, names: Sequence[str]) -> float:
    own = field.replace("_", " ")
    if own in forms:
        return CERTAIN
    for form in forms:
        if form in names:
            return LIKELY - names.index(form) / 1000  # names stand in the order of their sureness
    alike = (
        difflib.SequenceMatcher(None, form, name).ratio()
        for form in forms
        for name in (own, *names)
    )
    return GUESS if max(alike) >= ALIKE else 0.0


def is_borrowed(column: str, field: str) -> bool:
    """Whether it is the id of a lead, which stands for that of the deal where each lead became one (see `borrowed`)."""
    return field == "external_id" and normal(column) in LEAD_ID


def _repeats(cells: Sequence[str]) -> bool:
    told = [cell for cell in cells if not values.is_nothing(cell)]
    return len(set(told)) < len(told)


def _could_be(field: str, cells: Sequence[str]) -> bool:
    """Whether what stands in a column can be what the field holds; an empty one can be anything."""
    told = [cell for cell in cells if not values.is_nothing(cell)]
    if not told:
        return True
    if field in DATES:
        fitting = sum(map(_is_day, told))
    elif field in AMOUNTS:
        fitting = sum(map(_is_amount, told))
    elif field == "email":
        fitting = sum("@" in cell for cell in told)
    elif field in {"account", "contact", "product", "owner"}:
        fitting = sum(cell.casefold() not in NO_NAMES for cell in told)
    else:
        return True
    return fitting >= ENOUGH * len(told)


def _is_day(cell: str) -> bool:
    return values.date_style([cell])[0] != values.NO_DATE


def _is_amount(cell: str) -> bool:
    try:
        values.amount(cell)
    except values.Unreadable:
        return False
    return True


def match_by_hand(kind: str, matches: Sequence[Match], chosen: Mapping[str, str]) -> list[Match]:
    """The mapping that a person or a file gives: column to field; unknown names raise KeyError with the name.

    What it leaves as it was keeps its confidence.
    """
    header = {match.column for match in matches}
    for column, field in chosen.items():
        if field and field not in COLUMNS[kind]:
            raise KeyError(field)
        if column not in header:
            raise KeyError(column)
    return [
        match
        if match.field == chosen.get(match.column, "")
        else dataclasses.replace(match, field=chosen.get(match.column, ""), confidence=CERTAIN)
        for match in matches
    ]


def told(match: Match, written: Mapping[str, str]) -> Match:
    """The column with its dates or amounts written as a person says, and no longer in doubt."""
    if not any(written.values()):
        return match
    dates, mark = written.get("dates") or match.dates, written.get("mark") or match.mark
    return dataclasses.replace(match, dates=dates, mark=mark, doubts=())


def missing(kind: str, matches: Sequence[Match]) -> list[frozenset[str]]:
    """The groups of fields of which the file has none, though one is needed.

    Deals need no step where every column is understood, so that none of them can be it, and none tells of an end: all
    of them begin.
    """
    found = {match.field for match in matches}
    lacking = [group for group in NEEDED[kind] if not group & found]
    all_begin = "" not in found and not ENDS & found
    return [] if lacking == [STEP] and all_begin else lacking


def meaning_of_stage(cell: str) -> str | None:
    """The phase or the end that other systems' word for a step means; None for one that tells neither."""
    word = normal(cell)
    if word in STAGE_WORDS:
        return STAGE_WORDS[word]
    parts = frozenset(word.split())
    return next((phase for phase, words in PHASE_WORDS if words & parts), None)
