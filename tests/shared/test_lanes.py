"""Few passes at once, and what a pass leaves behind."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail as local
from django.utils import timezone

from crm.shared import claims, delivery, lanes, tasks
from crm.shared.delivery import Ended
from crm.shared.models import MailLane, OutgoingMail, User
from crm.shared.states import MailState
from tests.factories import mail as make
from tests.odd_smtp import HANG, odd_server

pytestmark = [pytest.mark.django_db, pytest.mark.servers]  # the database's clock is real


def seconds_closed(lane: MailLane | None) -> int:
    """For how long from now, rounded; 0 when it is open."""
    assert lane is not None
    lane.refresh_from_db()
    return max(0, round((lane.closed_until - timezone.now()).total_seconds()))


def test_there_are_as_many_lanes_as_set(settings: Any) -> None:
    settings.MAIL_LANES = 3

    entered = [lanes.enter() for _ in range(4)]

    assert [lane and lane.pk for lane in entered] == [1, 2, 3, None]


def test_a_lane_may_be_entered_again_when_nothing_was_left() -> None:
    lane, other = lanes.enter(), lanes.enter()
    assert lane is not None
    assert other is not None

    lanes.leave(lane, Ended.NOTHING_LEFT)

    assert lanes.enter() == lane
    assert lanes.enter() is None


@pytest.mark.parametrize(
    ("ended", "seconds"),
    [(Ended.NOTHING_LEFT, 0), (Ended.OUT_OF_TIME, 20), (Ended.IN_TROUBLE, 60)],
)
def test_a_lane_rests_as_the_pass_ended(ended: Ended, seconds: int) -> None:
    lane = lanes.enter()
    assert lane is not None

    lanes.leave(lane, ended)

    assert abs(seconds_closed(lane) - seconds) <= 3


def test_a_lane_whose_worker_died_opens_by_itself() -> None:
    lane = lanes.enter()

    assert 0 < seconds_closed(lane) <= 20


def test_the_task_sends_what_is_due_and_opens_its_lane(rep: User, settings: Any) -> None:
    make.use_templates(settings)
    make.queued(make.to_rep(rep, due_at=timezone.now()))

    tasks.send_mail()

    assert [message.to for message in local.outbox] == [["rep@example.com"]]
    assert seconds_closed(MailLane.objects.get(pk=1)) == 0


def test_the_task_does_nothing_when_all_lanes_are_taken(rep: User, settings: Any) -> None:
    make.use_templates(settings)
    make.queued(make.to_rep(rep, due_at=timezone.now()))
    while lanes.enter():
        pass

    tasks.send_mail()

    assert OutgoingMail.objects.get().state == MailState.SCHEDULED


def test_a_server_in_trouble_is_left_alone_for_a_minute(rep: User, settings: Any) -> None:
    make.use_templates(settings)
    make.queued(make.to_rep(rep, due_at=timezone.now()))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.3

    with odd_server(answers={"MAIL": HANG}) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        tasks.send_mail()

    assert seconds_closed(MailLane.objects.get(pk=1)) > 50


def test_a_pass_without_time_leaves_the_rest_as_it_was(
    rep: User, settings: Any, monkeypatch: Any
) -> None:
    make.use_templates(settings)
    monkeypatch.setattr(delivery, "PASS_SECONDS", 0.0)
    pokes: list[str] = []
    monkeypatch.setattr(tasks, "poke", pokes.append)
    make.queued(make.to_rep(rep, due_at=timezone.now() - dt.timedelta(minutes=1)))

    tasks.send_mail()

    row = OutgoingMail.objects.get()
    assert (row.state, row.attempts, row.claim_token) == (MailState.SCHEDULED, 0, None)
    assert pokes == ["shared.send_mail"]


def test_what_was_claimed_when_time_ran_out_is_put_back(rep: User, settings: Any) -> None:
    make.use_templates(settings)
    rows = [make.queued(make.to_rep(rep, due_at=timezone.now())) for _ in range(2)]
    helds = claims.claim(2, claims.clock())

    claims.release(helds)

    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.claim_token) for row in rows] == [(MailState.SCHEDULED, None)] * 2
