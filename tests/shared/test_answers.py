"""The first answer to an Idempotency-Key, and only one piece of work."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction

from crm.shared import answers
from crm.shared.answers import Answer, KeyedRequest, KeyUsedOtherwise, answer_once
from crm.shared.models import EventRecord, StoredAnswer
from deals.models import Deal

DONE = Answer(status=201, headers={"ETag": '"1"'}, body='{"id": 1}')


def asked(user, **fields):
    known = {"user": user, "key": "k1", "request": "POST /api/v1/deals/", "body_hash": "0" * 64}
    return KeyedRequest(**known | fields)


def never() -> Answer:
    raise AssertionError("worked twice")


def test_the_second_time_gets_the_first_answer(rep, now):
    first = answer_once(asked(rep), work=lambda: DONE, now=now)

    second = answer_once(asked(rep), work=never, now=now + dt.timedelta(hours=24))

    assert first == DONE
    assert second == Answer(status=201, headers={"ETag": '"1"'}, body='{"id": 1}', repeated=True)


def test_a_key_is_forgotten_after_a_day(rep, now):
    answer_once(asked(rep), work=lambda: DONE, now=now)
    again = Answer(status=201, headers={}, body='{"id": 2}')

    later = answer_once(asked(rep), work=lambda: again, now=now + dt.timedelta(hours=24, seconds=1))

    assert later == again


@pytest.mark.parametrize("other", [{"body_hash": "1" * 64}, {"request": "POST /api/v1/contacts/"}])
def test_a_key_used_for_another_request_is_refused(rep, now, other):
    answer_once(asked(rep), work=lambda: DONE, now=now)

    with pytest.raises(KeyUsedOtherwise):
        answer_once(asked(rep, **other), work=never, now=now)


def test_two_people_may_use_the_same_key(rep, colleague, now):
    answer_once(asked(rep), work=lambda: DONE, now=now)
    other = Answer(status=201, headers={}, body='{"id": 2}')

    assert answer_once(asked(colleague), work=lambda: other, now=now) == other


def test_work_that_fails_leaves_no_key_behind(rep, now):
    def fail() -> Answer:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        answer_once(asked(rep), work=fail, now=now)

    assert StoredAnswer.objects.count() == 0
    assert answer_once(asked(rep), work=lambda: DONE, now=now) == DONE


def test_a_process_that_dies_takes_its_work_and_its_key_with_it(rep, now):
    """Killed after the work and before the commit: the transaction ends without either."""

    @transaction.atomic
    def killed() -> None:
        answer_once(asked(rep), work=lambda: DONE, now=now)
        raise SystemExit

    with pytest.raises(SystemExit):
        killed()

    assert StoredAnswer.objects.count() == 0


def test_old_answers_are_forgotten(rep, now):
    for hours in (23, 25, 26):
        moment = now - dt.timedelta(hours=hours)
        answer_once(asked(rep, key=f"k{hours}"), work=lambda: DONE, now=moment)

    assert answers.forget_old(now=now) == 2
    assert [row.key for row in StoredAnswer.objects.all()] == ["k23"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_works_and_the_other_waits_for_its_answer(rep, now):
    inside, go_on = threading.Event(), threading.Event()
    found: dict[str, Answer] = {}

    def slow() -> Answer:
        inside.set()
        go_on.wait(10)
        return DONE

    def run(name, work):
        try:
            found[name] = answer_once(asked(rep), work=work, now=now)
        finally:
            connection.close()

    first = threading.Thread(target=run, args=("first", slow))
    second = threading.Thread(target=run, args=("second", never))
    first.start()
    inside.wait(10)
    second.start()
    second.join(0.5)
    waited = second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)

    assert waited
    assert (found["first"].repeated, found["second"].repeated) == (False, True)
    assert found["first"].body == found["second"].body


KILLED = """
import os, signal
import django
django.setup()
from django.utils import timezone
from crm.shared.answers import KeyedRequest, answer_once
from crm.shared.models import User
from deals.actions import pipeline

rep = User.objects.get(email="rep@example.com")

def work():
    pipeline.open_deal(by=rep, owner=rep, title="half written")
    os.kill(os.getpid(), signal.SIGKILL)

asked = KeyedRequest(user=rep, key="k1", request="POST /api/v1/deals/", body_hash="0" * 64)
answer_once(asked, work=work, now=timezone.now())
"""


@pytest.mark.postgres
@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_neither_deal_nor_key_and_the_retry_works(rep, process_environment):
    """F2: kill -9 between the work and the commit, then the same request again."""
    now = dt.datetime.now(dt.UTC)
    run = subprocess.run(
        [sys.executable, "-c", KILLED],
        env=os.environ | process_environment,
        check=False,
        timeout=60,
    )
    left = (Deal.objects.count(), StoredAnswer.objects.count(), EventRecord.objects.count())

    retried = answer_once(asked(rep), work=lambda: DONE, now=now)

    assert run.returncode == -signal.SIGKILL
    assert left == (0, 0, 0)
    assert (retried, StoredAnswer.objects.count()) == (DONE, 1)
