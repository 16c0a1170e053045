"""Which column means what, and how sure that is."""

import pytest

from crm.imports import formats
from crm.imports.states import Kind

MAVEN = [
    *("opportunity_id", "sales_agent", "product", "account", "deal_stage"),
    *("engage_date", "close_date", "close_value"),
]


def fields(kind: str, header: list[str]) -> dict[str, str]:
    return {match.column: match.field for match in formats.match_columns(kind, header, [])}


def test_a_pipeline_of_another_system_matches_without_a_hand() -> None:
    assert fields(Kind.DEALS, MAVEN) == {
        "opportunity_id": "external_id",
        "sales_agent": "owner",
        "product": "product",
        "account": "account",
        "deal_stage": "stage",
        "engage_date": "opened_at",
        "close_date": "closed_at",
        "close_value": "amount",
    }


def test_each_field_is_given_once_to_the_surest_column() -> None:
    found = formats.match_columns(Kind.DEALS, ["Status", "Stage", "Deal - Title", "Colour"], [])

    assert [(match.column, match.field) for match in found] == [
        ("Status", ""),
        ("Stage", "stage"),
        ("Deal - Title", "title"),
        ("Colour", ""),
    ]
    assert [match.confidence for match in found] == [0.0, 1.0, 1.0, 0.0]


def test_a_column_spelt_almost_so_is_a_guess() -> None:
    match = formats.match_columns(Kind.ACCOUNTS, ["Industrey"], [["Retail"], ["", "x"], []])[0]

    assert (match.field, match.confidence, match.samples) == (
        "industry",
        formats.GUESS,
        ("Retail",),
    )


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("\ufeffDeal_Name ", "deal name"),
        ("Deal - Currency of  Value", "currency of value"),
        ("Person - Email", "email"),
        ("E-Mail", "e mail"),
    ],
)
def test_headers_compare_without_case_marks_and_spacing(header: str, plain: str) -> None:
    assert formats.normal(header) == plain


def test_a_mapping_by_hand_names_columns_and_fields_that_exist() -> None:
    chosen = formats.match_by_hand(Kind.DEALS, ["A", "B"], {"A": "title"})

    assert [(match.column, match.field) for match in chosen] == [("A", "title"), ("B", "")]
    for wrong in ({"A": "colour"}, {"C": "title"}):
        with pytest.raises(KeyError):
            formats.match_by_hand(Kind.DEALS, ["A", "B"], wrong)


def test_what_is_needed_and_not_there_is_named() -> None:
    found = formats.match_columns(Kind.DEALS, ["amount"], [])

    assert formats.missing(Kind.DEALS, found) == [
        frozenset({"title", "external_id"}),
        frozenset({"stage"}),
    ]
