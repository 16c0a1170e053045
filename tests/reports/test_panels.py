"""What reports say on other pages: the worth of a no, a person's quarter and year."""

from decimal import Decimal

import pytest
from django.test import RequestFactory

from crm.reports import panels
from deals.actions import closing
from followups.models import Touch
from tests.factories import deals
from tests.factories import reports as make

pytestmark = pytest.mark.django_db


def asked_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def sold(rep):
    """A sale with 60.00 commission after three calls: 20.00 each."""
    outcome = make.won(rep, "2026-03-02", commission=Decimal("60.00"))
    for _ in range(3):
        Touch.objects.create(
            deal=outcome.deal,
            by=rep,
            at=make.noon("2026-02-20"),
            channel="call",
            result="no_answer",
        )
    return outcome


@pytest.mark.practice("A11")
@pytest.mark.usefixtures("sold")
def test_this_no_was_worth_20_to_its_owner_and_the_manager_sees_it(rep, manager):
    outcome = closing.lose(deals.deal(owner=rep), by=rep, reason=deals.reason())

    shown = [panels.worth_of_this_no(asked_by(user), outcome) for user in (rep, manager)]

    assert [panel.context["all_in"] for panel in shown] == ["20.00", "20.00"]


def test_a_win_says_nothing_of_a_no(rep, sold):
    assert panels.worth_of_this_no(asked_by(rep), sold) is None


@pytest.mark.usefixtures("sold")
def test_what_a_colleagues_no_is_worth_is_theirs_to_know(rep, colleague):
    outcome = make.lost(rep, "2026-04-02")
    outcome.deal.collaborators.add(colleague)

    assert panels.worth_of_this_no(asked_by(colleague), outcome) is None


def test_where_no_commission_is_known_a_no_says_nothing(rep):
    make.won(rep, "2026-03-02")

    assert panels.worth_of_this_no(asked_by(rep), make.lost(rep, "2026-04-02")) is None
    assert panels.worth_of_my_touch(asked_by(rep)) is None


@pytest.mark.practice("A11")
@pytest.mark.usefixtures("sold")
def test_a_rep_sees_their_own_worth_of_a_touch_and_a_manager_that_of_all(rep, colleague, manager):
    make.won(colleague, "2026-03-02", commission=Decimal("30.00"))

    shown = [panels.worth_of_my_touch(asked_by(user)) for user in (rep, manager)]

    assert [panel.context["all_in"] for panel in shown] == ["20.00", "30.00"]
    assert shown[0].context["words"] == (
        "1 sale, 60.00 commission, 3 calls and e-mails: 3 touches per sale."
    )


@pytest.mark.practice("A9")
def test_the_quarter_and_the_year_stand_beside_today_with_the_month_inside(rep, colleague):
    make.won(rep, "2026-02-10", deal={"amount": "4000.00"})
    make.won(rep, "2026-04-10")
    make.won(colleague, "2026-04-10")

    context = panels.my_quarter_and_year(asked_by(rep)).context

    assert [(stat.name, stat.amount) for stat in context["stats"]] == [
        ("Quarter 2", "1.0k"),
        ("Year 2026", "5.0k"),
    ]
    assert context["month"].name == "April so far"


def test_before_the_first_win_there_is_no_quarter_to_show(rep, viewer):
    make.lost(rep, "2026-04-10")

    shown = [panels.my_quarter_and_year(asked_by(user)) for user in (rep, viewer)]

    assert shown == [None, None]
    assert panels.worth_of_my_touch(asked_by(viewer)) is None


@pytest.mark.usefixtures("sold")
def test_the_card_after_a_loss_and_today_show_them(client, rep):
    client.force_login(rep)
    deal = deals.deal(owner=rep)
    closing.lose(deal, by=rep, reason=deals.reason())

    card, today = client.get(f"/deals/{deal.pk}/closed/"), client.get("/beside/")

    assert "what this no was worth" in card.content.decode()
    assert "Worth of one touch" in today.content.decode()
    assert "My quarter and year" in today.content.decode()
