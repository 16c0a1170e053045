"""The morning mail: once a person and working day, in their time zone, with what Today shows."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.shared.models import OutgoingMail, User
from crm.today import digest, tasks
from deals.models import Deal
from followups.actions import plans
from tests.factories import deals as make

pytestmark = pytest.mark.django_db


def due_today(owner: User, now: dt.datetime) -> Deal:
    """A deal whose next step was agreed for today at noon."""
    deal = make.deal(owner=owner, contact=make.contact(owner=owner))
    agreement = plans.Agreement(
        next_at=now + dt.timedelta(hours=4), channel="call", what="Call about the offer"
    )
    plans.agree(deal, agreement, by=owner, now=now)
    return deal


def test_one_mail_a_person_and_morning_however_often_it_is_asked_for(
    rep: User, now: dt.datetime
) -> None:
    deal = due_today(rep, now)

    sent = [digest.send_due(now) for _ in range(3)]

    mail = OutgoingMail.objects.get()
    assert sent == [1, 0, 0]
    assert (mail.key, mail.user, mail.to_address) == (f"digest:{rep.pk}:2026-04-20", rep, rep.email)
    assert deal.title in bytes(mail.message).decode()


def test_who_has_nothing_due_gets_no_mail(rep: User, now: dt.datetime) -> None:
    assert digest.send_due(now) == 0


@pytest.mark.parametrize(
    ("zone", "at", "is_morning"),
    [
        ("Europe/Berlin", "2026-04-20T04:59Z", False),
        ("Europe/Berlin", "2026-04-20T05:00Z", True),
        ("Europe/Berlin", "2026-04-20T15:59Z", True),
        ("Europe/Berlin", "2026-04-20T16:00Z", False),
        ("America/New_York", "2026-04-20T10:59Z", False),
        ("America/New_York", "2026-04-20T11:00Z", True),
        ("Asia/Tokyo", "2026-04-19T22:00Z", True),
        ("Europe/Berlin", "2026-04-18T08:00Z", False),  # a Saturday
        ("Europe/Berlin", "2026-03-30T05:00Z", True),  # the Monday after the clocks went forward
    ],
)
def test_a_morning_is_seven_to_six_of_a_working_day_where_the_person_is(
    rep: User, zone: str, at: str, is_morning: bool
) -> None:
    rep.time_zone = zone

    assert digest.is_morning(rep, dt.datetime.fromisoformat(at)) is is_morning


def test_who_wants_none_or_has_left_gets_none(rep: User, colleague: User, now: dt.datetime) -> None:
    due_today(rep, now)
    due_today(colleague, now)
    User.objects.filter(pk=rep.pk).update(wants_morning_mail=False)
    User.objects.filter(pk=colleague.pk).update(is_active=False)

    assert digest.send_due(now) == 0


def test_it_holds_what_is_due_today_and_not_tomorrow(rep: User, now: dt.datetime) -> None:
    later = make.deal(owner=rep, title="Not before Wednesday", contact=make.contact(owner=rep))
    plans.agree(later, plans.Agreement(next_at=now + dt.timedelta(days=2)), by=rep, now=now)
    due_today(rep, now)

    digest.send_due(now)

    assert "Not before Wednesday" not in bytes(OutgoingMail.objects.get().message).decode()


def test_queries_do_not_grow_with_people(rep: User, colleague: User, now: dt.datetime) -> None:
    due_today(rep, now)
    with CaptureQueriesContext(connection) as one:
        digest.send_due(now)
    OutgoingMail.objects.all().delete()
    for _ in range(3):
        due_today(colleague, now)

    with CaptureQueriesContext(connection) as two:
        digest.send_due(now)

    assert len(one) == len(two)


def test_the_task_goes_by_the_clock(rep: User, now: dt.datetime) -> None:
    due_today(rep, now)

    with time_machine.travel(now, tick=False):
        tasks.send_digests()

    assert OutgoingMail.objects.count() == 1
