"""What is here already: sure by id or by name and account; unsure is asked, decided by a person, and honoured."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports import deciding, preparing, running
from crm.imports.models import COUNTS, Import
from crm.imports.states import InDoubt, Kind
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from deals.models import Account, Contact, Deal
from tests.factories import deals as make
from tests.factories import imports as files

pytestmark = pytest.mark.django_db
EARLIER = dt.timedelta(days=1)


@pytest.fixture
def before(now: dt.datetime) -> dt.datetime:
    return now - EARLIER


def here(model: type[Any], before: dt.datetime) -> None:
    """What the factories made was here before the file came."""
    model._default_manager.update(created_at=before)


def counts(job: Import) -> tuple[int, ...]:
    """Created, updated, unchanged, rejected."""
    return tuple(job.counts[name] for name in COUNTS[1:])


def asked(job: Import) -> list[tuple[str, str, list[str]]]:
    return [
        (one.thing, one.said, [str(known["name"]) for known in one.candidates])
        for one in job.questions.all()
    ]


def accounts(tmp_path: Path, *lines: str, header: str = "name,website,industry") -> Path:
    return files.file(tmp_path, "\n".join([header, *lines, ""]))


def test_a_company_of_that_name_is_the_one_and_one_that_looks_like_it_is_asked_about(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    vale = make.account(owner=rep, name="Vale", website="https://vale.example")
    make.account(owner=rep, name="Kovács Kft.")
    make.account(owner=rep, name="Twin")
    make.account(owner=rep, name="TWIN")
    make.account(owner=rep, name="Arc", website="arc.example")
    here(Account, before)
    path = accounts(
        tmp_path,
        "vale,,Food",  # the one
        "Kovacs,,",  # without accents and legal form
        "Twin,,",  # two of them
        "Arc Logistics,www.arc.example,",  # by its domain
        "Arc,other.example,",  # another domain
        "Lund,,",  # new
    )

    job = files.ran(path, by=rep, kind=Kind.ACCOUNTS)

    assert counts(job) == (1, 1, 0, 4)
    vale.refresh_from_db()
    assert (vale.industry, vale.website) == ("Food", "https://vale.example")
    assert asked(job) == [
        ("account", "Kovacs", ["Kovács Kft."]),
        ("account", "Twin", ["Twin", "TWIN"]),
        ("account", "Arc Logistics", ["Arc"]),
        ("account", "Arc", ["Arc"]),
    ]
    row = job.rejected.get(line=3)
    assert row.why == "“Kovacs” may be “Kovács Kft.”, which is here: decide."
    assert row.question == job.questions.first()


def test_what_has_an_id_is_not_what_has_another_and_one_without_takes_it_over(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    make.account(owner=rep, name="Vale", external_id="C1")
    lund = make.account(owner=rep, name="Lund")
    here(Account, before)
    path = accounts(tmp_path, "C2,Vale,Food", "C3,Lund,Food", header="id,name,industry")

    job = files.ran(path, by=rep, kind=Kind.ACCOUNTS)
    again = files.ran(path, by=rep, kind=Kind.ACCOUNTS)

    lund.refresh_from_db()
    assert (counts(job), lund.external_id, counts(again)) == ((1, 1, 0, 0), "C3", (0, 0, 2, 0))


def test_people_by_their_address_or_by_name_and_company(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    vale = make.account(owner=rep, name="Vale")
    ann = make.contact(owner=rep, account=vale, name="Ann Vale", email="ann@vale.example")
    make.contact(owner=rep, account=vale, name="Bo Vale", email="bo@vale.example")
    make.contact(owner=rep, account=None, name="Cy Low", phone="+44 20 7946 0000", email="")
    here(Account, before)
    here(Contact, before)
    lines = (
        "Ann Vale,ann@vale.example,,,Buyer",  # the one
        "Bo Vale,,,Vale,Chief",  # by name and company
        "Somebody,ann@vale.example,,,",  # her address, another name
        "Cy Low,,020 7946 0000,Lund,",  # the number and the name
        "Dee,dee@vale.example,,Vale,",  # new
    )
    path = files.file(tmp_path, "\n".join(["name,email,phone,company,title", *lines, ""]))

    job = files.ran(path, by=rep, kind=Kind.CONTACTS)

    ann.refresh_from_db()
    assert (counts(job), ann.title, ann.account) == ((1, 2, 0, 2), "Buyer", vale)
    assert asked(job) == [
        ("contact", "Somebody", ["Ann Vale"]),
        ("contact", "Cy Low", ["Cy Low"]),
    ]


def test_deals_by_title_and_company_unless_something_speaks_against_it(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    vale, lund = (make.account(owner=rep, name=name) for name in ("Vale", "Lund"))
    fridges = make.deal(owner=rep, account=vale, title="Fridges", amount=5)
    for account in (vale, vale, lund):
        make.deal(owner=rep, account=account, title="Renewal")
    make.deal(owner=rep, account=None, title="Depot")
    for model in (Account, Deal):
        here(model, before)
    Deal.objects.update(opened_at=before)
    lines = (
        "Fridges,Vale,12,",  # the one
        "Renewal,Vale,,",  # two of them
        f"Renewal,Lund,,{before.date() - EARLIER}",  # opened on another day
        "Depot,,,",  # at no company: a name alone is not enough
        "Depot,Vale,,",  # at another company: new
    )
    path = files.file(
        tmp_path,
        "\n".join(["title,account,amount,created", *lines, ""])
        .replace("title,", "stage,title,", 1)
        .replace("\n", "\nSuspect,")
        .removesuffix("Suspect,"),
    )

    job = files.ran(path, by=rep)

    fridges.refresh_from_db()
    assert fridges.amount == Decimal(12)
    assert counts(job) == (1, 1, 0, 3)
    assert [said for _thing, said, _names in asked(job)] == ["Renewal", "Renewal", "Depot"]


def test_rows_that_would_all_be_the_same_one_are_asked_about(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    vale = make.account(owner=rep, name="Vale")
    make.deal(owner=rep, account=vale, title="Renewal")
    here(Account, before)
    here(Deal, before)
    path = files.file(
        tmp_path, "title,account,stage,amount\nRenewal,Vale,Suspect,1\nRenewal,Vale,Suspect,2\n"
    )

    job = files.ran(path, by=rep)

    assert (counts(job), len(asked(job))) == ((0, 1, 0, 1), 1)


def test_a_file_without_ids_that_comes_twice_makes_nothing_twice(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    path = files.file(tmp_path, "product,stage,amount\nFridge,Suspect,1\nFridge,Suspect,1\n")

    first = files.ran(path, by=rep)
    here(Deal, before)
    second = files.ran(path, by=rep)

    assert (counts(first), counts(second)) == ((2, 0, 0, 0), (0, 0, 0, 2))
    assert Deal.objects.count() == 2


def test_the_dry_run_asks_and_the_import_does_as_was_decided(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    """A company is asked about once, however many deals name it; what nobody decided waits, and can come in later."""
    kovacs = make.account(owner=rep, name="Kovács Kft.")
    make.account(owner=rep, name="Vale GmbH")
    make.account(owner=rep, name="Lund AB")
    here(Account, before)
    text = (
        "title,account,stage\nA,Kovacs,Suspect\nB,Kovacs,Suspect\nC,Vale,Suspect\nD,Lund,Suspect\n"
    )
    tried = files.ran(files.file(tmp_path, text), by=rep, dry_run=True)
    assert asked(tried) == [
        ("account", "Kovacs", ["Kovács Kft."]),
        ("account", "Vale", ["Vale GmbH"]),
        ("account", "Lund", ["Lund AB"]),
    ]
    ours, new, _left = tried.questions.all()

    deciding.decide(tried, {ours.pk: str(kovacs.pk), new.pk: "new"})
    job = preparing.again(tried, by=rep)
    running.run(job.pk)
    job.refresh_from_db()

    assert counts(job) == (3, 0, 0, 1)
    assert list(Deal.objects.order_by("title").values_list("title", "account__name")) == [
        ("A", "Kovács Kft."),
        ("B", "Kovács Kft."),
        ("C", "Vale"),
    ]
    with pytest.raises(ActionRefused, match="nothing decided"):
        preparing.take_up(job, by=rep)

    assert deciding.decide_all(job, "existing") == 1
    rest = preparing.take_up(job, by=rep)
    running.run(rest.pk)
    rest.refresh_from_db()

    assert (rest.counts["read"], counts(rest)) == (1, (1, 0, 0, 0))
    assert Deal.objects.get(title="D").account == Account.objects.get(name="Lund AB")
    with pytest.raises(ActionRefused, match="decided already"):
        deciding.decide(job, {job.questions.get().pk: "new"})


@pytest.mark.parametrize(
    ("in_doubt", "wanted"),
    [
        (InDoubt.ASIDE, (0, 0, 0, 2)),
        (InDoubt.EXISTING, (0, 0, 1, 1)),
        (InDoubt.NEW, (2, 0, 0, 0)),
    ],
)
def test_a_program_says_beforehand_what_becomes_of_them(
    rep: User, tmp_path: Path, before: dt.datetime, in_doubt: str, wanted: tuple[int, ...]
) -> None:
    for name in ("Vale GmbH", "Twin GmbH", "Twin Ltd"):
        make.account(owner=rep, name=name)
    here(Account, before)
    path = accounts(tmp_path, "Vale Ltd", "Twin", header="name")

    job = preparing.bring_in(
        kind=Kind.ACCOUNTS, stored_as=str(path), name="a.csv", by=rep, in_doubt=in_doubt
    )
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.counts["created"], job.counts["rejected"]) == (wanted[0], wanted[3])


def test_an_answer_that_is_none_of_the_list_is_refused(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    other = make.account(owner=rep, name="Lund")
    make.account(owner=rep, name="Vale GmbH")
    here(Account, before)
    job = files.ran(accounts(tmp_path, "Vale", header="name"), by=rep, kind=Kind.ACCOUNTS)
    question = job.questions.get()

    for answers in ({question.pk: str(other.pk)}, {question.pk + 1: "new"}):
        with pytest.raises(ActionRefused):
            deciding.decide(job, answers)
    with pytest.raises(ActionRefused):
        deciding.decide_all(job, "perhaps")


def test_nobody_is_asked_about_what_they_do_not_see(
    rep: User, outsider: User, tmp_path: Path, before: dt.datetime
) -> None:
    make.account(owner=outsider, name="Vale GmbH")
    here(Account, before)

    job = files.ran(accounts(tmp_path, "Vale", header="name"), by=rep, kind=Kind.ACCOUNTS)

    assert (counts(job), asked(job)) == ((1, 0, 0, 0), [])


def test_the_first_rows_of_a_dry_run_are_kept_as_they_would_come_out(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    make.account(owner=rep, name="Lund AB")
    here(Account, before)
    bad = files.OPEN.replace("D1", "D4").replace("1200", "lots")

    job = files.ran(
        files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST + bad),
        by=rep,
        dry_run=True,
    )

    assert [(row["line"], row["what"], row["cells"][:4]) for row in job.first_rows] == [
        (2, "created", ["Ward fridges", "Rita Rep", "Vale", "Negotiation"]),
        (3, "in doubt", ["D2", "Depot", "Rita Rep", "Lund"]),
        (4, "created", ["Reefer", "Rita Rep", "Vale", "Lost · 20 November 2025 · Timing"]),
        (5, "rejected", ["D4", "Ward fridges", "rep@example.com", "Vale"]),
    ]
    assert not Deal.objects.exists()


def test_asking_costs_the_same_for_one_row_and_for_fifty(
    rep: User, tmp_path: Path, before: dt.datetime
) -> None:
    for n in range(60):
        account = make.account(owner=rep, name=f"Vale {n} GmbH")
        make.deal(owner=rep, account=account, title=f"Deal {n}")
    here(Account, before)
    here(Deal, before)

    def queries(rows: range) -> int:
        lines = "".join(f"Deal {n},Vale {n}{' GmbH' * (n % 2)},Suspect\n" for n in rows)
        path = files.file(tmp_path, "title,account,stage\n" + lines)
        job = preparing.start(files.prepared(path, by=rep), dry_run=False)
        with CaptureQueriesContext(connection) as captured:
            running.run(job.pk)
        assert Import.objects.get(pk=job.pk).questions.count() == len(rows) // 2
        return len(captured)

    assert queries(range(2)) == queries(range(2, 52))
