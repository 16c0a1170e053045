"""Closing, undoing, second chances: the heart, to the last branch."""

import contextlib
import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.events import Aftercare
from crm.shared.models import EventRecord, User
from deals.actions import closing, pipeline, reopening
from deals.models import Deal, Outcome, StageChange
from deals.states import DealStatus, Phase
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def events(deal: Deal) -> list[str]:
    return list(
        EventRecord.objects.filter(deal_id=deal.pk, cause=None)
        .order_by("pk")
        .values_list("name", flat=True)
    )


@pytest.mark.practice("A1")
def test_a_loss_keeps_what_was_true_then(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, stage=make.stage(Phase.NEGOTIATION))
    rival = make.competitor()

    outcome = closing.lose(
        deal,
        by=rep,
        reason=make.reason("lost-to-a-competitor"),
        other_reasons=[make.reason("timing")],
        competitor=rival,
        buyer_words=" They were cheaper. ",
        reflection={"problems": "yes"},
    )

    deal.refresh_from_db()
    assert (deal.status, deal.outcome, deal.closed_at, deal.version) == (
        DealStatus.LOST,
        outcome,
        now,
        2,
    )
    kept = Outcome.objects.get(deal=deal)
    assert (kept.stage.phase, kept.owner, kept.amount, kept.base_amount) == (
        Phase.NEGOTIATION,
        rep,
        Decimal("1000.00"),
        Decimal("1000.00"),
    )
    assert (kept.reason.slug, kept.control, kept.competitor) == (
        "lost-to-a-competitor",
        "partly",
        rival,
    )
    assert [other.reason.slug for other in kept.other_reasons.all()] == ["timing"]
    assert (kept.buyer_words, kept.reflection) == ("They were cheaper.", {"problems": "yes"})
    assert events(deal) == ["deal.created", "deal.lost"]


@pytest.mark.practice("A2")
def test_who_controls_a_reason_can_be_set_for_one_loss(rep: User) -> None:
    deal = make.deal(owner=rep)

    outcome = closing.lose(deal, by=rep, reason=make.reason("timing"), control="ours")

    assert outcome.control == "ours"
    assert make.reason("timing").control == "partly"


@pytest.mark.practice("A1")
def test_the_database_itself_refuses_a_loss_without_a_reason(rep: User) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(
            deal=deal, kind="lost", at=deal.opened_at, stage=deal.stage, owner=rep, currency="EUR"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(status="lost")


def test_a_lost_deal_cannot_be_lost_again(rep: User) -> None:
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason())

    with pytest.raises(ActionRefused, match="lost already"):
        closing.lose(deal, by=rep, reason=make.reason())

    assert Outcome.objects.filter(deal=deal).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "other"}, "note"),
        ({"reason": "timing", "reflection": {"mood": "yes"}}, "reflection"),
        ({"reason": "timing", "reflection": {"problems": "perhaps"}}, "reflection"),
        ({"reason": "timing", "other_reasons": ["timing"]}, "other_reasons"),
    ],
)
def test_a_loss_that_says_too_little_or_too_much_is_refused(
    rep: User, wrong: dict, field: str
) -> None:
    deal = make.deal(owner=rep)
    wrong = wrong | {"reason": make.reason(wrong["reason"])}
    wrong["other_reasons"] = [make.reason(slug) for slug in wrong.get("other_reasons", [])]

    with pytest.raises(ActionRefused) as refusal:
        closing.lose(deal, by=rep, **wrong)

    assert list(refusal.value.fields) == [field]
    assert Deal.objects.get(pk=deal.pk).is_open


def test_a_stale_version_writes_nothing(rep: User) -> None:
    deal = make.deal(owner=rep)
    pipeline.edit(deal, by=rep, title="Renamed")

    with pytest.raises(StaleVersion):
        closing.lose(deal, by=rep, reason=make.reason(), version=1)

    assert not Outcome.objects.exists()


def test_a_closing_lies_neither_in_the_future_nor_before_the_last_touch(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep)
    Deal.objects.filter(pk=deal.pk).update(last_touch_at=now - dt.timedelta(days=2))

    for at in (now + dt.timedelta(minutes=1), now - dt.timedelta(days=3)):
        with pytest.raises(ActionRefused) as refusal:
            closing.lose(deal, by=rep, reason=make.reason(), at=at)
        assert list(refusal.value.fields) == ["at"]


def test_a_batch_is_all_or_nothing(rep: User) -> None:
    deals = [make.deal(owner=rep) for _ in range(3)]
    closing.disqualify(deals[2], by=rep, disqualified_as="duplicate")

    with pytest.raises(ActionRefused):
        closing.lose_many([closing.Loss(deal=deal, reason=make.reason()) for deal in deals], by=rep)

    assert Deal.objects.open().count() == 2


def test_one_deal_named_twice_is_refused(rep: User) -> None:
    deal = make.deal(owner=rep)

    with pytest.raises(ActionRefused, match="twice"):
        closing.lose_many([closing.Loss(deal=deal, reason=make.reason())] * 2, by=rep)


@pytest.mark.practice("A13", "C7")
def test_a_win_enters_the_order_stage_and_earns_commission(rep: User) -> None:
    rep.commission_percent = Decimal(10)
    rep.save(update_fields=["commission_percent"])
    deal = make.deal(owner=rep, amount="1200.00")

    outcome = closing.win(deal, by=rep, won_because=["value"], buyer_words="It just works.")

    deal.refresh_from_db()
    assert (deal.status, deal.stage.phase) == (DealStatus.WON, Phase.ORDER)
    assert (outcome.stage.phase, outcome.commission, outcome.won_because) == (
        Phase.SUSPECT,
        Decimal("120.00"),
        ["value"],
    )


def test_commission_is_given_or_unknown_when_there_is_no_rate(rep: User) -> None:
    given, unknown = make.deal(owner=rep), make.deal(owner=rep)

    assert closing.win(given, by=rep, commission=Decimal("7.00")).commission == Decimal("7.00")
    assert closing.win(unknown, by=rep).commission is None


def test_an_unknown_reason_to_win_is_refused(rep: User) -> None:
    with pytest.raises(ActionRefused) as refusal:
        closing.win(make.deal(owner=rep), by=rep, won_because=["luck"])

    assert refusal.value.fields == {"reasons": "luck"}


@pytest.mark.practice("B2")
def test_disqualified_is_neither_won_nor_lost(rep: User) -> None:
    deal = make.deal(owner=rep)

    closing.disqualify(deal, by=rep, disqualified_as="unqualified")

    assert list(Outcome.objects.decided()) == []
    with pytest.raises(ActionRefused):
        closing.disqualify(make.deal(owner=rep), by=rep, disqualified_as="mood")


def test_a_closing_of_the_past_starts_nothing(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, opened_at=now - dt.timedelta(days=400))
    past = now - dt.timedelta(days=300)

    closing.lose_many(
        [closing.Loss(deal=deal, reason=make.reason("not-stated"), at=past, historical=True)],
        by=rep,
    )

    assert events(deal) == ["deal.created", "deal.past_closing_recorded"]
    assert (
        EventRecord.objects.filter(name="deal.past_closing_recorded").get().consequences.count()
        == 0
    )
    assert Deal.objects.get(pk=deal.pk).closed_at == past


def test_undo_opens_the_deal_where_it_was_and_keeps_both_on_the_record(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep, stage=make.stage(Phase.CONCLUSION))
    outcome = closing.win(deal, by=rep)

    reopening.undo_close(deal, by=rep, now=now)

    deal.refresh_from_db()
    outcome.refresh_from_db()
    assert (deal.status, deal.stage.phase, deal.closed_at, deal.outcome) == (
        "open",
        Phase.CONCLUSION,
        None,
        None,
    )
    assert (outcome.undone_at, outcome.undone_by) == (now, rep)
    assert StageChange.objects.filter(deal=deal).count() == 3
    assert events(deal) == ["deal.created", "deal.won", "deal.closing_undone"]


def test_the_bell_rings_once_however_often_a_deal_is_won(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    for _ in range(2):
        closing.win(deal, by=rep)
        reopening.undo_close(deal, by=rep, now=now)

    won = EventRecord.objects.filter(name="deal.won").order_by("pk")

    assert [record.data["first_time"] for record in won] == [True, False]


@pytest.mark.parametrize(
    ("automatic", "hours", "is_undone"),
    [(False, 23, True), (False, 24, False), (True, 29 * 24, True), (True, 30 * 24, False)],
)
def test_undo_ends_after_a_day_or_thirty_when_automatic(
    rep: User, now: dt.datetime, automatic: bool, hours: int, is_undone: bool
) -> None:
    deal = make.deal(owner=rep)
    closing.lose_many([closing.Loss(deal=deal, reason=make.reason(), automatic=automatic)], by=None)

    with contextlib.suppress(ActionRefused):
        reopening.undo_close(deal, by=rep, now=now + dt.timedelta(hours=hours))

    assert Deal.objects.get(pk=deal.pk).is_open is is_undone


def test_an_open_deal_has_nothing_to_undo(rep: User, now: dt.datetime) -> None:
    with pytest.raises(ActionRefused):
        reopening.undo_close(make.deal(owner=rep), by=rep, now=now)


@pytest.mark.practice("F5")
def test_a_second_chance_is_a_new_deal_that_knows_where_it_came_from(rep: User) -> None:
    contact = make.contact(owner=rep)
    lost = make.deal(owner=rep, contact=contact, need="yes")
    lost.stakeholders.create(contact=contact, role="champion", stance=1, met=True)
    closing.lose(lost, by=rep, reason=make.reason())

    deal = reopening.second_chance(lost, by=rep)

    assert (deal.second_chance_of, deal.contact, deal.need, deal.amount) == (
        lost,
        contact,
        "yes",
        lost.amount,
    )
    assert [(s.contact, s.role, s.stance, s.met) for s in deal.stakeholders.all()] == [
        (contact, "champion", 1, True)
    ]
    assert Deal.objects.get(pk=lost.pk).status == DealStatus.LOST
    with pytest.raises(ActionRefused, match="open already"):
        reopening.second_chance(lost, by=rep)


def test_a_batch_comes_back_in_the_statements_of_one(rep: User) -> None:
    def lost() -> Deal:
        contact = make.contact(owner=rep)
        deal = make.deal(owner=rep, contact=contact)
        deal.stakeholders.create(contact=contact, role="user", stance=1)
        closing.lose(deal, reason=make.reason(), by=rep)
        return deal

    with CaptureQueriesContext(connection) as of_one:
        reopening.second_chance(lost_one := lost(), by=rep)
    many = [lost() for _number in range(8)]
    with CaptureQueriesContext(connection) as of_many:
        opened = reopening.second_chance_many(many, by=rep, titles={many[0].pk: "Once more"})

    assert [deal.second_chance_of_id for deal in opened] == [deal.pk for deal in many]
    assert [deal.title for deal in opened[:2]] == ["Once more", many[1].title]
    assert all(deal.stakeholders.get().stance == 1 for deal in opened)
    assert len(of_many) <= len(of_one)
    assert lost_one.second_chances.count() == 1


def test_what_has_its_second_chance_is_not_undone_as_well(rep: User, now: dt.datetime) -> None:
    """The same deal would be won twice."""
    lost = make.deal(owner=rep)
    closing.lose(lost, reason=make.reason(), by=rep)
    reopening.second_chance(lost, by=rep)

    with pytest.raises(ActionRefused, match="second chance"):
        reopening.undo_close(lost, by=rep, now=now)

    lost.refresh_from_db()
    assert lost.status == "lost"


def test_an_amount_below_zero_is_refused(rep: User) -> None:
    deal = make.deal(owner=rep, amount=10)

    with pytest.raises(ActionRefused, match="below zero"):
        pipeline.edit(deal, by=rep, amount=Decimal(-1))
    with pytest.raises(ActionRefused, match="below zero"):
        pipeline.open_deal(by=rep, title="Valves", owner=rep, amount=Decimal("-0.01"))

    assert Deal.objects.get().amount == 10


def test_only_a_lost_deal_gets_a_second_chance(rep: User) -> None:
    with pytest.raises(ActionRefused):
        reopening.second_chance(make.deal(owner=rep), by=rep)


def test_a_playbook_asks_nobody_where_there_is_no_contact(rep: User) -> None:
    contact = make.contact(owner=rep)

    alone = closing.playbook(make.reason("timing"), deal=make.deal(owner=rep))
    known = closing.playbook(make.reason("timing"), deal=make.deal(owner=rep, contact=contact))

    assert alone == Aftercare(
        revisit_after_days=90, nurture_track="Quarterly, light", ask_referral_after_days=7
    )
    assert (known.ask_buyer, known.ask_buyer_after_days, known.ask_referral_of) == (
        contact.pk,
        3,
        contact.pk,
    )
