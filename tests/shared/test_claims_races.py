"""Two at one mail, or at one contact: both orders, forced by locks. Time is real, as locks take some."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from crm.shared import claims, mailing
from crm.shared.claims import Held
from crm.shared.models import OutgoingMail, User
from crm.shared.states import MailState
from crm.shared.supervision import wait_until
from tests.factories import mail as make
from tests.factories import shared

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.servers,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _at_any_hour(settings: Any) -> None:
    make.use_templates(settings)
    for name, value in make.EVERY_HOUR.items():
        setattr(settings, name, value)


def held(now: dt.datetime, count: int = 10) -> list[Held]:
    return claims.claim(count, claims.clock(now))


def begin(mail: Held, now: dt.datetime) -> bool:
    return claims.begin(mail, claims.clock(now))


def state_of(mail: Held) -> str:
    return OutgoingMail.objects.get(pk=mail.mail.pk).state


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Future[Any]]]:
    """Run something on a connection of its own; it may have to wait for us."""
    with ThreadPoolExecutor(max_workers=1) as pool:

        def run(work: Callable[[], Any]) -> Any:
            try:
                return work()
            finally:
                connection.close()

        yield lambda work: pool.submit(run, work)


def wait_until_it_waits() -> None:
    """Until another connection stands before a lock that we hold."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            [[count]] = cursor.fetchall()
        return bool(count)

    wait_until(waits, seconds=10, what="the other to wait")


@pytest.mark.parametrize("refuse", ["cancel", "suppress"])
def test_a_refusal_before_the_point_of_no_return_stops_the_mail(
    refuse: str, now: dt.datetime, elsewhere: Callable[..., Future[Any]]
) -> None:
    """F19, first order: the refusal is not committed yet when the sender asks, so it waits."""
    row = make.queued(make.to_buyer(due_at=now))
    [mail] = held(now)

    with transaction.atomic():
        stop_it(refuse, row)
        began = elsewhere(lambda: begin(mail, now))
        wait_until_it_waits()

    assert began.result(timeout=10) is False
    assert state_of(mail) == {"cancel": "cancelled", "suppress": "suppressed"}[refuse]


@pytest.mark.parametrize("refuse", ["cancel", "suppress"])
def test_a_refusal_after_the_point_of_no_return_is_told_so(
    refuse: str, now: dt.datetime, elsewhere: Callable[..., Future[Any]]
) -> None:
    """F19, second order: the sender has begun, not committed, when the refusal comes."""
    row = make.queued(make.to_buyer(due_at=now))
    [mail] = held(now)

    with transaction.atomic():
        assert begin(mail, now)
        refused = elsewhere(lambda: stop_it(refuse, row))
        wait_until_it_waits()

    assert refused.result(timeout=10) == {"cancel": 0, "suppress": row.normal_address}[refuse]
    assert state_of(mail) == MailState.SENDING


def test_two_do_not_claim_for_one_contact(
    now: dt.datetime, elsewhere: Callable[..., Future[Any]]
) -> None:
    """Mutation: without the constraint mail_one_in_hand_per_contact neither sees the other, and this turns red."""
    mailing.queue([make.to_buyer(due_at=now, contact_id=7) for _ in range(2)])
    reps_own = make.queued(make.to_rep(shared.user(), due_at=now))

    with transaction.atomic():
        assert len(held(now, 1)) == 1
        other = elsewhere(lambda: held(now))
        wait_until_it_waits()

    assert [mail.mail for mail in other.result(timeout=10)] == [reps_own]


def test_two_claim_at_once_without_waiting(
    rep: User, now: dt.datetime, elsewhere: Callable[..., Future[Any]]
) -> None:
    mailing.queue([make.to_rep(rep, due_at=now) for _ in range(4)])

    with transaction.atomic():
        mine = held(now, 3)
        others = elsewhere(lambda: held(now, 3)).result(timeout=10)

    assert len(mine) == 3
    assert len(others) == 1
    assert {mail.mail.pk for mail in mine}.isdisjoint({mail.mail.pk for mail in others})


def stop_it(how: str, row: OutgoingMail) -> int | str:
    if how == "cancel":
        return mailing.cancel(OutgoingMail.objects.filter(pk=row.pk))
    return mailing.suppress(row.to_address).address
