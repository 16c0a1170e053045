"""The sweep: its warning, its grace and its closings."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.models import EventRecord, Notice, OutgoingMail, User
from deals.actions import closing, reopening
from deals.models import Deal, LossReason, Outcome
from followups.actions import letting_go, plans
from followups.actions.letting_go import Swept
from followups.actions.plans import Agreement
from followups.models import FollowUp
from tests.factories import deals as make
from tests.factories import followups as made
from tests.factories import shared

pytestmark = pytest.mark.django_db


def after(moment: dt.datetime, days: float) -> dt.datetime:
    return moment + dt.timedelta(days=days)


def sweep(moment: dt.datetime) -> Swept:
    with time_machine.travel(moment, tick=False):
        return letting_go.sweep(moment)


def status(deal: Deal) -> tuple[str, dt.date | None]:
    deal.refresh_from_db()
    return deal.status, deal.closes_on


# ---- marking: rules 4 and 5 ----------------------------------------------------------------------


@pytest.mark.practice("B6")
def test_a_dead_lead_is_marked_and_its_owner_warned_once(rep: User, now: dt.datetime) -> None:
    deal = made.dead_deal(owner=rep)

    swept = [sweep(now), sweep(after(now, 1))]

    assert swept == [Swept(marked=1), Swept()]
    assert status(deal) == ("open", dt.date(2026, 4, 27))
    record = EventRecord.objects.get(name="deal.at_risk")
    assert record.data == {
        "title": deal.name,
        "owner_id": rep.pk,
        "closes_on": "2026-04-27",
        "unanswered": 1,
        "silent_days": 50,
    }
    assert Notice.objects.filter(user=rep, event=record).count() == 1
    assert OutgoingMail.objects.filter(user=rep, key__startswith="at-risk:").count() == 1


def test_so_many_tries_are_enough_however_short_the_silence(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)  # Suspect: 4 tries, 30 days
    for ago in (4, 3, 2):
        made.touch(deal, days_ago=ago)
    three = sweep(now)

    made.touch(deal, days_ago=1)

    assert (three, sweep(now)) == (Swept(), Swept(marked=1))


@pytest.mark.parametrize(("silent_days", "marked"), [(44, 0), (45, 1)])
def test_so_many_days_of_silence_are_enough(
    rep: User, now: dt.datetime, silent_days: int, marked: int
) -> None:
    made.dead_deal(owner=rep, silent_days=silent_days)

    assert sweep(now) == Swept(marked=marked)


def test_soft_channels_do_not_wear_a_lead_out(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep)
    for ago in (5, 4, 3, 2, 1):
        made.touch(deal, days_ago=ago, channel="social", result="sent")

    assert sweep(now) == Swept()


def test_what_is_not_dead_is_left_alone(rep: User, now: dt.datetime) -> None:
    """Won, lost, disqualified, parked on an agreed date, never touched, just answered, in Order: all old and silent."""
    won, lost, unfit = (made.dead_deal(owner=rep) for _ in range(3))
    closing.win(won, by=rep)
    closing.lose(lost, reason=make.reason(), by=rep)
    closing.disqualify(unfit, disqualified_as="duplicate", by=rep)
    parked = made.dead_deal(owner=rep)
    plans.agree(parked, Agreement(next_at=after(now, 90)), by=rep, now=now)
    Deal.objects.filter(pk=parked.pk).update(
        last_heard_at=after(now, -80), silent_since=after(now, -80)
    )
    answered = made.dead_deal(owner=rep)
    made.touch(answered, days_ago=1, result="answered")
    never_touched = make.deal(owner=rep, opened_at=after(now, -400))
    delivered = make.put_in(made.dead_deal(owner=rep), "order")
    archived = made.dead_deal(owner=rep)
    Deal.objects.filter(pk=archived.pk).update(archived_at=now)
    before = list(Deal.objects.order_by("pk").values())

    assert [sweep(now), sweep(after(now, 60))] == [Swept(), Swept(marked=1)]
    # after 60 days only the one that had answered has fallen silent again
    marked = Deal.objects.exclude(closes_on=None)
    assert [deal.pk for deal in marked] == [answered.pk]
    unchanged = [row for row in before if row["id"] != answered.pk]
    assert list(Deal.objects.exclude(pk=answered.pk).order_by("pk").values()) == unchanged
    assert {won.pk, lost.pk, unfit.pk, never_touched.pk, delivered.pk} < {
        r["id"] for r in unchanged
    }


def test_an_agreed_date_protects_until_it_has_passed(rep: User, now: dt.datetime) -> None:
    deal = made.dead_deal(owner=rep)
    until = after(now, 50)
    plans.agree(deal, Agreement(next_at=until), by=rep, now=now)

    assert sweep(until) == Swept()
    assert sweep(after(until, 0.01)) == Swept(marked=1)


def test_a_deals_own_rule_counts_for_it_alone(rep: User, now: dt.datetime) -> None:
    patient, strict = made.dead_deal(owner=rep), made.dead_deal(owner=rep, silent_days=12)
    made.stop_rule(deal=patient, max_unanswered=20, max_silent_days=300)
    made.stop_rule(deal=strict, max_silent_days=10, grace_days=3)

    assert sweep(now) == Swept(marked=1)
    assert [status(patient), status(strict)] == [("open", None), ("open", dt.date(2026, 4, 23))]


# ---- clearing and closing ------------------------------------------------------------------------


@pytest.mark.practice("B6", "B7")
def test_when_its_day_has_come_a_dead_lead_is_lost_with_no_answer(
    rep: User, now: dt.datetime
) -> None:
    deal = made.dead_deal(owner=rep)

    swept = [sweep(after(now, days)) for days in (0, 6, 7, 8)]

    assert swept == [Swept(marked=1), Swept(), Swept(closed=1), Swept()]
    outcome = Outcome.objects.get(deal=deal)
    assert (outcome.kind, outcome.reason.slug, outcome.automatic, outcome.by, outcome.at) == (
        "lost",
        "no-answer",
        True,
        None,
        after(now, 7),
    )
    assert status(deal) == ("lost", None)


def test_the_day_has_come_when_it_is_that_day_where_the_owner_is(now: dt.datetime) -> None:
    early = shared.user(time_zone="Pacific/Auckland")
    late = shared.user(time_zone="America/Los_Angeles")
    deals = [made.dead_deal(owner=owner) for owner in (early, late)]
    sweep(now)
    assert [status(deal)[1] for deal in deals] == [dt.date(2026, 4, 27)] * 2

    sweep(dt.datetime(2026, 4, 26, 13, tzinfo=dt.UTC))  # one in the morning of the 27th in Auckland

    assert [status(deal)[0] for deal in deals] == ["lost", "open"]


@pytest.mark.parametrize(
    "heard",
    [{"result": "answered"}, {"channel": "email", "result": "replied"}],
)
def test_anything_heard_clears_the_mark(rep: User, now: dt.datetime, heard: dict[str, str]) -> None:
    deal = made.deal_at_risk(owner=rep)

    made.touch(deal, **heard)

    assert status(deal) == ("open", None)
    assert sweep(after(now, 7)) == Swept()


def test_a_kinder_rule_clears_the_mark(rep: User, now: dt.datetime) -> None:
    deal, own = made.deal_at_risk(owner=rep), made.deal_at_risk(owner=rep)
    rule = make.stage("negotiation").stop_rule
    rule.max_silent_days = 90
    rule.save()
    made.stop_rule(deal=own, max_unanswered=9, max_silent_days=90)

    assert sweep(now) == Swept(cleared=2)
    assert (status(deal), status(own)) == (("open", None), ("open", None))


def test_a_deal_moved_to_where_no_rule_holds_is_cleared(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)
    make.put_in(deal, "order")

    assert sweep(now) == Swept(cleared=1)


def test_another_vain_try_does_not_buy_time(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)

    made.touch(deal)

    assert (status(deal)[1], sweep(after(now, 7))) == (dt.date(2026, 4, 27), Swept(closed=1))


@pytest.mark.practice("B8")
@pytest.mark.parametrize(
    ("need", "fit", "planned"),
    [
        ("yes", "yes", ["Quarterly, light"]),
        ("yes", "unknown", []),
        ("no", "yes", []),
        ("unknown", "unknown", []),
    ],
)
def test_only_qualified_deals_stay_in_touch(
    rep: User, now: dt.datetime, need: str, fit: str, planned: list[str]
) -> None:
    deal = made.deal_at_risk(owner=rep, need=need, fit=fit)
    LossReason.objects.filter(slug="no-answer").update(
        revisit_after_days=90 if not planned else None
    )

    sweep(after(now, 7))

    rows = FollowUp.objects.open().filter(deal=deal)
    assert [row.what for row in rows] == planned


def test_the_reason_is_found_whatever_it_is_called(rep: User, now: dt.datetime) -> None:
    LossReason.objects.filter(slug="no-answer").update(name="Nessuna risposta", archived_at=now)
    deal = made.deal_at_risk(owner=rep)

    sweep(after(now, 7))

    assert Outcome.objects.get(deal=deal).reason.slug == "no-answer"


def tree(record: EventRecord) -> tuple[str, list]:
    """The event and what it led to, without what is particular to this one."""
    children = [tree(child) for child in record.consequences.order_by("pk")]
    return record.name, children


def test_an_automatic_closing_does_what_one_by_hand_does(
    rep: User, colleague: User, manager: User, now: dt.datetime
) -> None:
    """Fault seen: a background job that bypasses the close service, without date, log and notice."""
    by_sweep, by_hand = (
        made.deal_at_risk(owner=owner, contact=make.contact(owner=owner), need="yes", fit="yes")
        for owner in (rep, colleague)
    )
    with time_machine.travel(after(now, 7), tick=False):
        letting_go.let_go(by_hand, by=colleague)
    sweep(after(now, 7))

    lost = {record.deal_id: record for record in EventRecord.objects.filter(name="deal.lost")}
    assert tree(lost[by_sweep.pk]) == tree(lost[by_hand.pk])
    written = [
        {
            "closed_at": deal.closed_at,
            "notices": Notice.objects.filter(user=manager, event=lost[deal.pk]).count(),
            "follow_ups": list(
                FollowUp.objects.filter(deal=deal).values_list("purpose", "state", "due_at")
            ),
            "reason": deal.outcome.reason.slug,
        }
        for deal in Deal.objects.order_by("pk").select_related("outcome__reason")
    ]
    assert written[0] == written[1]


def test_auto_closed_deals_can_be_undone_for_thirty_days(rep: User, now: dt.datetime) -> None:
    deal = made.deal_at_risk(owner=rep)
    sweep(after(now, 7))

    with time_machine.travel(after(now, 36), tick=False):
        reopening.undo_close(deal, by=rep, now=after(now, 36))

    assert status(deal) == ("open", None)
    # its rule still holds: it is marked again, with a new warning and a new grace
    assert sweep(after(now, 36)) == Swept(marked=1)


# ---- batches -------------------------------------------------------------------------------------


def count_of_statements(moment: dt.datetime) -> int:
    with CaptureQueriesContext(connection) as queries:
        sweep(moment)
    return len(queries)


def test_marking_takes_the_same_statements_for_one_deal_as_for_thirty(
    rep: User, now: dt.datetime
) -> None:
    made.dead_deal(owner=rep)
    one = count_of_statements(now)
    for _ in range(30):
        made.dead_deal(owner=rep)

    assert (one, count_of_statements(now)) == (36, 36)


@pytest.mark.parametrize("count", [1, 30])
def test_closing_a_batch_stays_within_forty_statements(
    rep: User, now: dt.datetime, count: int
) -> None:
    deals = [made.deal_at_risk(owner=rep, need="yes", fit="yes") for _ in range(count)]

    with CaptureQueriesContext(connection) as queries, time_machine.travel(after(now, 7)):
        letting_go.settle([deal.pk for deal in deals], now=after(now, 7))

    assert Deal.objects.lost().count() == count
    assert len(queries) <= 40


def test_batches_are_of_five_hundred() -> None:
    sizes = [len(batch) for batch in letting_go.batches(list(range(1201)))]

    assert sizes == [500, 500, 201]
