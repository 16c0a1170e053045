"""What leaves the house: a record's place in the feed; mail that is due, sent and settled one by one."""

import dataclasses
import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import F

from crm.shared import claims, letters, transports
from crm.shared.claims import Held
from crm.shared.models import EventRecord, FeedHead, OutgoingMail
from crm.shared.states import MailState
from crm.shared.transports import Answer, Closed, Envelope, Transport

PASS_SECONDS = 15.0  # under the beat, so that passes do not pile up
SMALLEST_BATCH, FIRST_BATCH, LARGEST_BATCH = 2, 20, 200

log = logging.getLogger(__name__)


# ---- the feed ------------------------------------------------------------------------------------


@transaction.atomic
def take_up(limit: int = 500) -> int:
    """Give the oldest records without a place in the feed the next ones; returns how many.

    Ids are given before the commit, so a smaller one may appear after a larger. A place is given once a
    record is there for all to see, by whoever holds the one head of the feed: a reader skips nothing.
    """
    FeedHead.objects.get_or_create(pk=1)
    head = FeedHead.objects.select_for_update().get(pk=1)
    records = list(EventRecord.objects.filter(position=None).order_by("pk").only("pk")[:limit])
    for place, record in enumerate(records, start=head.last + 1):
        record.position = place
    EventRecord.objects.bulk_update(records, ["position"])
    FeedHead.objects.filter(pk=1).update(last=F("last") + len(records))
    return len(records)


# ---- mail ----------------------------------------------------------------------------------------


@dataclasses.dataclass
class Pace:
    """How many mails to hold at once: what the slowest of the last batch allows in half a lease."""

    batch: int = FIRST_BATCH

    def measure(self, slowest: float) -> None:
        """`slowest` in seconds a mail."""
        fits = settings.MAIL_LEASE_SECONDS / 2 / max(slowest, 0.001)
        self.batch = int(min(max(fits, SMALLEST_BATCH), LARGEST_BATCH))


def send_due(*, now: dt.datetime | None = None, limit: int | None = None) -> Counter[str]:
    """Send what is due, for at most fifteen seconds; returns how many mails came to which state.

    Without `now` the database's clock decides what is due.
    """
    moment, pace = claims.clock(now), Pace()
    stop_at = time.monotonic() + PASS_SECONDS
    settled = claims.recover(moment)
    left = limit
    with transports.opened_lazily() as transport:
        while time.monotonic() < stop_at:
            helds = claims.claim(pace.batch if left is None else min(pace.batch, left), moment)
            if not helds:
                break
            left = None if left is None else left - len(helds)
            try:
                settled += send_batch(helds, transport, pace, now)
            except Closed as closed:
                log.error("Mail waits: the mail server lets nobody in. %s", closed)  # noqa: TRY400
                break
    return settled


def send_batch(
    helds: Sequence[Held], transport: Transport, pace: Pace, now: dt.datetime | None
) -> Counter[str]:
    """Send one after another, each with a commit of its own. Raises Closed, and then the rest waits on."""
    moment = claims.clock(now)
    settled: Counter[str] = Counter()
    slowest = 0.0
    try:
        transport.open()
        for held in helds:
            began = time.monotonic()
            if claims.begin(held, moment):
                state = claims.finish(held, hand_over(held, transport), moment)
            else:
                state = claims.step_back(held, moment)
            settled[state] += 1
            slowest = max(slowest, time.monotonic() - began)
    except Closed:
        claims.release(helds)
        raise
    pace.measure(slowest)
    return settled


def hand_over(held: Held, transport: Transport) -> Answer:
    """Hand one mail over. Raises Closed when the server refuses us; then the attempt does not count."""
    mail = held.mail
    envelope = Envelope(
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=mail.to_address,
        message=letters.dated(bytes(mail.message), mail.dated_at or held.since),
    )
    try:
        return transport.hand_over(envelope)
    except Closed:
        claims.take_back(held)
        raise


def longest_wait() -> dt.timedelta | None:
    """How long the oldest mail that is due has waited: over two minutes, nothing sends."""
    due = OutgoingMail.objects.filter(state=MailState.SCHEDULED, due_at__lte=claims.clock())
    oldest = due.annotate(clock=claims.clock()).order_by("due_at").values_list("clock", "due_at")
    found = oldest.first()
    return found[0] - found[1] if found else None
