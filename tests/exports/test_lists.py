"""What goes out comes in again unchanged."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from crm.exports import lists
from crm.imports.columns import COLUMNS
from crm.imports.formats import normal
from crm.imports.models import Import
from crm.shared.models import User
from crm.shared.own_ids import own_id, pk_of
from deals.actions import closing
from deals.models import Account, Contact, Deal
from followups.models import Touch
from tests.factories import deals, exports, followups
from tests.factories import imports as files
from tests.factories.shared import user

pytestmark = pytest.mark.django_db

# A name is one here, a company goes by its id and name, and a stage says how a deal ended.
NOT_ASKED_FOR = {
    *("first_name", "last_name", "account_domain", "status", "won_at", "lost_at"),
    *("meeting_result", "subject", "lead_id"),
}
MODELS: tuple[Any, ...] = (Account, Contact, Deal, Touch)
STRANGE = (
    "=1+1",
    "+39 06 123",
    "-5",
    "@home",
    "'=1+1",
    "Kovács; “Ужгород”, 冷藏",
    'two\nlines, "quoted"',
)
WISHES: tuple[dict[str, Any], ...] = (
    {"do_not_contact_scope": "email", "do_not_contact_why": "Asked by phone"},
    {"do_not_contact_since": dt.date(2026, 1, 5), "consent": "customer", "consent_source": "-fair"},
)

SAID: tuple[dict[str, Any], ...] = (
    {"channel": "form", "result": "replied", "signal": "asked_to_stop", "commitment": "-"},
    {"channel": "meeting", "result": "kept", "resource": "=Guide"},
)


def a_company(rep: User) -> None:
    """Rows of our own and from elsewhere, open and ended in each way, with names that no spreadsheet likes."""
    for number, name in enumerate(STRANGE):
        account = deals.account(
            owner=rep,
            name=f"{name} {number}",
            industry=name,
            country="IT",
            employees=number or None,
        )
        contact = deals.contact(
            owner=rep, account=account, name=f"{name} {number}", phone="+39 06 1234567", title=name
        )
        twin = deals.account(owner=rep, name=account.name)
        deals.contact(owner=rep, name=contact.name, do_not_contact=True, **WISHES[number % 2])
        deal = deals.deal(owner=rep, title=name, account=account, contact=contact, product=None)
        followups.touch(deal, days_ago=number, note=name, minutes=number, **SAID[number % 2])
        deals.deal(owner=rep, title=name, account=twin, contact=contact)
    known = {"product": deals.product(), "amount": "1234.50", "source": "-fair"}
    Touch.objects.filter(note="@home").update(external_id="T-1")
    won = deals.deal(owner=rep, expected_close_on=dt.date(2026, 5, 1), **known)
    closing.win(won, by=rep)
    closing.lose(
        deals.deal(owner=rep, amount=None),
        by=rep,
        reason=deals.reason(),
        competitor=deals.competitor("=Rival"),
        note="-",
    )
    closing.disqualify(deals.deal(owner=rep), by=rep, disqualified_as="duplicate")
    Deal.objects.filter(pk=won.pk).update(external_id="D-7", extra={"colour": "red", "=a": "=b"})
    Account.objects.filter(contacts__name__startswith="@").update(
        external_id="A-1", extra={"Fax": "-"}
    )
    Contact.objects.filter(name__startswith="-", account__isnull=False).update(
        external_id="C-1", extra={"Room": "+4"}
    )
    Contact.objects.filter(name__startswith="+", account__isnull=False).update(
        archived_at=timezone.now()
    )


def again(rep: User, kind: str, file_format: str, folder: Path) -> tuple[Import, int]:
    """The import of what was exported, and how many rows there are."""
    job = exports.export(by=rep, kind=kind, file_format=file_format)
    return files.ran(exports.copy_of(job, folder), by=rep, kind=kind), job.rows


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["accounts", "contacts", "deals", "touches"])
def test_what_goes_out_comes_in_unchanged(
    rep: User, kind: str, file_format: str, tmp_path: Path
) -> None:
    a_company(rep)
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]

    job, count = again(rep, kind, file_format, tmp_path)

    assert [(row.line, row.column, row.value, row.why) for row in job.rejected.all()] == []
    assert job.counts == {
        "read": count,
        "created": 0,
        "updated": 0,
        "unchanged": count,
        "rejected": 0,
    }
    assert count >= len(STRANGE)
    after = [list(model.objects.order_by("pk").values()) for model in MODELS]
    assert after == before


@pytest.mark.parametrize("kind", ["accounts", "contacts", "deals", "touches"])
def test_every_field_of_an_import_is_a_column(kind: str) -> None:
    """Else what an import kept beside the record could be taken for it."""
    names = {normal(column.name) for column in lists.LISTS[kind].columns}

    assert {field.replace("_", " ") for field in COLUMNS[kind].keys() - NOT_ASKED_FOR} == names


def test_a_change_in_the_file_changes_the_row_it_names(rep: User, tmp_path: Path) -> None:
    deal = deals.deal(owner=rep, title="Ward fridges")
    path = exports.copy_of(exports.export(by=rep), tmp_path)
    path.write_text(path.read_text("utf-8-sig").replace("Ward fridges", "Fridges"), "utf-8")

    job = files.ran(path, by=rep)

    deal.refresh_from_db()
    assert (job.counts["updated"], deal.title, deal.external_id) == (1, "Fridges", None)


def test_a_file_from_another_installation_names_none_of_our_rows(rep: User, tmp_path: Path) -> None:
    deals.deal(owner=rep, title="Ours")
    path = exports.copy_of(exports.export(by=rep), tmp_path)

    with override_settings(SECRET_KEY="of another installation"):
        job = files.ran(path, by=rep)

    assert (job.counts["created"], Deal.objects.count()) == (1, 2)


def test_a_row_that_one_may_not_see_cannot_be_named(
    rep: User, outsider: User, tmp_path: Path
) -> None:
    deal = deals.deal(owner=rep, title="Secret")
    path = exports.copy_of(exports.export(by=rep), tmp_path)
    path.write_text(path.read_text("utf-8-sig").replace("rep@example.com", ""), "utf-8")

    job = files.ran(path, by=outsider)

    assert [row.why for row in job.rejected.all()] == [f"“{deal.pk}” cannot be used here."]


def test_ids_of_before_a_new_key_are_known() -> None:
    with override_settings(SECRET_KEY="the former key"):
        named = own_id("deal", 7)

    with override_settings(SECRET_KEY_FALLBACKS=["the former key"]):
        assert pk_of("deal", named) == 7
    assert [pk_of("deal", text) for text in (named, "D-7", own_id("account", 7))] == [None] * 3
    assert pk_of("deal", own_id("deal", 7)) == 7


def test_a_list_goes_out_as_its_filters_and_the_person_see_it(rep: User, outsider: User) -> None:
    for amount in ("10.00", "30.00", "20.00"):
        deals.deal(owner=rep, title=f"Deal of {amount}", amount=amount)
    deals.deal(owner=outsider, title="Theirs", amount="40.00")
    query = "amount__gte=15&ordering=-amount"

    job = exports.export(by=rep, query=query)

    lines = job.path.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines] == ["Title", "Deal of 30.00", "Deal of 20.00"]


def test_days_are_those_of_the_organisation(rep: User, settings) -> None:
    settings.ORGANISATION_TIME_ZONE = "Asia/Tokyo"
    deals.deal(owner=rep, opened_at=dt.datetime(2026, 4, 1, 20, 0, tzinfo=dt.UTC))

    job = exports.export(by=rep)

    assert "2026-04-02" in job.path.read_text("utf-8-sig")


def test_an_owner_who_left_is_still_named(rep: User, admin: User, tmp_path: Path) -> None:
    gone = user(name="Gus Gone", email="gone@example.com")
    deals.deal(owner=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    job, _count = again(admin, "deals", "csv", tmp_path)

    assert job.counts["unchanged"] == 1


def test_touches_come_into_another_installation_with_all_they_say(
    rep: User, tmp_path: Path
) -> None:
    deal = deals.deal(owner=rep, title="Ward fridges", opened_at=timezone.now() - dt.timedelta(9))
    told = followups.touch(deal, days_ago=1, note="Wants a pilot", minutes=12, **SAID[0])
    path = exports.copy_of(exports.export(by=rep, kind="touches"), tmp_path)
    told.delete()

    with override_settings(SECRET_KEY="of another installation"):
        job = files.ran(path, by=rep, kind="touches")

    names = ("deal_id", "by_id", "channel", "direction", "result", "minutes", "note", *SAID[0])
    assert job.counts["created"] == 1
    assert Touch.objects.values(*names).get() == {name: getattr(told, name) for name in names}
