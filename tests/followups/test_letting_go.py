"""Keeping a dead deal open, and letting go."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, User
from deals.actions import closing
from deals.models import Deal
from followups.actions import letting_go
from followups.actions.letting_go import Swept
from followups.models import KeptOpen
from tests.factories import deals as make
from tests.factories import followups as made

pytestmark = pytest.mark.django_db


def after(moment: dt.datetime, days: float) -> dt.datetime:
    return moment + dt.timedelta(days=days)


def sweep(moment: dt.datetime) -> Swept:
    with time_machine.travel(moment, tick=False):
        return letting_go.sweep(moment)


def status(deal: Deal) -> tuple[str, dt.date | None]:
    deal.refresh_from_db()
    return deal.status, deal.closes_on


# ---- keeping open: E5 ----------------------------------------------------------------------------


def keep(deal: Deal, by: User, now: dt.datetime, **fields: Any) -> KeptOpen:
    known: dict[str, Any] = {"what": "Pilot review", "due_at": after(now, 10), "channel": "meeting"}
    return letting_go.keep_open(deal, by=by, now=now, **(known | fields))


@pytest.mark.practice("E5")
def test_keeping_open_takes_a_next_step_and_closes_on_the_day_after(
    rep: User, now: dt.datetime
) -> None:
    deal = made.deal_at_risk(owner=rep)

    kept = keep(deal, rep, now)

    assert (kept.by, kept.at, kept.until, kept.what, kept.channel) == (
        rep,
        now,
        dt.date(2026, 4, 30),
        "Pilot review",
        "meeting",
    )
    assert status(deal) == ("open", dt.date(2026, 5, 1))
    step = made.next_step(deal)
    assert (step.due_at, step.what, step.channel, step.is_agreed) == (
        after(now, 10),
        "Pilot review",
        "meeting",
        False,
    )
    assert deal.next_follow_up_at == step.due_at
    record = EventRecord.objects.get(name="deal.kept_open")
    assert [child.name for child in record.consequences.all()] == ["follow_up.planned"]
    assert [sweep(after(now, days)) for days in (7, 10, 11)] == [
        Swept(),
        Swept(),
        Swept(closed=1),
    ]


def test_keeping_open_counts_as_nothing_heard(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)

    keep(deal, rep, now)

    deal.refresh_from_db()
    assert (deal.last_heard_at, deal.unanswered_touches) == (None, 1)


def test_a_second_time_takes_a_manager(rep: User, manager: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)
    keep(deal, rep, now)

    with pytest.raises(ActionRefused, match="kept open once already"):
        keep(deal, rep, now)
    keep(deal, manager, now)

    assert KeptOpen.objects.filter(deal=deal).count() == 2


def test_a_word_from_the_buyer_begins_a_new_count(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)
    keep(deal, rep, now)
    with time_machine.travel(after(now, 3), tick=False):
        made.touch(deal, result="answered")
    sweep(after(now, 60))

    assert keep(deal, rep, after(now, 60)).by == rep


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"what": "  "}, ["what"]),
        ({"due_at": dt.datetime(2026, 4, 20, 8, tzinfo=dt.UTC)}, ["due_at"]),
        ({"due_at": dt.datetime(2026, 5, 5, 8, tzinfo=dt.UTC)}, ["due_at"]),
        ({"channel": "pigeon"}, ["channel"]),
    ],
)
def test_keeping_open_says_what_when_and_how(
    rep: User, now: dt.datetime, fields: dict[str, object], wrong: list[str]
) -> None:
    deal = made.deal_at_risk(owner=rep)

    with pytest.raises(ActionRefused) as refusal:
        keep(deal, rep, now, **fields)

    assert list(refusal.value.fields) == wrong
    assert status(deal)[1] == dt.date(2026, 4, 27)


def test_a_living_or_closed_deal_is_not_kept_open(rep: User, now: dt.datetime) -> None:
    living, closed = make.deal(owner=rep), made.deal_at_risk(owner=rep)
    closing.lose(closed, reason=make.reason(), by=rep)

    with pytest.raises(ActionRefused, match="No stop rule is met"):
        keep(living, rep, now)
    with pytest.raises(ActionRefused, match="closed"):
        keep(closed, rep, now)


def test_keeping_open_a_deal_changed_by_somebody_else_is_stale(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)

    with pytest.raises(StaleVersion):
        keep(deal, rep, now, version=deal.version + 1)


# ---- letting go ----------------------------------------------------------------------------------


@pytest.mark.practice("A12")
def test_letting_go_is_one_step_and_no_automatic_closing(rep: User) -> None:
    deal = made.dead_deal(owner=rep)

    outcome = letting_go.let_go(deal, by=rep)

    assert (outcome.kind, outcome.reason.slug, outcome.automatic, outcome.by) == (
        "lost",
        "no-answer",
        False,
        rep,
    )
