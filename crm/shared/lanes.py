"""How many passes over the mail run at once, so that a slow mail server never takes all workers.

Every mail that is queued rings the workers. Without a limit a hundred rings during an outage would be a hundred passes,
each waiting for the server, and no other work would have its turn.
"""

import datetime as dt

from django.conf import settings

from crm.shared.claims import clock
from crm.shared.delivery import Ended
from crm.shared.models import MailLane

TURN = dt.timedelta(seconds=20)  # from one pass to the next while there is a backlog
REST = dt.timedelta(seconds=60)  # after a pass that met trouble
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def enter() -> MailLane | None:
    """A lane of one's own for a pass, or None when all are taken or rest."""
    lanes = MailLane.objects.filter(pk__lte=settings.MAIL_LANES)
    if lanes.count() < settings.MAIL_LANES:
        numbers = range(1, settings.MAIL_LANES + 1)
        MailLane.objects.bulk_create(
            [MailLane(pk=number, closed_until=LONG_AGO) for number in numbers],
            ignore_conflicts=True,
        )
    for lane in lanes.filter(closed_until__lte=clock()):
        # Who finds the lane as it was read has it.
        as_read = MailLane.objects.filter(pk=lane.pk, closed_until=lane.closed_until)
        if as_read.update(closed_until=clock() + TURN):
            return lane
    return None


def leave(lane: MailLane, ended: Ended) -> None:
    """Open it at once when nothing is left; in a backlog its turn runs out; after trouble it rests."""
    if ended is Ended.OUT_OF_TIME:
        return
    until = clock() + REST if ended is Ended.IN_TROUBLE else LONG_AGO
    MailLane.objects.filter(pk=lane.pk).update(closed_until=until)
