"""Which column of which system means what. A table that grows; matching is by name, and says how sure it is."""

import dataclasses
import difflib
import re
from collections.abc import Mapping, Sequence

from crm.imports.states import Kind
from deals.states import DealStatus, Phase

CERTAIN, LIKELY, GUESS = 1.0, 0.9, 0.6
ALIKE = 0.88

# For each field of ours: how other systems, and people's own spreadsheets, call it (all in normal form).
ACCOUNT_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "account id",
        "company id",
        "organization id",
        "organisation id",
        "record id",
        "id",
    ),
    "name": ("account", "account name", "company", "company name", "organization", "organisation"),
    "owner": ("account owner", "company owner", "owner email", "sales agent"),
    "industry": ("sector", "branch"),
    "country": ("office location", "billing country", "country code"),
    "website": ("company domain name", "domain", "url", "web site"),
    "employees": ("number of employees", "no of employees", "headcount"),
}
CONTACT_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("contact id", "person id", "record id", "id"),
    "name": ("contact", "contact name", "full name", "person"),
    "first_name": ("given name",),
    "last_name": ("surname", "family name"),
    "account": ("account name", "company", "company name", "organization", "organisation"),
    "owner": ("contact owner", "owner email"),
    "title": ("job title", "position"),
    "email": ("e mail", "email address", "e mail address", "mail"),
    "phone": ("phone number", "telephone", "mobile phone number", "mobile"),
    "language": (),
    "time_zone": (),
    "country": ("country code",),
}
DEAL_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("opportunity id", "deal id", "record id", "id"),
    "title": ("deal", "deal name", "opportunity", "opportunity name", "deal title", "name"),
    "account": (
        "account name",
        "company",
        "company name",
        "organization",
        "organisation",
        "associated company",
    ),
    "contact": ("contact email", "associated contact email", "contact person", "contact name"),
    "owner": (
        "deal owner",
        "sales agent",
        "opportunity owner",
        "owner email",
        "rep",
        "salesperson",
    ),
    "stage": ("deal stage", "pipeline stage", "status", "deal status"),
    "amount": ("value", "deal value", "close value", "deal amount"),
    "currency": ("currency of value", "deal currency"),
    "product": ("product name",),
    "opened_at": (
        "created",
        "created at",
        "create date",
        "created date",
        "opened",
        "engage date",
        "open date",
    ),
    "closed_at": ("close date", "closed", "closed on", "closing date", "closed date"),
    "expected_close_on": ("expected close", "expected close date", "expected closing"),
    "reason": (
        "loss reason",
        "lost reason",
        "closed lost reason",
        "reason for loss",
        "primary loss reason",
    ),
    "competitor": ("lost to",),
    "source": ("lead source", "original source"),
    "note": ("notes", "description", "comment"),
}
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    Kind.ACCOUNTS: ACCOUNT_COLUMNS,
    Kind.CONTACTS: CONTACT_COLUMNS,
    Kind.DEALS: DEAL_COLUMNS,
}
NEEDED: dict[str, tuple[frozenset[str], ...]] = {  # at least one field of each group
    Kind.ACCOUNTS: (frozenset({"name"}),),
    Kind.CONTACTS: (frozenset({"name", "first_name", "last_name", "email"}),),
    Kind.DEALS: (frozenset({"title", "external_id"}), frozenset({"stage"})),
}

# What other systems call the steps and ends of a deal (all in normal form); our own stages go by their names first.
STAGE_WORDS: dict[str, str] = {
    **dict.fromkeys(("lead", "new", "target", "suspect"), Phase.SUSPECT),
    **dict.fromkeys(
        ("prospecting", "prospect", "qualification", "qualified", "contacted"), Phase.PROSPECT
    ),
    **dict.fromkeys(
        (
            *("engaging", "approach", "analysis", "discovery", "needs analysis"),
            *("appointment scheduled", "qualified to buy", "presentation scheduled"),
            *("value proposition", "id decision makers"),
        ),
        Phase.APPROACH,
    ),
    **dict.fromkeys(
        (
            *("proposal", "quote", "proposal price quote", "negotiation", "negotiation review"),
            *("decision maker bought in", "perception analysis"),
        ),
        Phase.NEGOTIATION,
    ),
    **dict.fromkeys(("contract sent", "conclusion", "verbal", "commit"), Phase.CONCLUSION),
    **dict.fromkeys(("won", "closed won"), DealStatus.WON),
    **dict.fromkeys(("lost", "closed lost"), DealStatus.LOST),
    **dict.fromkeys(("disqualified", "unqualified", "abandoned"), DealStatus.DISQUALIFIED),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Match:
    """What a column of the file means: a field, or "" for kept beside the record; confidence 0 to 1."""

    column: str
    field: str
    confidence: float
    samples: tuple[str, ...] = ()


def normal(name: str) -> str:
    """A header as it is compared: case, BOM, punctuation and spacing do not count; "Deal - Title" is "title"."""
    plain = re.sub(r"[\W_]+", " ", name.replace("\ufeff", "").casefold()).strip()
    prefix = re.match(
        r"^(deal|person|organization|contact|account)\s*[-:]\s", name.strip().casefold()
    )
    return plain.removeprefix(f"{prefix.group(1)} ") if prefix else plain


def compact(name: str) -> str:
    """A name as things are recognised by: "GTX Pro" and "GTXPro" are one product."""
    return re.sub(r"[\W_]+", "", name.casefold())


def match_columns(
    kind: str, header: Sequence[str], samples: Sequence[Sequence[str]]
) -> list[Match]:
    """Match each column of `header` to a field of `kind`, each field at most once, the surest first."""
    fields = COLUMNS[kind]
    offers = sorted(
        (
            (-_confidence(normal(column), field, names), index, field)
            for index, column in enumerate(header)
            for field, names in fields.items()
        ),
        key=lambda offer: offer[:2],
    )
    chosen: dict[int, tuple[str, float]] = {}
    for sureness, index, field in offers:
        taken = {name for name, _sure in chosen.values()}
        if sureness < 0 and index not in chosen and field not in taken:
            chosen[index] = (field, -sureness)
    return [
        Match(
            column=column,
            field=chosen.get(index, ("", 0.0))[0],
            confidence=chosen.get(index, ("", 0.0))[1],
            samples=tuple(
                row[index].strip()[:60]
                for row in samples
                if index < len(row) and row[index].strip()
            )[:3],
        )
        for index, column in enumerate(header)
    ]


def _confidence(column: str, field: str, names: Sequence[str]) -> float:
    own = field.replace("_", " ")
    if column == own:
        return CERTAIN
    if column in names:
        return LIKELY - names.index(column) / 1000  # names stand in the order of their sureness
    if any(difflib.SequenceMatcher(None, column, name).ratio() >= ALIKE for name in (own, *names)):
        return GUESS
    return 0.0


def match_by_hand(kind: str, header: Sequence[str], chosen: Mapping[str, str]) -> list[Match]:
    """The mapping that a person or a file gives: column to field; unknown names raise KeyError with the name."""
    for field in chosen.values():
        if field and field not in COLUMNS[kind]:
            raise KeyError(field)
    for column in chosen:
        if column not in header:
            raise KeyError(column)
    return [
        Match(column=column, field=chosen.get(column, ""), confidence=CERTAIN) for column in header
    ]


def missing(kind: str, matches: Sequence[Match]) -> list[frozenset[str]]:
    """The groups of fields of which the file has none, though one is needed."""
    found = {match.field for match in matches}
    return [group for group in NEEDED[kind] if not group & found]
