"""What comes in with a file, what is rejected with its line and why, and that the past starts nothing."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from crm.imports.models import ImportedRow
from crm.imports.states import ImportState, Kind
from crm.shared.models import EventRecord, Notice, OutgoingMail, User
from deals.actions import directory_merge
from deals.models import Account, Competitor, Contact, Deal, Outcome, Product
from followups.models import FollowUp
from referrals.models import ReferralAsk
from reviews.models import FeedbackInvitation, Review
from tests.factories import deals as make
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def test_deals_come_in_with_their_outcomes(rep: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST)

    job = files.ran(path, by=rep)

    assert (job.state, files.counts(job), job.progress) == (ImportState.DONE, (3, 3, 0, 0, 0), 1.0)
    open_deal, won, lost = Deal.objects.order_by("external_id")
    assert (open_deal.stage.name, open_deal.amount, open_deal.extra) == (
        "Negotiation",
        Decimal(1200),
        {"colour": "red"},
    )
    assert (open_deal.account, open_deal.product) == (
        Account.objects.get(name="Vale"),
        Product.objects.get(name="Fridge"),
    )
    assert (won.status, won.outcome.base_amount, won.closed_at.date()) == (
        "won",
        Decimal("900.50"),
        dt.date(2025, 12, 1),
    )
    assert (lost.outcome.reason.slug, lost.outcome.competitor) == (
        "timing",
        Competitor.objects.get(),
    )
    assert [one.outcome.stage for one in (won, lost)] == [None, None]


def test_the_past_starts_nothing(rep: User, manager: User, tmp_path: Path) -> None:
    files.ran(files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST), by=rep)

    planned = [FollowUp, ReferralAsk, FeedbackInvitation, Review, OutgoingMail, Notice]
    assert [model._default_manager.count() for model in planned] == [0] * len(planned)
    names = EventRecord.objects.order_by("name").values_list("name", flat=True)
    assert set(names) - {"setup.changed"} == {  # what was added on the way is on the record
        "deal.imported",
        "deal.past_closing_recorded",
        "import.finished",
    }


@pytest.mark.practice("A1")
def test_a_loss_without_a_reason_says_so_and_an_unknown_one_is_kept_in_words(
    rep: User, tmp_path: Path
) -> None:
    none = files.LOST.replace("D3", "D4").replace("Timing", "")
    unknown = files.LOST.replace("D3", "D5").replace("Timing", "They moved away")

    files.ran(files.file(tmp_path, files.HEADER + none + unknown), by=rep)

    found = Outcome.objects.order_by("deal__external_id").values_list("reason__slug", "note")
    assert list(found) == [("not-stated", ""), ("other", "They moved away")]


def test_the_same_file_again_changes_nothing(rep: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST)
    files.ran(path, by=rep)

    again = files.ran(path, by=rep)

    assert files.counts(again) == (3, 0, 0, 3, 0)
    assert Deal.objects.count() == 3


def test_a_known_deal_takes_what_is_new_and_closes_when_the_file_says_so(
    rep: User, tmp_path: Path
) -> None:
    files.ran(
        files.file(tmp_path, files.HEADER + files.OPEN + files.OPEN.replace("D1", "D9")), by=rep
    )
    changed = files.OPEN.replace("1200", "1500")
    closed = (
        files.OPEN.replace("D1", "D9")
        .replace("Negotiation", "Won")
        .replace("2026-01-05,,", "2026-01-05,2026-02-01,")
    )

    job = files.ran(files.file(tmp_path, files.HEADER + changed + closed), by=rep)

    assert files.counts(job) == (2, 0, 2, 0, 0)
    first, second = Deal.objects.order_by("external_id")
    assert (first.amount, second.status) == (Decimal(1500), "won")


@pytest.mark.parametrize(
    ("line", "column", "value", "why"),
    [
        (files.OPEN.replace("Negotiation", "Dreaming"), "stage", "Dreaming", "no such stage"),
        (files.OPEN.replace("1200", "lots"), "amount", "lots", "not an amount"),
        (files.OPEN.replace("2026-01-05", "someday"), "created", "someday", "not a date"),
        (
            files.OPEN.replace("rep@example.com", "Somebody Else"),
            "owner",
            "Somebody Else",
            "somebody else",
        ),
        (files.WON.replace("2025-12-01", ""), "closed", "", "day of its closing"),
        (files.WON.replace("2025-12-01", "2031-12-01"), "closed", "2031-12-01", "in the future"),
        (
            files.WON.replace("2025-12-01", "2025-09-01"),
            "closed",
            "2025-09-01",
            "before it was opened",
        ),
        (
            files.OPEN.replace("D1,Ward fridges,", ",,").replace("Vale,Fridge", ","),
            "title",
            "",
            "title or an id",
        ),
        (files.OPEN.replace("Ward fridges", "x" * 301), "title", "x" * 301, "Longer than 300"),
        (files.OPEN.replace("red", "red,blue"), "", "blue", "more cells"),
    ],
)
def test_a_row_that_cannot_come_in_says_where_and_why_and_stops_no_other(
    rep: User, tmp_path: Path, line: str, column: str, value: str, why: str
) -> None:
    two_lines = files.OPEN.replace("D1", "D7").replace("Ward fridges", '"Ward\nfridges"')

    job = files.ran(files.file(tmp_path, files.HEADER + two_lines + line + files.LOST), by=rep)

    rejected = ImportedRow.objects.get()
    assert files.counts(job) == (3, 2, 0, 0, 1)
    assert (rejected.line, rejected.column, rejected.value) == (4, column, value)
    assert why in rejected.why


@pytest.mark.parametrize(
    ("kind", "columns", "at_fault", "longest"),
    [
        (Kind.ACCOUNTS, "name,industry", "industry", 200),
        (Kind.ACCOUNTS, "name,website", "website", 300),
        (Kind.CONTACTS, "name,title", "title", 200),
        (Kind.CONTACTS, "name,language", "language", 10),
        (Kind.CONTACTS, "name,time_zone", "time_zone", 64),
        (Kind.CONTACTS, "first_name,last_name", "name", 200),
        (Kind.DEALS, "title,stage,product", "product", 200),
        (Kind.DEALS, "title,stage,owner", "owner", 200),
    ],
)
def test_a_cell_too_long_for_its_field_stops_no_other_row(
    admin: User, tmp_path: Path, kind: Kind, columns: str, at_fault: str, longest: int
) -> None:
    start = "Vale," + "Suspect," * columns.count("stage")
    lines = f"{columns}\n{start}{'x' * (longest + 1)}\n{start}\n"

    job = files.ran(files.file(tmp_path, lines), by=admin, kind=kind)

    rejected = ImportedRow.objects.get()
    assert files.counts(job) == (2, 1, 0, 0, 1)
    assert (rejected.line, rejected.column) == (2, at_fault)
    assert rejected.why == f"Longer than {longest} characters."


def test_a_refusal_of_the_action_is_a_rejected_row_too(
    rep: User, outsider: User, tmp_path: Path
) -> None:
    make.deal(owner=outsider, external_id="D1")

    job = files.ran(files.file(tmp_path, files.HEADER + files.OPEN + files.WON), by=rep)

    assert files.counts(job) == (2, 1, 0, 0, 1)
    assert "cannot be used here" in ImportedRow.objects.get().why


def test_a_dry_run_counts_and_writes_nothing(rep: User, tmp_path: Path) -> None:
    bad = files.OPEN.replace("D1", "D8").replace("1200", "lots")
    path = files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST + bad)

    job = files.ran(path, by=rep, dry_run=True)

    assert files.counts(job) == (4, 3, 0, 0, 1)
    assert [
        model.objects.count() for model in (Deal, Account, Product, Competitor, EventRecord)
    ] == [0] * 5
    assert ImportedRow.objects.count() == 1


def test_an_administrator_brings_in_people_who_left(admin: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, files.HEADER + files.WON.replace("Rita Rep", "Darcel Schlecht"))

    files.ran(path, by=admin)

    former = User.objects.get(name="Darcel Schlecht")
    assert (former.is_active, former.has_usable_password(), former.email) == (
        False,
        False,
        "darcel-schlecht@import.invalid",
    )
    assert Outcome.objects.get().owner == former


def test_who_is_not_named_is_oneself_or_an_administrator(
    rep: User, admin: User, tmp_path: Path
) -> None:
    path = files.file(tmp_path, "title,stage\nA,Suspect\n")

    files.ran(path, by=rep)
    files.ran(path, by=None)

    assert [deal.owner for deal in Deal.objects.order_by("pk")] == [rep, admin]


def test_without_any_administrator_it_is_nobodys_in_particular(tmp_path: Path) -> None:
    files.ran(files.file(tmp_path, "title,stage\nA,Suspect\n"), by=None)

    assert Deal.objects.get().owner.name == "Unassigned"


def test_accounts_go_by_their_name_and_fill_in_what_the_file_says(
    rep: User, tmp_path: Path
) -> None:
    known = make.account(owner=rep, name="Vale Hospitals", industry="Health")
    lines = 'account,sector,employees,office_location\nVALE hospitals,,"1,200",GB\nLund,Retail,5,Sweden\nLund,Retail,5,\n'

    job = files.ran(files.file(tmp_path, lines), by=rep, kind=Kind.ACCOUNTS)

    known.refresh_from_db()
    assert files.counts(job) == (3, 1, 1, 0, 1)
    assert (known.name, known.industry, known.employees, known.country) == (
        "VALE hospitals",
        "Health",
        1200,
        "GB",
    )
    assert "twice" in ImportedRow.objects.get().why


def test_contacts_come_in_with_their_account(rep: User, tmp_path: Path) -> None:
    lines = (
        "contact id,first name,last name,email,company,job title\n"
        "C1,Elin,Sjöberg,Elin@Example.org,Norrland,Buyer\nC2,,,,,\nC3,A,B,not-an-address,,\n"
    )

    job = files.ran(files.file(tmp_path, lines), by=rep, kind=Kind.CONTACTS)

    contact = Contact.objects.get()
    assert files.counts(job) == (3, 1, 0, 0, 2)
    assert (contact.name, contact.email, contact.account.name, contact.title) == (
        "Elin Sjöberg",
        "elin@example.org",
        "Norrland",
        "Buyer",
    )


def test_a_deal_names_a_contact_that_is_there(rep: User, tmp_path: Path) -> None:
    contact = make.contact(owner=rep, email="elin@example.org")
    lines = "title,stage,contact email,currency\nA,Suspect,elin@example.org,eur\nB,Suspect,nobody@example.org,\nC,Suspect,,EURO\n"

    job = files.ran(files.file(tmp_path, lines), by=rep)

    assert [deal.contact for deal in Deal.objects.order_by("pk")] == [contact, None]
    assert files.counts(job) == (3, 2, 0, 0, 1)


def test_a_word_about_competitors_names_nobody_and_no_cell_is_lost(
    rep: User, tmp_path: Path
) -> None:
    """IBM’s None, Unknown and Known; the words stay beside the deal, as does what an open deal has no field for."""
    text = "id,title,stage,closed,loss reason,competitor,note\n"
    text += "D1,A,Lost,2025-11-20,Timing,None,\nD2,B,Won,2025-11-20,,Unknown,\n"
    text += "D3,C,Won,2025-11-20,,Arc,\nD4,D,Suspect,,,Arc,call in May\n"

    files.ran(files.file(tmp_path, text), by=rep)

    deals = list(Deal.objects.order_by("external_id"))
    assert [deal.outcome.competition for deal in deals[:3]] == ["none", "unknown", "named"]
    assert [deal.extra for deal in deals] == [
        {"competitor": "None"},
        {"competitor": "Unknown"},
        {},
        {"competitor": "Arc", "note": "call in May"},
    ]
    assert [one.name for one in Competitor.objects.all()] == ["Arc"]


def test_what_was_merged_away_is_the_one_that_stayed(
    rep: User, admin: User, tmp_path: Path
) -> None:
    """By the id and by the name that it had; two ids of one company are both that company."""
    companies = "id,name,owner,industry\nC1,Vale,rep@example.com,{}\nC2,Vale Cold,rep@example.com,{}\nC3,Arc,rep@example.com,\n"
    people = "id,name,owner,company id\nP1,Ann,rep@example.com,{}\nP2,Anna,rep@example.com,C3\n"
    for kind, text in (
        (Kind.ACCOUNTS, companies.format("", "")),
        (Kind.CONTACTS, people.format("C2")),
    ):
        files.ran(files.file(tmp_path, text), by=admin, kind=kind)
    vale, cold, arc = Account.objects.order_by("external_id")
    ann, anna = Contact.objects.order_by("external_id")
    directory_merge.merge(cold, arc, by=admin)
    directory_merge.merge(vale, cold, by=admin)
    directory_merge.merge(ann, anna, by=admin)

    again = files.ran(
        files.file(
            tmp_path,
            companies.format("Food", "Cold stores").replace("C1,Vale,rep@example.com,Food\n", ""),
        ),
        by=admin,
        kind=Kind.ACCOUNTS,
    )
    met = files.ran(
        files.file(tmp_path, "id,name,owner,title,company id\nP2,Anna,rep@example.com,Buyer,C3\n"),
        by=admin,
        kind=Kind.CONTACTS,
    )
    deal = "id,title,stage,account,contact id,account id\nD1,A,Suspect,Vale Cold,P2,\nD2,B,Suspect,,,C3\n"
    files.ran(files.file(tmp_path, deal), by=admin)

    assert (files.counts(again)[1:], files.counts(met)[1:]) == ((0, 1, 1, 0), (0, 1, 0, 0))
    assert Account.objects.count() == 3
    vale.refresh_from_db()
    assert (vale.name, vale.industry) == ("Vale", "Cold stores")  # its own id speaks for its name
    ann.refresh_from_db()
    anna.refresh_from_db()
    assert (ann.name, ann.title, ann.account, anna.title) == ("Ann", "Buyer", vale, "")
    assert set(Deal.objects.values_list("account", "contact")) == {
        (vale.pk, ann.pk),
        (vale.pk, None),
    }
    cold.refresh_from_db()
    assert cold.industry == ""
