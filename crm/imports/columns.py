"""For each field of ours: how other systems, and people's own spreadsheets, call it. A table that grows.

All in normal form (`formats.normal`), in the order of their sureness.
"""

from crm.imports.states import Kind

COMPANY = (
    "account name",
    "company",
    "company name",
    "organization",
    "organisation",
    "organization name",
    "customer",
)
COMPANY_ID = (
    "account id",
    "accountid",
    "company id",
    "organization id",
    "organisation id",
    "associated company id",
    "associated company ids",
)
DOMAIN = ("associated company domain", "company domain", "company domain name", "account domain")
PERSON = (
    "associated contact email",
    "contact email",
    "person email",
    "person email work",
    "contact person",
    "contact name",
    "primary contact",
    "person name",
    "associated contact",
    "contact full name",
)
PERSON_ID = (
    "contact id",
    "contactid",
    "contact person id",
    "person id",
    "associated contact ids",
    "who id",
)
OWNER = (
    "owner email",
    "owner name",
    "salesperson",
    "sales agent",
    "sales rep",
    "seller",
    "rep",
    "assigned to",
    "user name",
    "responsible",
)
CREATED = (
    "created",
    "created at",
    "create date",
    "created date",
    "created time",
    "creation date",
    "date created",
    "deal created",
    "opened",
    "open date",
    "engage date",
    "add time",
    "registered at",
    "createdate",
)

ACCOUNT_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "account id",
        "accountid",
        "company id",
        "organization id",
        "organisation id",
        "record id",
        "id",
    ),
    "name": ("account", *COMPANY),
    "owner": ("account owner", "company owner", "organization owner", *OWNER),
    "industry": ("sector", "branch", "industry sector"),
    "country": (
        "country region",
        "office location",
        "billing country",
        "country code",
        "address country",
    ),
    "website": ("website url", "company domain name", "domain", "url", "web site", "homepage"),
    "employees": ("number of employees", "no of employees", "employee count", "headcount"),
}
CONTACT_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("contact id", "contactid", "person id", "record id", "id"),
    "name": ("contact", "contact name", "full name", "person"),
    "first_name": ("given name", "firstname", "forename"),
    "last_name": ("surname", "family name", "lastname"),
    "account": COMPANY,
    "account_id": COMPANY_ID,
    "account_domain": DOMAIN,
    "owner": ("contact owner", *OWNER),
    "title": ("job title", "position", "jobtitle"),
    "email": ("e mail", "email address", "e mail address", "mail", "email work", "primary email"),
    "phone": (
        "phone number",
        "telephone",
        "mobile phone number",
        "mobile",
        "phone work",
        "phone mobile",
        "mobile phone",
    ),
    "language": ("preferred language",),
    "time_zone": ("timezone",),
    "country": ("country region", "country code", "mailing country"),
    "preferred_channel": ("preferred contact method",),
    "do_not_contact": (
        "opted out",
        "unsubscribed",
        "unsubscribed from all email",
        "opted out of email",
        "has opted out of email",
        "email opt out",
        "do not call",
    ),
    "do_not_contact_scope": (),
    "do_not_contact_why": ("opt out reason", "reason for opting out"),
    "do_not_contact_since": ("opt out date", "opted out on"),
    "consent": ("legal basis", "legal basis for processing contact s data"),
    "consent_on": ("consent date",),
    "consent_source": (),
}
LEAD_ID = (
    "lead id",
    "leadid",
)  # where each lead became one deal, its id serves as that of the deal
DEAL_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "opportunity id",
        "deal id",
        "record id",
        "opportunity number",
        "prospect id",
        "potentialid",
        "potential id",
        "id",
        "case id",
        *LEAD_ID,
    ),
    "title": (
        "deal",
        "deal name",
        "dealname",
        "opportunity",
        "opportunity name",
        "deal title",
        "potential name",
        "name",
    ),
    "account": (*COMPANY, "associated company", "lead name"),
    "account_id": COMPANY_ID,
    "account_domain": DOMAIN,
    "contact": PERSON,
    "contact_id": PERSON_ID,
    "owner": (
        "deal owner",
        "opportunity owner",
        "potential owner",
        "record owner",
        "agent",
        *OWNER,
    ),
    "stage": (
        "deal stage",
        "dealstage",
        "stage name",
        "stagename",
        "pipeline stage",
        "sales stage",
    ),
    "status": (
        "deal status",
        "status type",
        "opportunity status",
        "outcome",
        "opportunity result",
        "deal outcome",
        "result",
        "won lost",
        "converted",
        "is won",
    ),
    "amount": (
        "value",
        "deal value",
        "close value",
        "deal amount",
        "opportunity amount",
        "amount requested",
        "requested amount",
        "total value",
    ),
    "currency": ("currency of value", "deal currency", "currency code", "currency iso code"),
    "product": ("product name",),
    "opened_at": CREATED,
    "closed_at": (
        "close date",
        "closed",
        "closed at",
        "closed on",
        "deal closed on",
        "closing date",
        "closed date",
        "close time",
        "closedate",
        "date closed",
        "actual close date",
    ),
    "won_at": ("won time", "date won", "won on", "won date"),
    "lost_at": ("lost time", "date lost", "lost on", "lost date"),
    "expected_close_on": (
        "expected close",
        "expected close date",
        "expected closing",
        "expected closing date",
    ),
    "reason": (
        "loss reason",
        "lost reason",
        "closed lost reason",
        "reason for loss",
        "reason lost",
        "primary loss reason",
        "loss details",
        "reason for loss s",
    ),
    "competitor": (
        "competitors",
        "lost to",
        "main competitor",
        "main competitors",
        "competitor type",
    ),
    "source": ("lead source", "original source", "source channel", "source origin", "deal source"),
    "note": ("notes", "description", "comment", "comments"),
}
TOUCH_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "activity id",
        "call id",
        "event id",
        "eventid",
        "taskid",
        "task id",
        "record id",
        "id",
    ),
    "deal": (
        "deal name",
        "deal title",
        "opportunity",
        "opportunity name",
        "potential name",
        "related to",
    ),
    "deal_id": (
        "opportunity id",
        "potentialid",
        "potential id",
        "case id",
        "associated deal id",
        "associated deal ids",
        "what id",
    ),
    "lead_id": LEAD_ID,
    "contact": PERSON,
    "contact_id": PERSON_ID,
    "account": COMPANY,
    "account_id": COMPANY_ID,
    "account_domain": DOMAIN,
    "at": (
        "date",
        "activity date",
        "call start time",
        "start datetime",
        "start date time",
        "start date",
        "start time",
        "start",
        "when",
        "due date",
        "timestamp",
        "time",
    ),
    "channel": ("activity type", "activity", "type", "kind"),
    "direction": ("call direction", "call type"),
    "result": ("call outcome", "outcome", "call result", "call status"),
    "meeting_result": ("meeting outcome", "event status"),
    "minutes": ("call duration in minutes", "duration in minutes", "duration minutes", "duration"),
    "subject": ("call meeting title subject", "title", "activity subject", "call title"),
    "note": ("notes", "notes description", "description", "comment", "comments", "body"),
    "resource": ("resource given",),
    "signal": (),
    "commitment": (),
    "owner": ("activity owner", "call owner", "event owner", "assigned to user", *OWNER),
}
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    Kind.ACCOUNTS: ACCOUNT_COLUMNS,
    Kind.CONTACTS: CONTACT_COLUMNS,
    Kind.DEALS: DEAL_COLUMNS,
    Kind.TOUCHES: TOUCH_COLUMNS,
}
STEP = frozenset({"stage", "status"})
ENDS = frozenset(
    {"closed_at", "won_at", "lost_at", "reason", "competitor"}
)  # they tell that a deal may be over
NEEDED: dict[str, tuple[frozenset[str], ...]] = {  # at least one field of each group
    Kind.ACCOUNTS: (frozenset({"name"}),),
    Kind.CONTACTS: (frozenset({"name", "first_name", "last_name", "email"}),),
    Kind.DEALS: (
        frozenset({"title", "external_id", "account", "product"}),
        STEP,
    ),
    Kind.TOUCHES: (
        frozenset({"at"}),
        frozenset(
            {
                *("deal", "deal_id", "lead_id", "contact", "contact_id"),
                *("account", "account_id", "account_domain"),
            }
        ),
    ),
}
PREFIXES: dict[str, frozenset[str]] = {  # what a kind's own columns may begin with: “Deal - Title”
    Kind.ACCOUNTS: frozenset({"organization", "account", "company"}),
    Kind.CONTACTS: frozenset({"person", "contact"}),
    Kind.DEALS: frozenset({"deal", "opportunity"}),
    Kind.TOUCHES: frozenset({"activity"}),
}
DATES = frozenset(
    {
        *("opened_at", "closed_at", "won_at", "lost_at", "expected_close_on", "at"),
        *("do_not_contact_since", "consent_on"),
    }
)
AMOUNTS = frozenset({"amount", "employees", "minutes"})
OF_REJECTED = (
    "rejected line",
    "rejected column",
    "rejected why",
)  # what we add to rows that did not come in

# The columns that tell a field; `title` of a deal, and the like, are made up where there is none.
TOLD_BY = {
    "owner": ("owner",),
    "account": ("account", "account_domain", "account_id"),
    "contact": ("contact", "contact_id"),
    "amount": ("amount",),
    "currency": ("currency", "amount"),
    "product": ("product",),
    "source": ("source",),
    "expected_close_on": ("expected_close_on", "closed_at"),
    "industry": ("industry",),
    "website": ("website",),
    "employees": ("employees",),
    "email": ("email",),
}
