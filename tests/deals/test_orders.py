"""The order of a win: delivery, value checks, repeat business (C7)."""

import datetime as dt

import pytest

from crm.shared.errors import ActionRefused
from crm.shared.models import EventRecord
from deals.actions import closing, directory, orders, reopening
from deals.models import Order, ValueCheck
from deals.states import DealStatus, OrderState
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(now):
    return now.date()


@pytest.fixture
def won(rep):
    account = make.account(owner=rep)
    person = make.contact(owner=rep, account=account)
    deal = make.deal(owner=rep, account=account, contact=person, product=make.product())
    directory.add_stakeholder(deal, contact=person, role="champion", by=rep, met=True)
    closing.win(deal, by=rep)
    deal.refresh_from_db()
    return deal


@pytest.fixture
def order(won):
    return won.orders.get()


def checks_of(order) -> list[tuple[int, dt.date, str]]:
    return [(one.after_days, one.due_on, one.state) for one in order.checks.order_by("after_days")]


@pytest.mark.practice("C7")
def test_a_win_opens_its_order_and_says_so(won, order):
    record = EventRecord.objects.get(name="order.opened")

    assert (order.state, order.outcome) == (OrderState.CONFIRMED, won.outcome)
    assert (record.subject_id, record.cause.name) == (order.pk, "deal.won")


def test_a_win_of_the_past_opens_none(rep):
    closing.win_many([closing.Win(deal=make.deal(owner=rep), historical=True)], by=rep)

    assert not Order.objects.exists()


def test_an_undone_win_withdraws_its_order_and_a_new_win_opens_another(won, order, rep, now):
    reopening.undo_close(won, by=rep, now=now)
    closing.win(won, by=rep)

    states = list(won.orders.order_by("pk").values_list("state", flat=True))
    assert states == [OrderState.WITHDRAWN, OrderState.CONFIRMED]
    assert [one.state for one in won.orders.standing()] == [OrderState.CONFIRMED]


def test_an_undone_loss_has_no_order_to_withdraw(rep, now):
    deal = make.deal(owner=rep)
    closing.lose(deal, by=rep, reason=make.reason())

    reopening.undo_close(deal, by=rep, now=now)

    assert not Order.objects.exists()


def test_delivery_sets_the_days_of_the_value_checks(order, rep, today):
    delivered = orders.move(order, to="delivered", by=rep, on=today - dt.timedelta(days=2))

    assert (delivered.state, delivered.delivered_on) == ("delivered", today - dt.timedelta(days=2))
    assert checks_of(order) == [
        (30, today + dt.timedelta(days=28), "due"),
        (90, today + dt.timedelta(days=88), "due"),
    ]


def test_a_later_day_of_delivery_moves_what_is_still_due(order, rep, today, now):
    orders.move(order, to="delivered", by=rep)
    first = order.checks.get(after_days=30)
    orders.check_value(first, by=rep, now=now)

    orders.edit(order, by=rep, delivered_on=today - dt.timedelta(days=5))

    assert checks_of(order) == [
        (30, today + dt.timedelta(days=30), "done"),
        (90, today + dt.timedelta(days=85), "due"),
    ]


def test_an_order_goes_its_way_and_back_from_an_issue(order, rep, today):
    for state in ("delivering", "delivered"):
        orders.move(order, to=state, by=rep)
    stuck = orders.move(order, to="issue", by=rep, issue="Two sensors fail")
    accepted = orders.move(stuck, to="accepted", by=rep)

    assert stuck.issue == "Two sensors fail"
    assert (accepted.issue, accepted.accepted_on) == ("", today)
    moved = EventRecord.objects.filter(name="order.moved").order_by("pk")
    assert [(one.data["was"], one.data["state"]) for one in moved] == [
        ("confirmed", "delivering"),
        ("delivering", "delivered"),
        ("delivered", "issue"),
        ("issue", "accepted"),
    ]


@pytest.mark.parametrize(
    ("to", "said", "field"),
    [
        ("accepted", {}, None),
        ("withdrawn", {}, None),
        ("issue", {"issue": " "}, "issue"),
        ("delivered", {"on": dt.date(2200, 1, 1)}, "on"),
    ],
)
def test_a_move_that_cannot_be_is_refused(order, rep, to, said, field):
    with pytest.raises(ActionRefused) as refusal:
        orders.move(order, to=to, by=rep, **said)

    assert set(refusal.value.fields) == ({field} if field else set())


def test_dates_and_satisfaction_are_edited(order, rep, today):
    orders.edit(order, by=rep, promised_on=today, satisfaction=9)
    orders.edit(order, by=rep, satisfaction=9)

    order.refresh_from_db()
    assert (order.promised_on, order.satisfaction, order.version) == (today, 9, 2)
    record = EventRecord.objects.get(name="order.edited")
    assert record.data["changes"] == {
        "promised_on": ["", today.isoformat()],
        "satisfaction": ["", "9"],
    }


def test_an_edit_that_cannot_be_is_refused(order, rep):
    with pytest.raises(ActionRefused):
        orders.edit(order, by=rep, satisfaction=11)
    with pytest.raises(ActionRefused):
        orders.edit(order, by=rep, state="accepted")
    orders.move(order, to="delivered", by=rep)
    with pytest.raises(ActionRefused) as refusal:
        orders.edit(order, by=rep, delivered_on=None)
    assert set(refusal.value.fields) == {"delivered_on"}


def test_a_value_check_is_done_once_and_its_figure_is_the_orders(order, rep, now):
    orders.move(order, to="delivered", by=rep)
    check = order.checks.get(after_days=30)

    done = orders.check_value(check, by=rep, now=now, satisfaction=8, words=" Half the waste ")

    order.refresh_from_db()
    assert (done.state, done.done_at, done.words) == ("done", now, "Half the waste")
    assert order.satisfaction == 8
    with pytest.raises(ActionRefused, match="not due"):
        orders.check_value(check, by=rep, now=now)


def test_a_value_check_can_be_left_out(order, rep, now):
    orders.move(order, to="delivered", by=rep)

    skipped = orders.check_value(order.checks.first(), by=rep, now=now, skipped=True)

    assert skipped.state == "skipped"
    assert ValueCheck.objects.due().count() == 1


def test_checks_of_a_withdrawn_order_are_not_due(won, order, rep, now):
    orders.move(order, to="delivered", by=rep)
    reopening.undo_close(won, by=rep, now=now)

    assert not ValueCheck.objects.due().exists()
    with pytest.raises(ActionRefused):
        orders.check_value(order.checks.first(), by=rep, now=now)
    with pytest.raises(ActionRefused, match="undone"):
        orders.repeat(order, by=rep)


@pytest.mark.practice("C7")
def test_repeat_business_is_a_new_deal_linked_to_the_won_one(won, order, rep):
    deal = orders.repeat(order, by=rep, title=" Second hall ")

    assert (deal.title, deal.repeat_of, deal.status) == ("Second hall", won, DealStatus.OPEN)
    assert (deal.account, deal.contact, deal.product) == (won.account, won.contact, won.product)
    assert [(one.role, one.met) for one in deal.stakeholders.all()] == [("champion", True)]
    assert EventRecord.objects.filter(name="deal.created").last().data["repeat_of"] == won.pk


def test_the_next_deal_of_one_who_left_is_of_who_opens_it(won, order, rep, manager):
    rep.is_active = False
    rep.save()

    assert orders.repeat(order, by=manager).owner == manager
