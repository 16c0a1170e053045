"""Which column means what, and how sure that is."""

import pytest

from crm.imports import formats, systems, values
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
        ("Status", "status"),
        ("Stage", "stage"),
        ("Deal - Title", "title"),
        ("Colour", ""),
    ]
    assert [match.confidence for match in found] == [1.0, 1.0, 1.0, 0.0]


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
        ("Deal - Currency of  Value", "deal currency of value"),
        ("Person - Email", "person email"),
        ("E-Mail", "e mail"),
    ],
)
def test_headers_compare_without_case_marks_and_spacing(header: str, plain: str) -> None:
    assert formats.normal(header) == plain


def test_a_mapping_by_hand_names_columns_and_fields_that_exist() -> None:
    found = formats.match_columns(Kind.DEALS, ["A", "B"], [["1.5", "x"]])

    chosen = formats.match_by_hand(Kind.DEALS, found, {"A": "title"})

    assert [(match.column, match.field) for match in chosen] == [("A", "title"), ("B", "")]
    for wrong in ({"A": "colour"}, {"C": "title"}):
        with pytest.raises(KeyError):
            formats.match_by_hand(Kind.DEALS, found, wrong)


def test_what_is_needed_and_not_there_is_named() -> None:
    found = formats.match_columns(Kind.DEALS, ["amount"], [])

    assert formats.missing(Kind.DEALS, found) == [
        frozenset({"title", "external_id", "account", "product"}),
        frozenset({"stage", "status"}),
    ]


def test_where_every_column_is_understood_no_stage_is_needed() -> None:
    whole = formats.match_columns(Kind.DEALS, ["case_id", "amount"], [])
    not_whole = formats.match_columns(Kind.DEALS, ["case_id", "amount", "Etapa"], [])

    assert formats.missing(Kind.DEALS, whole) == []
    assert formats.missing(Kind.DEALS, not_whole) == [frozenset({"stage", "status"})]


@pytest.mark.parametrize("column", ["closed", "won date", "lost date", "loss reason", "competitor"])
def test_where_a_column_tells_of_an_end_a_stage_is_needed(column: str) -> None:
    found = formats.match_columns(Kind.DEALS, ["id", "title", "created", column], [])

    assert formats.missing(Kind.DEALS, found) == [frozenset({"stage", "status"})]


def test_the_id_of_a_lead_is_that_of_the_deal_where_each_became_one() -> None:
    header = ["Potential Name", "LEADID", "Stage"]

    once = formats.match_columns(Kind.DEALS, header, [["A", "1", "Won"], ["B", "2", "Won"]])
    twice = formats.match_columns(Kind.DEALS, header, [["A", "1", "Won"], ["B", "1", "Won"]])

    assert [match.field for match in once] == ["title", "external_id", "stage"]
    assert [match.field for match in twice] == ["title", "", "stage"]


PIPEDRIVE = [
    *("Deal - ID", "Deal - Title", "Deal - Owner", "Deal - Value", "Deal - Currency of Value"),
    *("Deal - Organization", "Deal - Organization ID", "Deal - Contact person", "Deal - Stage"),
    *("Deal - Status", "Deal - Deal created", "Deal - Won time", "Deal - Lost time"),
    *("Deal - Deal closed on", "Deal - Lost reason", "Deal - Expected close date"),
    *("Person - Name", "Organization - Name"),
]
SALESFORCE = [
    *("Opportunity ID", "Opportunity Name", "Account Name", "Stage", "Amount", "Close Date"),
    *("Created Date", "Opportunity Owner", "Probability (%)", "Type", "Lead Source", "Loss Reason"),
]
SALESFORCE_API = ["Id", "Name", "AccountId", "StageName", "Amount", "CloseDate", "Loss_Reason__c"]
ZOHO = [
    *("Deal_Name", "Account_Name", "Closing_Date", "Stage", "Amount", "Lead_Source"),
    *("Contact_Name", "Owner", "Reason_For_Loss__s", "Pipeline"),
]
HUBSPOT = [
    *("Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Create Date"),
    *("Deal owner", "Closed Lost Reason", "Associated Company", "Associated Contact"),
]
CLOSE = [
    *("date_created", "lead_name", "status_type", "date_won", "date_lost", "value"),
    *("value_period", "user_name", "note"),
]


@pytest.mark.parametrize(
    ("system", "header", "matched"),
    [
        (
            "Pipedrive",
            PIPEDRIVE,
            {
                "Deal - ID": "external_id",
                "Deal - Title": "title",
                "Deal - Owner": "owner",
                "Deal - Value": "amount",
                "Deal - Currency of Value": "currency",
                "Deal - Organization": "account",
                "Deal - Organization ID": "account_id",
                "Deal - Contact person": "contact",
                "Deal - Stage": "stage",
                "Deal - Status": "status",
                "Deal - Deal created": "opened_at",
                "Deal - Won time": "won_at",
                "Deal - Lost time": "lost_at",
                "Deal - Deal closed on": "closed_at",
                "Deal - Lost reason": "reason",
                "Deal - Expected close date": "expected_close_on",
            },
        ),
        (
            "Salesforce",
            SALESFORCE,
            {
                "Opportunity ID": "external_id",
                "Opportunity Name": "title",
                "Account Name": "account",
                "Stage": "stage",
                "Amount": "amount",
                "Close Date": "closed_at",
                "Created Date": "opened_at",
                "Opportunity Owner": "owner",
                "Lead Source": "source",
                "Loss Reason": "reason",
            },
        ),
        (
            "Salesforce",
            SALESFORCE_API,
            {
                "Id": "external_id",
                "Name": "title",
                "AccountId": "account_id",
                "StageName": "stage",
                "Amount": "amount",
                "CloseDate": "closed_at",
                "Loss_Reason__c": "reason",
            },
        ),
        (
            "Zoho",
            ZOHO,
            {
                "Deal_Name": "title",
                "Account_Name": "account",
                "Closing_Date": "closed_at",
                "Stage": "stage",
                "Amount": "amount",
                "Lead_Source": "source",
                "Contact_Name": "contact",
                "Owner": "owner",
                "Reason_For_Loss__s": "reason",
            },
        ),
        (
            "HubSpot",
            HUBSPOT,
            {
                "Record ID": "external_id",
                "Deal Name": "title",
                "Deal Stage": "stage",
                "Amount": "amount",
                "Close Date": "closed_at",
                "Create Date": "opened_at",
                "Deal owner": "owner",
                "Closed Lost Reason": "reason",
                "Associated Company": "account",
                "Associated Contact": "contact",
            },
        ),
        (
            "Close",
            CLOSE,
            {
                "date_created": "opened_at",
                "lead_name": "account",
                "status_type": "status",
                "date_won": "won_at",
                "date_lost": "lost_at",
                "value": "amount",
                "user_name": "owner",
                "note": "note",
            },
        ),
    ],
)
def test_a_system_is_recognised_and_matches_without_a_hand(
    system: str, header: list[str], matched: dict[str, str]
) -> None:
    found = {column: field for column, field in fields(Kind.DEALS, header).items() if field}

    plain = [formats.normal(name) for name in header]
    assert (systems.recognised(Kind.DEALS, header, plain), found) == (system, matched)


def test_a_spreadsheet_of_ones_own_is_of_no_system() -> None:
    assert systems.recognised(Kind.DEALS, MAVEN, MAVEN) == ""


def test_what_stands_below_a_name_can_speak_against_it() -> None:
    answers = formats.match_columns(Kind.DEALS, ["Competitors"], [["Yes"], ["No"], ["None"]])
    names = formats.match_columns(Kind.DEALS, ["Competitors"], [["Frostwatch"], ["No"], ["Arc"]])
    words = formats.match_columns(Kind.DEALS, ["Close date"], [["soon"], ["later"]])

    assert [one.field for one in (*answers, *names, *words)] == ["competitor", "competitor", ""]


def test_a_column_says_how_its_dates_and_amounts_are_written() -> None:
    rows = [["3/4/2026", "1.234"], ["5/6/2026", "2.500"]]

    closed, amount = formats.match_columns(Kind.DEALS, ["Close date", "Amount"], rows)

    assert (closed.dates, closed.doubt) == (values.MONTH_FIRST, "dates")
    assert (amount.mark, amount.doubt) == (",", "mark")
    assert formats.match_columns(Kind.DEALS, ["Colour"], [["3/4/2026"]])[0].doubt == ""


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        *(("Closed Won", "won"), ("LOSS", "lost"), ("1", "won"), ("Abandoned", "disqualified")),
        *(("3. Contract Negotiation", "negotiation"), ("Demo booked", "approach")),
        *(("Incoming leads", "suspect"), ("New lead", "suspect"), ("Dreaming", None)),
    ],
)
def test_a_step_that_a_company_named_itself_tells_its_phase(cell: str, meant: str | None) -> None:
    assert formats.meaning_of_stage(cell) == meant


@pytest.mark.parametrize(
    ("header", "code"), [("Amount USD", "USD"), ("Value (EUR)", "EUR"), ("Amount", ""), ("THE", "")]
)
def test_a_header_may_name_the_currency(header: str, code: str) -> None:
    assert formats.currency_in(header) == code
