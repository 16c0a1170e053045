"""Deals on their way: open, edit, move, and what touches say about them."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, User
from deals.actions import closing, pipeline
from deals.models import Deal, Stage, StageChange
from deals.states import Phase
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.mark.practice("C1")
def test_a_new_deal_starts_in_the_first_stage(rep: User, now: dt.datetime) -> None:
    deal = pipeline.open_deal(by=rep, title="Ward fridges", owner=rep, amount="10.00")

    assert (deal.stage.phase, deal.status, deal.currency, deal.entered_stage_at) == (
        Phase.SUSPECT,
        "open",
        "EUR",
        now,
    )
    assert StageChange.objects.get(deal=deal).to_stage == deal.stage


def test_without_a_stage_nothing_can_be_opened(rep: User, now: dt.datetime) -> None:
    Stage.objects.update(archived_at=now)

    with pytest.raises(ActionRefused):
        pipeline.open_deal(by=rep, title="Ward fridges", owner=rep)


def test_an_edit_is_on_the_record_with_before_and_after(rep: User) -> None:
    deal = make.deal(owner=rep, title="Old")

    edited = pipeline.edit(deal, by=rep, title="New", source="", version=1)

    assert (edited.title, edited.version) == ("New", 2)
    record = EventRecord.objects.get(name="deal.edited")
    assert record.data["changes"] == {"title": ["Old", "New"]}


def test_an_edit_without_a_change_writes_nothing(rep: User) -> None:
    deal = make.deal(owner=rep, title="Old")

    assert pipeline.edit(deal, by=rep, title="Old").version == 1
    assert not EventRecord.objects.filter(name="deal.edited").exists()


def test_a_stale_edit_writes_nothing(rep: User, colleague: User) -> None:
    deal = make.deal(owner=rep, title="Old")
    pipeline.edit(deal, by=rep, title="Mine", version=1)

    with pytest.raises(StaleVersion):
        pipeline.edit(deal, by=colleague, title="Theirs", version=1)

    assert Deal.objects.get(pk=deal.pk).title == "Mine"


@pytest.mark.parametrize("name", ["status", "stage", "unanswered_touches", "opened_at"])
def test_what_has_its_own_verb_cannot_be_edited(rep: User, name: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        pipeline.edit(make.deal(owner=rep), by=rep, **{name: 1})

    assert list(refusal.value.fields) == [name]


def test_hand_over_never_changes_a_closed_deal(rep: User, colleague: User) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason())

    with pytest.raises(ActionRefused) as refusal:
        pipeline.edit(deal, by=rep, owner=colleague)

    assert list(refusal.value.fields) == ["owner"]


@pytest.mark.practice("C1")
def test_a_move_is_kept_with_its_days(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, opened_at=now - dt.timedelta(days=9))

    moved = pipeline.move(deal, to=make.stage(Phase.APPROACH), by=rep, version=1)

    assert (moved.stage.phase, moved.entered_stage_at, moved.version) == (Phase.APPROACH, now, 2)
    record = EventRecord.objects.get(name="deal.moved")
    assert (record.data["from_stage"], record.data["to_stage"], record.data["days_in_stage"]) == (
        "Suspect",
        "Approach",
        9,
    )


def test_a_move_to_where_it_is_writes_nothing(rep: User) -> None:
    deal = make.deal(owner=rep)

    assert pipeline.move(deal, to=deal.stage, by=rep).version == 1
    assert StageChange.objects.count() == 1


def test_forward_back_forward_shows_three_moves(rep: User) -> None:
    deal = make.deal(owner=rep)
    for phase in (Phase.PROSPECT, Phase.SUSPECT, Phase.PROSPECT):
        pipeline.move(deal, to=make.stage(phase), by=rep)

    assert StageChange.objects.filter(deal=deal, from_stage__isnull=False).count() == 3


def test_a_closed_deal_does_not_move(rep: User) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason())

    with pytest.raises(ActionRefused):
        pipeline.move(deal, to=make.stage(Phase.APPROACH), by=rep)


def test_hearing_from_the_buyer_clears_the_mark(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: now.date()})
    tried = pipeline.TouchColumns(
        touch_count=1,
        first_outgoing_at=now,
        last_touch_at=now,
        last_heard_at=None,
        unanswered_touches=1,
    )
    heard = pipeline.TouchColumns(
        touch_count=2,
        first_outgoing_at=now,
        last_touch_at=now,
        last_heard_at=now,
        unanswered_touches=0,
    )

    pipeline.note_touches({deal.pk: tried})
    deal.refresh_from_db()
    marked = deal.closes_on
    pipeline.note_touches({deal.pk: heard})
    deal.refresh_from_db()

    assert (marked, deal.closes_on, deal.silent_since, deal.touch_count) == (
        now.date(),
        None,
        now,
        2,
    )


def test_an_agreed_date_counts_as_heard_and_clears_the_mark(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: now.date()})

    pipeline.note_agreed(deal, at=now, until=now + dt.timedelta(days=7))

    deal.refresh_from_db()
    assert (deal.closes_on, deal.last_heard_at, deal.agreed_until) == (
        None,
        now,
        now + dt.timedelta(days=7),
    )


def test_the_mark_can_be_taken_off(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    pipeline.mark_at_risk([deal.pk], closes_on={deal.pk: now.date()})

    pipeline.clear_risk([deal.pk])

    assert Deal.objects.get(pk=deal.pk).closes_on is None


@pytest.mark.practice("C7")
def test_only_a_win_leads_to_the_order_stage(rep: User) -> None:
    order = make.stage(Phase.ORDER)

    with pytest.raises(ActionRefused) as opening:
        make.deal(owner=rep, stage=order)
    with pytest.raises(ActionRefused) as moving:
        pipeline.move(make.deal(owner=rep), to=order, by=rep)

    assert [list(refusal.value.fields) for refusal in (opening, moving)] == [["stage"], ["stage"]]
