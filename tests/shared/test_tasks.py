"""What the workers do for the ground floor."""

import datetime as dt

import pytest

from crm.shared import tasks
from crm.shared.models import EventRecord, StoredAnswer, User

pytestmark = pytest.mark.django_db


def test_all_that_happened_is_taken_up(now: dt.datetime) -> None:
    records = [EventRecord(name="deal.moved", at=now, subject_kind="deal") for _ in range(501)]
    EventRecord.objects.bulk_create(records)

    tasks.deliver()

    assert list(EventRecord.objects.in_feed(after=499).values_list("position", flat=True)) == [
        500,
        501,
    ]


def test_answers_are_forgotten_after_a_day(rep: User, now: dt.datetime) -> None:
    for key, age in {"old": 25, "new": 23}.items():
        StoredAnswer.objects.create(
            user=rep, key=key, request="POST /", created_at=now - dt.timedelta(hours=age)
        )

    tasks.forget_old_answers()

    assert [answer.key for answer in StoredAnswer.objects.all()] == ["new"]
