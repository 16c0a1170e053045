"""A request repeated with the same Idempotency-Key gets the first answer again, and does its work once.

The key, the work and the answer are written in one transaction: it is the action here that owns it, and the action that
does the work joins. So there is no moment in which work is done and its key is not known, and no key without work:
a process that dies takes both with it. Of two requests at once the second waits at the unique key (PostgreSQL) or for the
one writer (SQLite), and then finds the answer.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

from django.db import IntegrityError, transaction

from crm.shared.models import StoredAnswer, User

KEPT_FOR = dt.timedelta(hours=24)


class KeyUsedOtherwise(Exception):
    """The key was used before, with another method, path or body."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent back: `body` is text as it goes out, byte for byte the same each time."""

    status: int
    headers: Mapping[str, str]
    body: str
    repeated: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class KeyedRequest:
    """Who asks for what: `request` is method and path, `body_hash` the SHA-256 of the body."""

    user: User
    key: str
    request: str
    body_hash: str


@transaction.atomic
def answer_once(asked: KeyedRequest, *, work: Callable[[], Answer], now: dt.datetime) -> Answer:
    """Do `work` and keep its answer, or give the answer that was kept within the last 24 hours.

    Raises KeyUsedOtherwise. What `work` raises undoes all of it, so a refused request may be tried again with its key.
    """
    StoredAnswer.objects.filter(user=asked.user, key=asked.key).older_than(now - KEPT_FOR).delete()
    row = _take_key(asked, now=now)
    if row is None:
        return _kept(asked)
    answer = work()
    row.status, row.headers, row.body = answer.status, dict(answer.headers), answer.body
    row.save(update_fields=["status", "headers", "body"])
    return answer


def _take_key(asked: KeyedRequest, *, now: dt.datetime) -> StoredAnswer | None:
    """A new row for the key, or None where there is one; waits for whoever is working on the same key."""
    try:
        with transaction.atomic():
            return StoredAnswer.objects.create(
                user=asked.user,
                key=asked.key,
                request=asked.request,
                body_hash=asked.body_hash,
                created_at=now,
            )
    except IntegrityError:
        return None


def _kept(asked: KeyedRequest) -> Answer:
    row = StoredAnswer.objects.get(user=asked.user, key=asked.key)
    if (row.request, row.body_hash) != (asked.request, asked.body_hash) or row.status is None:
        raise KeyUsedOtherwise
    return Answer(status=row.status, headers=row.headers, body=row.body, repeated=True)


@transaction.atomic
def forget_old(*, now: dt.datetime) -> int:
    """Remove answers that are kept long enough; returns how many."""
    forgotten, _by_model = StoredAnswer.objects.older_than(now - KEPT_FOR).delete()
    return forgotten
