"""Which system a file came from, by headers that no other system writes."""

import re
from collections.abc import Sequence

from crm.imports.states import Kind

PREFIX = re.compile(r"(deal|person|organization|activity|lead)\s+-\s", re.IGNORECASE)
SIGNATURES: tuple[tuple[str, str, frozenset[str]], ...] = tuple(
    (name, kind, frozenset(headers.split("|")))
    for name, kind, headers in (
        ("HubSpot", Kind.DEALS, "record id|deal name"),
        ("HubSpot", Kind.DEALS, "deal name|deal stage|pipeline"),
        ("HubSpot", Kind.DEALS, "dealname|dealstage"),
        ("HubSpot", Kind.ACCOUNTS, "company name|company domain name"),
        ("HubSpot", Kind.ACCOUNTS, "record id|company name"),
        ("HubSpot", Kind.CONTACTS, "first name|last name|lifecycle stage"),
        ("HubSpot", Kind.CONTACTS, "record id|first name|last name"),
        ("HubSpot", Kind.TOUCHES, "activity type|activity date|associated contact email"),
        ("HubSpot", Kind.TOUCHES, "activity type|activity date|call outcome"),
        ("Zoho", Kind.DEALS, "potential name|closing date"),
        ("Zoho", Kind.DEALS, "deal name|closing date"),
        ("Zoho", Kind.ACCOUNTS, "account name|account owner|account type"),
        ("Zoho", Kind.CONTACTS, "contactid|last name|contact owner"),
        ("Zoho", Kind.CONTACTS, "contact id|last name|vendor name"),
        ("Zoho", Kind.TOUCHES, "call start time|call type"),
        ("Zoho", Kind.TOUCHES, "event owner|start date time"),
        ("Salesforce", Kind.DEALS, "opportunity name|stage"),
        ("Salesforce", Kind.DEALS, "stage name|close date"),
        ("Salesforce", Kind.DEALS, "stagename|closedate"),
        ("Salesforce", Kind.ACCOUNTS, "account name|billing city"),
        ("Salesforce", Kind.CONTACTS, "last name|account name|mailing city"),
        ("Salesforce", Kind.TOUCHES, "subject|activity date|who id"),
        ("Close", Kind.DEALS, "lead name|status type"),
        ("Close", Kind.DEALS, "lead name|value period"),
    )
)


def recognised(kind: str, header: Sequence[str], plain: Sequence[str]) -> str:
    """The system's name, "" for none. `plain` are the headers in normal form."""
    if sum(bool(PREFIX.match(column.strip())) for column in header) > 1:
        return "Pipedrive"
    there = set(plain)
    return next((name for name, of, needed in SIGNATURES if of == kind and needed <= there), "")
