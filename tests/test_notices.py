"""Who hears of what, and in which words."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from email import message_from_bytes

import pytest

from crm import notices
from crm.shared.events import DealAtRisk
from crm.shared.models import EventRecord, Notice, OutgoingMail, Team, User
from crm.shared.publishing import publish
from crm.shared.roles import Role
from deals.actions import closing, reopening
from tests.factories import deals as make
from tests.factories import shared

pytestmark = pytest.mark.django_db


def told() -> Counter[tuple[str | None, str]]:
    """Who was told what, and how often."""
    return Counter(
        (one.user.name if one.user else None, one.text)
        for one in Notice.objects.select_related("user")
    )


@pytest.mark.practice("A1")
def test_managers_of_the_owner_hear_of_a_loss_and_whoever_closed_it_does_not(
    rep: User, manager: User, team: Team, other_team: Team
) -> None:
    shared.user(name="Olga Other", role=Role.MANAGER, team=other_team)

    closing.lose(make.deal(owner=rep, title="Ward fridges"), by=rep, reason=make.reason())
    closing.lose(make.deal(owner=rep, title="Depot"), by=manager, reason=make.reason())

    assert told() == Counter([("Mona Manager", "Ward fridges was lost")])


def test_managers_of_the_teams_above_hear_too(team: Team) -> None:
    below = shared.team(parent=team)
    above = shared.user(name="Mara Above", role=Role.MANAGER, team=team)
    owner = shared.user(team=below)

    deal = make.deal(owner=owner)

    assert notices.managers_of_owners([deal.pk]) == {deal.pk: {above.pk}}


def test_the_bell_rings_once(rep: User, now: dt.datetime) -> None:
    deal = make.deal(owner=rep, title="Ward fridges", amount=Decimal(5))
    closing.win(deal, by=rep)
    reopening.undo_close(deal, by=rep, now=now)
    closing.win(deal, by=rep)

    assert told() == Counter([(None, "Ward fridges was won")])


@pytest.mark.practice("B6")
def test_a_dead_lead_warns_its_owner_once_on_the_bell_and_by_mail(
    rep: User, now: dt.datetime
) -> None:
    deal = make.deal(owner=rep, title="Ward fridges")
    mark = DealAtRisk(
        actor_id=None,
        deal_id=deal.pk,
        title="Ward fridges",
        owner_id=rep.pk,
        closes_on="2026-04-27",
        unanswered=6,
        silent_days=41,
    )

    for _ in range(2):
        publish([mark])

    mail = OutgoingMail.objects.get()
    assert (mail.key, mail.to_address, mail.audience) == (
        f"at-risk:{deal.pk}:2026-04-27",
        rep.email,
        "rep",
    )
    words = message_from_bytes(bytes(mail.message)).get_payload(0).get_payload(decode=True).decode()
    assert "6 tries without an answer, 41 days of silence" in words
    assert {text for _who, text in told()} == {
        "Ward fridges closes on Mon 27 Apr unless somebody answers"
    }


def test_who_has_left_gets_no_mail(rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(is_active=False)
    deal = make.deal(owner=rep)

    publish(
        [
            DealAtRisk(
                actor_id=None,
                deal_id=deal.pk,
                title="x",
                owner_id=rep.pk,
                closes_on="2026-04-27",
                unanswered=6,
                silent_days=41,
            )
        ]
    )

    assert not OutgoingMail.objects.exists()
    assert EventRecord.objects.filter(name="deal.at_risk").count() == 1
