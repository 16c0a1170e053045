"""A morning as it is lived: a real worker sends what is due over real SMTP, warns of a dead lead and closes it."""

import datetime as dt
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.utils import timezone

from crm.shared.after_commit import poke
from crm.shared.supervision import wait_until
from deals.models import Deal
from tests.factories import deals, followups, shared
from tests.mail_world import World, mail_world

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def where_it_is_morning(now: dt.datetime) -> str:
    """A time zone in which it is between nine and noon; these names turn the sign of the offset around."""
    return f"Etc/GMT{min(now.hour - 9, 12):+d}"


def words_to(world: World, address: str) -> str:
    """All that arrived there, as text."""
    mails = [message_from_bytes(raw, policy=default) for raw in list(world.post.received)]
    return "\n".join(
        f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}"
        for mail in mails
        if address in mail["To"]
    )


def arrives(world: World, address: str, text: str) -> None:
    wait_until(lambda: text in words_to(world, address), seconds=60, pause=0.1, what=text)


@pytest.mark.practice("B6", "B7")
def test_a_worker_sends_the_morning_mail_and_lets_a_dead_lead_go_after_a_warning(
    tmp_path: Path,
) -> None:
    now = timezone.now()
    with mail_world(tmp_path) as world:
        rep = shared.user(
            name="Rita", time_zone=where_it_is_morning(now), working_days=[0, 1, 2, 3, 4, 5, 6]
        )
        due = deals.deal(owner=rep, title="Ward fridges")
        followups.touch(due, days_ago=20)
        step = followups.next_step(due)
        type(step).objects.filter(pk=step.pk).update(due_at=now - dt.timedelta(hours=1))
        dead = followups.dead_deal(owner=rep, title="Depot retrofit")
        world.worker()

        with world.poked():
            poke("today.send_digests")
            arrives(world, rep.email, "Ward fridges")
            poke("followups.sweep_stop_rules")
            arrives(world, rep.email, "days of silence")
            warned = Deal.objects.get(pk=dead.pk)
            Deal.objects.filter(pk=dead.pk).update(closes_on=now.date() - dt.timedelta(days=1))
            poke("followups.sweep_stop_rules")
            wait_until(
                lambda: not Deal.objects.get(pk=dead.pk).is_open, seconds=60, what="the closing"
            )

        closed = Deal.objects.select_related("outcome__reason").get(pk=dead.pk)
        assert (warned.is_open, warned.closes_on) > (True, now.date())
        assert (closed.status, closed.outcome.reason.slug, closed.outcome.automatic) == (
            "lost",
            "no-answer",
            True,
        )
        assert Deal.objects.get(pk=due.pk).is_open
