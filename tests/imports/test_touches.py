"""Calls, meetings and e-mails of the past: on the deal that ran on their day, and starting nothing."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.imports import preparing, running, touching
from crm.imports.models import Import
from crm.imports.states import Kind
from crm.imports.values import Unreadable
from crm.shared.models import User
from crm.shared.own_ids import own_id
from deals.models import Deal
from followups.models import FollowUp, Touch
from followups.states import Channel, Direction, Result
from tests.factories import deals as make
from tests.factories import imports as files

pytestmark = pytest.mark.django_db
HEADER = "Activity ID,Type,Date,Deal ID,Contact email,Company,Direction,Outcome,Minutes,Subject,Notes,Owner\n"
DEALS = (
    "id,title,company,stage,created,closed\n"
    "D1,Depot,Vale,Negotiation,2026-01-05,\n"
    "D2,Ward,Lund,Won,2025-01-05,2025-03-01\n"
    "D3,Ward again,Lund,Suspect,2025-06-01,\n"
)


def imported(tmp_path: Path, lines: str, *, by: User | None) -> Import:
    files.ran(files.file(tmp_path, DEALS), by=by)
    path = files.file(tmp_path, HEADER + lines, name="touches.csv")
    return files.ran(path, by=by, kind=Kind.TOUCHES)


def test_a_touch_comes_in_with_its_day_its_person_and_its_words(rep: User, tmp_path: Path) -> None:
    line = "A1,Call,2026-02-03,D1,,,outbound,Connected,12,First call,They like it,rep@example.com\n"

    job = imported(tmp_path, line, by=rep)

    assert job.counts["created"] == 1
    touch = Touch.objects.get()
    assert (touch.channel, touch.direction, touch.result) == ("call", "out", "answered")
    assert (touch.minutes, touch.note, touch.by) == (12, "First call\nThey like it", rep)
    assert (touch.at.date(), touch.external_id) == (dt.date(2026, 2, 3), "A1")
    deal = Deal.objects.get(external_id="D1")
    assert (deal.touch_count, deal.last_heard_at, deal.last_touch_at) == (1, touch.at, touch.at)
    assert not FollowUp.objects.exists()


def test_the_same_file_again_changes_nothing(rep: User, tmp_path: Path) -> None:
    line = "A1,Call,2026-02-03,D1,,,,,,,,\n"
    imported(tmp_path, line, by=rep)

    again = imported(tmp_path, line, by=rep)

    assert (again.counts["unchanged"], Touch.objects.count()) == (1, 1)


def test_a_touch_of_a_company_belongs_to_the_deal_that_ran_then(rep: User, tmp_path: Path) -> None:
    lines = (
        "A1,Email,2025-02-01,,,Lund,,,,,,\n"  # while the first ran
        "A2,Meeting,2025-03-01,,,Lund,,,,,,\n"  # on the day it was won
        "A3,Call,2025-04-01,,,Lund,,,,,,\n"  # before the second began
        "A4,Call,2025-07-01,,,Lund,,,,,,\n"
    )

    imported(tmp_path, lines, by=rep)

    found = Touch.objects.order_by("external_id").values_list("deal__external_id", "result")
    assert list(found) == [
        ("D2", Result.SENT),
        ("D2", Result.KEPT),
        ("D3", Result.NO_ANSWER),
        ("D3", Result.NO_ANSWER),
    ]


def test_a_touch_of_a_person_belongs_to_their_deal(rep: User, tmp_path: Path) -> None:
    contact = make.contact(owner=rep, email="ann@vale.example")
    make.deal(owner=rep, contact=contact, opened_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    job = imported(tmp_path, "A1,Call,2026-02-01,,ann@vale.example,,,,,,,\n", by=rep)

    assert (job.counts["created"], Touch.objects.get().contact) == (1, contact)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("A1,Call,2026-02-01,D9,,,,,,,,\n", "No deal is known"),
        ("A1,Call,2025-04-01,D2,,,,,,,,\n", "closed before that day"),
        ("A1,Note,2026-02-01,D1,,,,,,,,\n", "no touches"),
        ("A1,Dance,2026-02-01,D1,,,,,,,,\n", "a call, a meeting or an e-mail"),
        ("A1,Call,,D1,,,,,,,,\n", "needs its day"),
        ("A1,Call,2031-02-01,D1,,,,,,,,\n", "cannot be logged"),
        ("A1,Call,2026-02-01,D1,,,,Scheduled,,,,\n", "nothing to log yet"),
        ("A1,Call,2026-02-01,0,,,,,,,,\n", "names no deal, no person and no company"),
    ],
)
def test_a_touch_that_fits_nowhere_says_why(rep: User, tmp_path: Path, line: str, why: str) -> None:
    job = imported(tmp_path, "A0,Call,2026-02-02,D1,,,,,,,,\n" + line, by=rep)

    assert (job.counts["created"], job.counts["rejected"]) == (1, 1)
    assert why in job.rejected.get().why


def test_what_has_no_field_is_kept_beside_the_touch(rep: User, tmp_path: Path) -> None:
    files.ran(files.file(tmp_path, DEALS), by=rep)
    lines = (
        "Activity ID,Type,Date,Deal ID,Outcome,Mood,Room\n"
        "A1,Follow-up call,2026-02-03,D1,Left a card,sunny,\n"
        "A2,E-mail,2026-02-03,D1,Replied,,B2\n"
    )

    files.ran(files.file(tmp_path, lines, name="touches.csv"), by=rep, kind=Kind.TOUCHES)

    found = Touch.objects.order_by("external_id").values_list("channel", "result", "extra")
    assert list(found) == [
        (
            *("call", "no_answer"),
            {"Type": "Follow-up call", "Outcome": "Left a card", "Mood": "sunny"},
        ),
        ("email", "replied", {"Room": "B2"}),
    ]


def test_a_touch_of_a_lead_belongs_to_the_deal_that_it_became(rep: User, tmp_path: Path) -> None:
    deals = "Potential Name,LEADID,Stage,Created\nDepot,L1,Prospect,2026-01-05\nWard,L2,Prospect,2026-01-05\n"
    files.ran(files.file(tmp_path, deals), by=rep)
    lines = "TASKID,Call Start Time,POTENTIALID,LEADID\nT1,2026-02-01,0,L2\n"

    job = files.ran(files.file(tmp_path, lines, name="calls.csv"), by=rep, kind=Kind.TOUCHES)

    assert job.counts["created"] == 1
    assert Touch.objects.get().deal.title == "Ward"


def test_a_deal_is_found_by_either_of_its_ids(rep: User, tmp_path: Path) -> None:
    account = make.account(owner=rep, external_id="A1")
    deal = make.deal(owner=rep, account=account, external_id="D1")
    lines = (
        "id,type,date,deal id,account id\n"
        f"T1,Call,2026-02-03,{own_id('deal', deal.pk)},\n"
        "T2,Call,2026-02-03,D1,\n"
        f"T3,Call,2026-02-03,,{own_id('account', account.pk)}\n"
        "T4,Call,2026-02-03,,A1\n"
    )

    job = files.ran(files.file(tmp_path, lines, name="touches.csv"), by=rep, kind=Kind.TOUCHES)

    assert files.counts(job) == (4, 4, 0, 0, 0)
    assert set(Touch.objects.values_list("deal", flat=True)) == {deal.pk}


def test_what_touches_name_is_read_at_once(rep: User, tmp_path: Path) -> None:
    def queries(first: int, count: int) -> int:
        for n in range(first, first + count):
            account = make.account(owner=rep, name=f"Vale {n}")
            contact = make.contact(owner=rep, account=account, email=f"ann{n}@vale.example")
            for title, with_whom in (("Own", {}), ("Theirs", {"contact": contact})):
                make.deal(owner=rep, title=f"{title} {n}", external_id=f"{title} {n}", **with_whom)
            make.deal(owner=rep, account=account, title=f"At {n}")
        lines = "".join(
            f"I{n},Call,2026-02-03,Own {n},,,,,,,,\n"
            f"P{n},Call,2026-02-03,,ann{n}@vale.example,,,,,,,\n"
            f"C{n},Call,2026-02-03,,,Vale {n},,,,,,\n"
            for n in range(first, first + count)
        )
        path = files.file(tmp_path, HEADER + lines, name="touches.csv")
        job = preparing.start(files.prepared(path, by=rep, kind=Kind.TOUCHES), dry_run=False)
        with CaptureQueriesContext(connection) as asked:
            running.run(job.pk)
        assert Import.objects.get(pk=job.pk).counts["created"] == 3 * count
        return len(asked)

    assert queries(0, 1) == queries(1, 4)


def test_two_deals_at_once_ask_for_the_id(rep: User, tmp_path: Path) -> None:
    files.ran(files.file(tmp_path, DEALS + "D4,More,Vale,Suspect,2026-01-06,\n"), by=rep)

    job = imported(tmp_path, "A1,Call,2026-02-01,,,Vale,,,,,,\n", by=rep)

    assert "Several deals" in job.rejected.get().why


@pytest.mark.parametrize(
    ("cell", "channel", "direction", "minutes", "result"),
    [
        *(
            ("Left voicemail", "call", "", None, "left_message"),
            ("", "call", "in", None, "answered"),
        ),
        *(("", "call", "out", 3, "answered"), ("", "call", "out", None, "no_answer")),
        *(("Completed", "meeting", "", None, "kept"), ("No show", "meeting", "", None, "not_kept")),
        *(("", "email", "in", None, "replied"), ("", "email", "", None, "sent")),
    ],
)
def test_what_came_of_it(
    cell: str, channel: str, direction: str, minutes: int | None, result: str
) -> None:
    assert touching.result(cell, Channel(channel), direction, minutes=minutes) == result


def test_kind_and_direction_by_their_words() -> None:
    assert touching.channel("", "Call Start Time") == Channel.CALL
    assert touching.channel("E-mail", "") == Channel.EMAIL
    assert touching.direction("Inbound") == Direction.IN
    with pytest.raises(Unreadable):
        touching.channel("Task", "")
