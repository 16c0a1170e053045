"""What leaves the house: a record's place in the feed; mail that is due, sent and settled one by one."""

import dataclasses
import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Sequence
from email.utils import parseaddr
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import Expression, F

from crm.shared import claims, letters, transports
from crm.shared.claims import Held
from crm.shared.models import EventRecord, FeedHead
from crm.shared.transports import Answer, Closed, Envelope, Transport

PASS_SECONDS = 18.0  # less than a lane is closed for
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


class Ended(Enum):
    """Why a pass over the mail ended."""

    NOTHING_LEFT = "nothing left"
    OUT_OF_TIME = "out of time"
    IN_TROUBLE = "in trouble"  # the server lets nobody in, or does not answer


def send_due(*, now: dt.datetime | None = None, limit: int | None = None) -> Counter[str]:
    """Send what is due, for at most 18 seconds; returns how many mails came to which state.

    Without `now` the database's clock decides what is due.
    """
    with transports.opened_lazily() as transport:
        mail_pass = Pass(claims.clock(now), transport, left=limit)
        mail_pass.run()
    return mail_pass.settled


@dataclasses.dataclass
class Pass:
    """One pass over the mail: claims some, sends them one after another, each with a commit of its own."""

    moment: Expression
    transport: Transport
    left: int | None = None  # how many may still be sent; None is no limit
    batch: int = FIRST_BATCH
    stop_at: float = dataclasses.field(default_factory=lambda: time.monotonic() + PASS_SECONDS)
    settled: Counter[str] = dataclasses.field(default_factory=Counter)

    def run(self) -> Ended:
        self.settled += claims.recover(self.moment)
        while time.monotonic() < self.stop_at:
            count = self.batch if self.left is None else min(self.batch, self.left)
            helds = claims.claim(count, self.moment)
            if not helds:
                return Ended.NOTHING_LEFT
            self.left = None if self.left is None else self.left - len(helds)
            try:
                slowest = self.send(helds)
            except Closed as closed:
                log.error("Mail waits: the mail server lets nobody in. %s", closed)  # noqa: TRY400
                return Ended.IN_TROUBLE
            if is_timeout(slowest):
                return Ended.IN_TROUBLE
            self.batch = fitting(slowest)
        return Ended.OUT_OF_TIME

    def send(self, helds: Sequence[Held]) -> float:
        """Send these; returns how many seconds the slowest took.

        When there is no time left, or one was not answered in time, the others wait as before. Raises Closed.
        """
        slowest = 0.0
        try:
            self.transport.open()
            for held in helds:
                began = time.monotonic()
                if began >= self.stop_at or is_timeout(slowest):
                    break
                self.settled[self.settle(held)] += 1
                slowest = max(slowest, time.monotonic() - began)
        finally:
            claims.release(helds)
        return slowest

    def settle(self, held: Held) -> str:
        if claims.begin(held, self.moment):
            return claims.finish(held, hand_over(held, self.transport), self.moment)
        return claims.step_back(held, self.moment)


def is_timeout(seconds: float) -> bool:
    return bool(seconds >= settings.EMAIL_TIMEOUT)


def fitting(slowest: float) -> int:
    """How many mails to hold at once, at so many seconds a mail: those that fit half a lease."""
    fits = settings.MAIL_LEASE_SECONDS / 2 / max(slowest, 0.001)
    return int(min(max(fits, SMALLEST_BATCH), LARGEST_BATCH))


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
