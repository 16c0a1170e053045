"""An import as a job: what comes in, what is rejected, and that nothing is half or twice."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, Q, Sum
from django.test.utils import CaptureQueriesContext

from crm.imports import running
from crm.imports.models import Import, ImportedRow
from crm.imports.states import ImportState, Kind
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, Notice, OutgoingMail, User
from deals.models import Account, Competitor, Contact, Deal, Outcome, Product
from followups.models import FollowUp
from referrals.models import ReferralAsk
from reviews.models import FeedbackInvitation, Review
from tests.factories import deals as make
from tests.factories import imports as files

pytestmark = pytest.mark.django_db


def counts(job: Import) -> tuple[int, ...]:
    return tuple(job.counts.values())


def test_deals_come_in_with_their_outcomes(rep: User, tmp_path: Path) -> None:
    path = files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST)

    job = files.ran(path, by=rep)

    assert (job.state, counts(job), job.progress) == (ImportState.DONE, (3, 3, 0, 0, 0), 1.0)
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
    assert sorted(set(names)) == ["deal.imported", "deal.past_closing_recorded", "import.finished"]


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

    assert counts(again) == (3, 0, 0, 3, 0)
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

    assert counts(job) == (2, 0, 2, 0, 0)
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
            files.OPEN.replace("D1,Ward fridges,", ",,").replace("Fridge", ""),
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
    assert counts(job) == (3, 2, 0, 0, 1)
    assert (rejected.line, rejected.column, rejected.value) == (4, column, value)
    assert why in rejected.why


def test_a_refusal_of_the_action_is_a_rejected_row_too(
    rep: User, outsider: User, tmp_path: Path
) -> None:
    make.deal(owner=outsider, external_id="D1")

    job = files.ran(files.file(tmp_path, files.HEADER + files.OPEN + files.WON), by=rep)

    assert counts(job) == (2, 1, 0, 0, 1)
    assert "cannot be used here" in ImportedRow.objects.get().why


def test_a_dry_run_counts_and_writes_nothing(rep: User, tmp_path: Path) -> None:
    bad = files.OPEN.replace("D1", "D8").replace("1200", "lots")
    path = files.file(tmp_path, files.HEADER + files.OPEN + files.WON + files.LOST + bad)

    job = files.ran(path, by=rep, dry_run=True)

    assert counts(job) == (4, 3, 0, 0, 1)
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
    assert counts(job) == (3, 1, 1, 0, 1)
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
    assert counts(job) == (3, 1, 0, 0, 2)
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
    assert counts(job) == (3, 2, 0, 0, 1)


def test_a_file_without_a_needed_column_is_not_started(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "amount\n12\n"), by=rep)

    with pytest.raises(ActionRefused, match="external_id / title; stage"):
        running.start(job, dry_run=False)


def test_columns_are_corrected_by_hand_before_the_start(rep: User, tmp_path: Path) -> None:
    job = files.prepared(files.file(tmp_path, "what,stage\nA,Suspect\n"), by=rep)

    started = running.start(job, dry_run=False, mapping={"what": "title", "stage": "stage"})

    assert [(m["column"], m["field"], m["samples"]) for m in started.mapping] == [
        ("what", "title", ["A"]),
        ("stage", "stage", ["Suspect"]),
    ]
    with pytest.raises(ActionRefused, match="started already"):
        running.start(job, dry_run=False)


def test_a_mapping_that_names_nothing_is_refused(rep: User, tmp_path: Path) -> None:
    with pytest.raises(ActionRefused, match="colour"):
        files.prepared(files.file(tmp_path, "a,stage\n"), by=rep, mapping={"a": "colour"})


def test_a_broken_file_stops_with_the_line_and_keeps_what_came_in(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    monkeypatch.setattr(running, "SAMPLE", 2)
    path = tmp_path / "deals.csv"
    good = "".join(files.OPEN.replace("D1", f"D{number}") for number in range(30))
    path.write_bytes((files.HEADER + good).encode() + b'"' + b"y" * (1024 * 1024 + 10) + b'"\n')

    job = files.ran(path, by=rep)

    assert (job.state, Deal.objects.count()) == (ImportState.FAILED, 30)
    assert "Line 32" in Import.objects.get().why_failed


def test_only_one_worker_runs_it(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    Import.objects.filter(pk=job.pk).update(
        state=ImportState.RUNNING, lease_until=now + dt.timedelta(seconds=60)
    )

    assert running.waiting(now) == []
    assert running.run(job.pk) is None
    assert running.waiting(now + dt.timedelta(seconds=60)) == [job.pk]
    assert not Deal.objects.exists()


def test_a_worker_that_lost_its_claim_leaves_no_row_behind(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN), by=rep), dry_run=False
    )
    written = running._write  # noqa: SLF001

    def stolen(*args: object) -> object:
        result = written(*args)  # type: ignore[arg-type]
        Import.objects.filter(pk=job.pk).update(claim_token=None)
        return result

    monkeypatch.setattr(running, "_write", stolen)

    assert running.run(job.pk) is None
    assert not Deal.objects.exists()


def test_what_a_dead_worker_left_goes_on_where_it_stopped(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    lines = "".join(f"Deal {number},Suspect\n" for number in range(7))
    job = running.start(
        files.prepared(files.file(tmp_path, "title,stage\n" + lines), by=rep), dry_run=False
    )
    whole = running._run_batch  # noqa: SLF001
    done: list[int] = []

    def dies(*args: object) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        whole(*args)  # type: ignore[arg-type]
        done.append(1)

    monkeypatch.setattr(running, "_run_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        running.run(job.pk)
    monkeypatch.setattr(running, "_run_batch", whole)
    Import.objects.update(lease_until=now)

    finished = running.run(job.pk)

    assert finished is not None
    assert counts(finished) == (7, 7, 0, 0, 0)
    assert sorted(Deal.objects.values_list("title", flat=True)) == [
        f"Deal {number}" for number in range(7)
    ]


def test_a_long_import_is_put_down_and_taken_up_again(
    rep: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    job = running.start(
        files.prepared(files.file(tmp_path, files.HEADER + files.OPEN + files.WON), by=rep),
        dry_run=False,
    )

    running.run(job.pk, seconds=-1)
    first = Import.objects.get(pk=job.pk)
    running.run(job.pk)

    assert (first.state, first.position, Deal.objects.count()) == (ImportState.QUEUED, 1, 2)


def test_after_a_dry_run_the_same_file_comes_in_for_real(rep: User, tmp_path: Path) -> None:
    tried = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep, dry_run=True)

    job = running.start(running.again(tried, by=rep), dry_run=False)
    running.run(job.pk)

    assert Deal.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_rows(rep: User, tmp_path: Path) -> None:
    def queries(rows: int) -> int:
        lines = "".join(
            files.WON.replace("D2", f"{rows}-W{n}") + files.LOST.replace("D3", f"{rows}-L{n}")
            for n in range(rows)
        )
        path = files.file(tmp_path, files.HEADER + lines)
        job = running.start(files.prepared(path, by=rep), dry_run=False)
        with CaptureQueriesContext(connection) as captured:
            running.run(job.pk)
        return len(captured)

    queries(1)  # adds the accounts, products and competitors

    assert queries(2) == queries(8)


@pytest.mark.data
def test_maven_comes_in_whole(data_folder: Path) -> None:
    """8,800 opportunities of somebody else's, and the figures that somebody else worked out (reference.json)."""
    folder = data_folder / "maven-crm"
    reference = json.loads((folder / "reference.json").read_text())

    job = files.ran(folder / "sales_pipeline.csv", by=None)

    assert counts(job) == (8800, 8800, 0, 0, 0)
    won, lost = Count("pk", filter=Q(kind="won")), Count("pk", filter=Q(kind="lost"))
    value = Sum("base_amount", filter=Q(kind="won"))
    total = Outcome.objects.aggregate(won=won, lost=lost, value=value)
    assert (total["won"], total["lost"], int(total["value"])) == (
        reference["won"],
        reference["lost"],
        reference["won_value"],
    )
    assert round(total["won"] / (total["won"] + total["lost"]), 6) == reference["win_rate"]
    agents = (
        Outcome.objects.values("owner__name").annotate(won=won, lost=lost, value=value).order_by()
    )
    assert {row["owner__name"]: (row["won"], row["lost"], int(row["value"])) for row in agents} == {
        row["sales_agent"]: (row["won"], row["lost"], row["won_value"])
        for row in reference["by_agent"]
    }
    products = Outcome.objects.values("deal__product__name").annotate(won=won, lost=lost).order_by()
    assert {
        row["deal__product__name"].replace("GTXPro", "GTX Pro"): (row["won"], row["lost"])
        for row in products
    } == {row["product"]: (row["won"], row["lost"]) for row in reference["by_product"]}
    assert not FollowUp.objects.exists()
    assert not Notice.objects.exists()
