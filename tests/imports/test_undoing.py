"""Taking an import back: what it added goes, what it changed says again what it said, what somebody worked on stays."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.imports import running, undoing
from crm.imports.models import Import, ImportChange
from crm.imports.states import ImportState, Kind
from crm.shared import leases
from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord, User
from deals.actions import closing, directory, pipeline
from deals.models import Account, Competitor, Contact, Deal, Outcome, Product, StageChange
from deals.states import DealStatus
from tests.factories import deals, followups
from tests.factories import imports as files

pytestmark = pytest.mark.django_db
ALL = files.HEADER + files.OPEN + files.WON + files.LOST


def undone(job: Import, *, by: User, now: dt.datetime) -> Import:
    asked = undoing.ask(job, by=by, now=now)
    done = running.run(asked.pk)
    assert done is not None
    return done


def tally(job: Import) -> tuple[int, int, int]:
    """Removed, restored, kept."""
    return (job.undone["removed"], job.undone["restored"], job.undone["kept"])


def kept(job: Import) -> dict[str, str]:
    return {change.name: change.kept for change in undoing.kept(job)}


def test_all_that_came_in_goes_again(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)

    back = undone(job, by=rep, now=now)

    # Three deals, two companies, two products and a competitor.
    assert (back.state, back.progress, tally(back)) == (ImportState.UNDONE, 1.0, (8, 0, 0))
    for model in (Deal, Account, Product, Competitor, Outcome, StageChange, ImportChange):
        assert not model._default_manager.exists()
    event = EventRecord.objects.get(name="import.undone")
    assert (event.actor_id, event.subject_id) == (rep.pk, job.pk)
    assert event.data["counts"] == {"removed": 8, "restored": 0, "kept": 0}


def test_the_same_file_comes_in_again_after_it_was_taken_back(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    path = files.file(tmp_path, ALL)
    undone(files.ran(path, by=rep), by=rep, now=now)

    again = files.ran(path, by=rep)

    assert again.counts["created"] == 3


def test_changed_deals_say_again_what_they_said_and_a_closed_one_is_open(
    rep: User, admin: User, colleague: User, tmp_path: Path, now: dt.datetime
) -> None:
    first = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=admin)
    before = Deal.objects.values().get()
    other = files.OPEN.replace("1200", "99.5").replace("rep@", "colleague@").replace("Vale", "Lund")
    won = other.replace("Negotiation", "Won").replace("2026-01-05,", "2026-01-05,2026-02-01")
    second = files.ran(files.file(tmp_path, files.HEADER + won), by=admin)
    deal = Deal.objects.get()
    assert (second.counts["updated"], deal.status, deal.owner) == (1, DealStatus.WON, colleague)

    back = undone(second, by=admin, now=now)

    after = Deal.objects.values().get()
    assert tally(back) == (1, 1, 0)  # the company that it named was new
    assert {name for name in before if dict(before)[name] != dict(after)[name]} == {
        "version",
        "entered_stage_at",
    }
    assert not Outcome.objects.standing().exists()
    again = undone(first, by=admin, now=now)
    assert tally(again) == (0, 0, 3)  # what followed the win stays on record
    assert kept(again)["Ward fridges"] == "It has: referral ask."


def test_a_row_that_the_same_file_adds_and_changes_goes(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    twice = files.HEADER + files.OPEN + files.OPEN.replace("1200", "1300")
    job = files.ran(files.file(tmp_path, twice), by=rep)

    back = undone(job, by=rep, now=now)

    assert (job.counts["created"], job.counts["updated"], tally(back)) == (1, 1, (3, 1, 0))
    assert not Deal.objects.exists()


def test_what_somebody_worked_on_since_stays_with_what_it_needs(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)
    touched, edited = Deal.objects.get(external_id="D1"), Deal.objects.get(external_id="D3")
    followups.touch(touched)
    pipeline.edit(edited, by=rep, source="Fair")

    back = undone(job, by=rep, now=now)

    assert tally(back) == (2, 0, 6)
    assert kept(back) == {
        "Ward fridges": "It was worked on since.",
        "Reefer": "It was worked on since.",
        "Vale": "It has: deal.",
        "Fridge": "It has: deal.",
        "Sensor": "It has: deal.",
        "Frostwatch": "It has: outcome.",
    }


def test_a_change_that_was_changed_since_stays(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep)
    job = files.ran(files.file(tmp_path, files.HEADER + files.OPEN.replace("1200", "1300")), by=rep)
    pipeline.edit(Deal.objects.get(), by=rep, amount=1400)

    back = undone(job, by=rep, now=now)

    assert (tally(back), kept(back)) == ((0, 0, 1), {"Ward fridges": "Edited since: amount."})
    assert Deal.objects.get().amount == 1400


def test_companies_and_people_go_back_too(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    vale = deals.account(owner=rep, name="Vale", industry="Ports")
    kim = deals.contact(owner=rep, account=vale, name="Kim", external_id="K1")
    companies = files.ran(
        files.file(tmp_path, "name,industry,employees\nVale,Freight,12\nLund,,3\n"),
        by=rep,
        kind=Kind.ACCOUNTS,
    )
    people = files.ran(
        files.file(tmp_path, "id,name,account\nK1,Kim Ito,Lund\nK2,Bo,Vale\n"),
        by=rep,
        kind=Kind.CONTACTS,
    )
    assert [job.counts["updated"] for job in (companies, people)] == [1, 1]

    counts = [tally(undone(job, by=rep, now=now)) for job in (people, companies)]

    assert counts == [(1, 1, 0), (1, 1, 0)]
    vale.refresh_from_db()
    kim.refresh_from_db()
    assert (vale.industry, vale.employees, vale.extra) == ("Ports", None, {})
    assert (kim.name, kim.account) == ("Kim", vale)
    assert (Account.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_row_that_is_gone_is_listed(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    vale = deals.account(owner=rep, name="Vale")
    job = files.ran(
        files.file(tmp_path, "name,industry\nVale,Freight\n"), by=rep, kind=Kind.ACCOUNTS
    )
    vale.delete()

    back = undone(job, by=rep, now=now)

    assert kept(back) == {"": "It is not there any more."}


def test_a_change_that_may_not_be_undone_is_listed_and_stops_no_other(
    rep: User, admin: User, colleague: User, tmp_path: Path, now: dt.datetime
) -> None:
    two = files.OPEN + files.OPEN.replace("D1", "D9")
    files.ran(files.file(tmp_path, files.HEADER + two), by=admin)
    job = files.ran(
        files.file(tmp_path, files.HEADER + two.replace("rep@", "colleague@")), by=admin
    )
    closing.lose(
        Deal.objects.get(external_id="D1"), reason=deals.reason("price-or-value"), by=colleague
    )

    back = undone(job, by=admin, now=now)

    assert tally(back) == (0, 1, 1)
    assert kept(back) == {"Ward fridges": "A closed deal keeps its owner."}
    assert Deal.objects.get(external_id="D9").owner == rep


def test_it_can_be_taken_back_for_thirty_days(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)

    with pytest.raises(ActionRefused, match="30 days"):
        undoing.ask(job, by=rep, now=now + dt.timedelta(days=30))
    undoing.ask(job, by=rep, now=now + dt.timedelta(days=29))
    with pytest.raises(ActionRefused, match="nothing to take back"):
        undoing.ask(job, by=rep, now=now)


def test_a_dry_run_leaves_nothing_to_take_back(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep, dry_run=True)

    with pytest.raises(ActionRefused, match="nothing to take back"):
        undoing.ask(job, by=rep, now=now)
    assert not ImportChange.objects.exists()


def test_an_undo_goes_on_where_it_was_put_down(
    rep: User, tmp_path: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "BATCH", 2)
    job = undoing.ask(files.ran(files.file(tmp_path, ALL), by=rep), by=rep, now=now)

    running.run(job.pk, seconds=-1)
    first = Import.objects.get(pk=job.pk)
    waiting = leases.waiting(running.live(), now)
    running.run(job.pk)

    assert (first.state, tally(first), first.progress) == (ImportState.UNDOING, (2, 0, 0), 0.25)
    assert waiting == [job.pk]
    assert (Import.objects.get().state, Deal.objects.count()) == (ImportState.UNDONE, 0)


def test_the_page_offers_it_and_says_what_stayed(
    client: Client, rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)
    directory.edit_account(Account.objects.get(name="Lund"), by=rep, industry="Freight")
    client.force_login(rep)
    address = reverse("imports:import", args=[job.pk])
    offered = client.get(address).content.decode()

    client.post(reverse("imports:undo", args=[job.pk]))
    going = client.get(address).content.decode()
    running.run(job.pk)
    done = client.get(address).content.decode()
    refused = client.post(reverse("imports:undo", args=[job.pk]), follow=True).content.decode()

    assert "Take it back" in offered
    assert "Being taken back" in going
    assert "Take it back" not in done
    assert "It was worked on since." in done
    assert reverse("deals:account", args=[Account.objects.get().pk]) in done
    assert "There is nothing to take back." in refused
    with time_machine.travel(now + dt.timedelta(days=31), tick=False):
        assert "Take it back" not in client.get(address).content.decode()


def test_a_program_takes_it_back(client: Client, rep: User, tmp_path: Path) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)
    deals.contact(owner=rep, account=Account.objects.get(name="Vale"))
    client.force_login(rep)
    path = f"/api/v1/imports/{job.pk}/"
    before = client.get(path).json()

    asked = client.post(f"{path}undo/")
    running.run(job.pk)
    found = client.get(path).json()

    assert (before["undone"], asked.status_code, asked.json()["state"]) == (None, 200, "undoing")
    assert found["undone"] == {"changes": 8, "removed": 7, "restored": 0, "kept": 1}
    assert [(row["thing"], row["name"], row["why"]) for row in found["kept"]] == [
        ("account", "Vale", "It has: contact.")
    ]


def test_an_administrator_takes_back_what_somebody_else_brought_in(
    rep: User, admin: User, colleague: User, tmp_path: Path, client: Client
) -> None:
    job = files.ran(files.file(tmp_path, ALL), by=rep)
    address = f"/api/v1/imports/{job.pk}/undo/"

    client.force_login(colleague)
    unseen = client.post(address).status_code
    client.force_login(admin)
    seen = client.post(address).status_code

    assert (unseen, seen) == (404, 200)


def test_touches_go_and_their_deal_counts_anew(rep: User, tmp_path: Path, now: dt.datetime) -> None:
    deal = deals.deal(owner=rep, external_id="D1", opened_at=now - dt.timedelta(days=90))
    followups.touch(deal, at=now - dt.timedelta(days=80))
    columns = (
        "touch_count",
        "last_touch_at",
        "last_heard_at",
        "silent_since",
        "unanswered_touches",
    )
    before = Deal.objects.values(*columns).get()
    text = "Activity ID,Type,Date,Deal ID,Direction,Outcome\nA1,Call,2026-02-03,D1,outbound,Connected\n"
    job = files.ran(files.file(tmp_path, text), by=rep, kind=Kind.TOUCHES)
    during = Deal.objects.values(*columns).get()

    back = undone(job, by=rep, now=now)

    assert (job.counts["created"], during["touch_count"]) == (1, before["touch_count"] + 1)
    assert (tally(back), Deal.objects.values(*columns).get()) == ((1, 0, 0), before)


def test_a_company_moved_over_is_taken_back_file_by_file(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    """The touches of a later file changed the deals of an earlier one, and are gone."""
    came = files.ran(files.file(tmp_path, ALL), by=rep)
    calls = "id,type,date,deal id\nT1,Call,2026-02-03,D1\nT2,Call,2025-11-03,D2\n"
    path = files.file(tmp_path, calls, name="calls.csv")
    touched = files.ran(path, by=rep, kind=Kind.TOUCHES)

    undone(touched, by=rep, now=now)
    back = undone(came, by=rep, now=now)

    assert (kept(back), Deal.objects.count(), Account.objects.count()) == ({}, 0, 0)


def test_what_another_import_closed_since_stays(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    came = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep)
    closed = files.OPEN.replace("Negotiation", "Won").replace(
        "2026-01-05,", "2026-01-05,2026-02-05"
    )
    files.ran(files.file(tmp_path, files.HEADER + closed), by=rep)

    back = undone(came, by=rep, now=now)

    assert Deal.objects.get().status == DealStatus.WON
    assert kept(back)["Ward fridges"] == "Another import changed it since."


def test_what_no_undo_knows_stays_and_is_listed(
    rep: User, tmp_path: Path, now: dt.datetime
) -> None:
    job = files.ran(files.file(tmp_path, files.HEADER + files.OPEN), by=rep)
    ImportChange.objects.filter(thing="product").update(thing="planet")

    back = undone(job, by=rep, now=now)

    assert (tally(back), kept(back)) == ((2, 0, 1), {"": "This cannot be taken back."})
