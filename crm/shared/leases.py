"""Whose a job is: one worker at a time holds it for two minutes after its last commit, then it is anybody's.

`live` are the jobs of one kind that there is something to do for. Every write of a holder is conditional on its token,
so that a worker that was away too long writes nothing.
"""

import datetime as dt
import uuid
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from crm.shared.models import Leased

LEASE = dt.timedelta(seconds=120)


class Taken(Exception):
    """Somebody else has this job now."""


def waiting(live: QuerySet[Any], now: dt.datetime) -> list[int]:
    """The jobs that nobody works on: queued, or left by a worker whose lease ran out."""
    return list(_unheld(live, now).order_by("pk").values_list("pk", flat=True))


def claim(live: QuerySet[Any], job_id: int, **start: Any) -> bool:
    """Hold a job, and write what begins with it; False when another worker does, or there is nothing to do."""
    now = timezone.now()
    return bool(
        _unheld(live, now)
        .filter(pk=job_id)
        .update(claim_token=uuid.uuid4(), lease_until=now + LEASE, updated_at=now, **start)
    )


def keep(job: Leased, **progress: Any) -> None:
    """Write how far it is, and hold it for longer. Raises Taken when it is not ours any more."""
    if not _write(job, lease_until=timezone.now() + LEASE, **progress):
        raise Taken


def put_down(job: Leased, **state: Any) -> None:
    """Leave the rest to the next worker: no task runs into its time limit, however long the job."""
    _write(job, claim_token=None, lease_until=timezone.now(), **state)


def let_go(job: Leased, **end: Any) -> bool:
    """Write how it ended, and hold it no more; False when it was not ours any more."""
    return _write(job, claim_token=None, lease_until=None, **end)


def _unheld(live: QuerySet[Any], now: dt.datetime) -> QuerySet[Any]:
    return live.filter(lease_until__lte=now)


def _write(job: Leased, **values: Any) -> bool:
    model: type[Model] = type(job)
    ours = model._default_manager.filter(pk=job.pk, claim_token=job.claim_token)
    held = ours.update(updated_at=timezone.now(), **values)
    for name in values.keys() - {"claim_token", "lease_until"}:
        setattr(job, name, values[name])
    return bool(held)
