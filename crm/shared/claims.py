"""Who holds which mail row, from the claim to its end: each step is one conditional UPDATE that tells who won."""

import dataclasses
import datetime as dt
import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, Exists, Expression, OuterRef, Q, QuerySet, When
from django.db.models import F as Column
from django.db.models import Value as Constant
from django.db.models.functions import Now
from django.db.models.lookups import LessThan

from crm.shared import mailing
from crm.shared.models import OutgoingMail, Suppression
from crm.shared.sending_window import closing_after, next_opening
from crm.shared.states import HELD, Audience, MailState
from crm.shared.transports import Answer, Verdict

FRESH = dt.timedelta(minutes=10)
TOO_LATE_FOR_BUYERS = dt.timedelta(hours=48)
PAUSE_PER_CONTACT = dt.timedelta(hours=24)
BACKOFF_MINUTES = (1, 5, 15, 60, 240)
MOST_ATTEMPTS = 16  # 48 hours of them
MOST_AT_ONCE = 1000
CLAIM_TRIES = 3
GONE = [MailState.SENT, MailState.UNCERTAIN]
LOST_HOLD = "lost hold"

log = logging.getLogger(__name__)


def clock(now: dt.datetime | None = None) -> Expression:
    """The database's own clock, as the workers' may be wrong; in a test, a moment that stands still."""
    return Now() if now is None else Constant(now, output_field=DateTimeField())


@dataclasses.dataclass(frozen=True)
class Held:
    """A mail that this process holds, and when it was claimed."""

    mail: OutgoingMail
    since: dt.datetime

    @property
    def is_to_buyer(self) -> bool:
        return self.mail.audience == Audience.BUYER

    def rows(self, state: MailState) -> QuerySet[OutgoingMail]:
        """The row, if it is still ours and in this state; else none."""
        return OutgoingMail.objects.filter(
            pk=self.mail.pk, state=state, claim_token=self.mail.claim_token
        )

    def let_go(self, was: MailState, **changes: Any) -> str:
        """Give the row up in a new state. If it is no longer ours nothing is changed, and that is said."""
        if self.rows(was).update(claim_token=None, lease_until=None, **changes):
            return str(changes["state"])
        log.warning("Mail %s was taken over while it was %s.", self.mail.pk, was)
        return LOST_HOLD


# ---- claiming ------------------------------------------------------------------------------------


def claim(count: int, moment: Expression) -> list[Held]:
    """Take up to `count` mails that are due, for the length of a lease.

    Those of the last ten minutes come first, but leave a quarter of the places to older ones, so neither a
    backlog nor new mail starves the other. Of one contact only one mail is held at a time, by anybody: a
    constraint of the database, which refuses the slower of two that claim at once; then it looks again.
    """
    for _ in range(CLAIM_TRIES):
        with suppress(IntegrityError), transaction.atomic():
            return claim_once(count, moment)
    return []


def claim_once(count: int, moment: Expression) -> list[Held]:
    due = OutgoingMail.objects.filter(state=MailState.SCHEDULED, due_at__lte=moment)
    free = due.filter(Q(audience=Audience.REP) | ~Exists(in_hand_for_same_contact()))
    pks = not_locked(free.filter(due_at__gt=moment - FRESH), count - count // 4)
    pks += not_locked(free.filter(due_at__lte=moment - FRESH), count - len(pks))
    if not pks:
        return []
    token = uuid.uuid4()
    OutgoingMail.objects.filter(pk__in=pks, state=MailState.SCHEDULED).update(
        state=MailState.CLAIMED,
        claim_token=token,
        lease_until=moment + lease(),
        dated_at=Case(When(attempts=0, then=moment), default="dated_at"),
    )
    mine: Iterable[Any] = (
        OutgoingMail.objects.filter(pk__in=pks, claim_token=token)
        .annotate(clock=moment)
        .order_by("due_at", "pk")
    )
    return [Held(mail, mail.clock) for mail in mine]


def in_hand_for_same_contact() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(
        contact_id=OuterRef("contact_id"), audience=Audience.BUYER, state__in=sorted(HELD)
    )


def not_locked(mails: QuerySet[OutgoingMail], count: int) -> list[int]:
    """The oldest of `mails`, the first of each contact, without waiting for others to let go.

    SQLite ignores the lock, as it has one writer.
    """
    rows = mails.order_by("due_at", "pk").select_for_update(skip_locked=True)
    found = rows.values_list("pk", "audience", "contact_id")[:count]
    # Backwards, so that the first of a contact is the one that stays.
    buyers = {
        contact: pk for pk, audience, contact in reversed(found) if audience == Audience.BUYER
    }
    return [
        pk for pk, audience, contact in found if audience == Audience.REP or buyers[contact] == pk
    ]


def lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.MAIL_LEASE_SECONDS)


def release(helds: Sequence[Held]) -> None:
    """Put back those that have not begun: due as before, no attempt counted. All of one claim."""
    OutgoingMail.objects.filter(
        pk__in=[held.mail.pk for held in helds],
        state=MailState.CLAIMED,
        claim_token=helds[0].mail.claim_token,
    ).update(state=MailState.SCHEDULED, claim_token=None, lease_until=None)


@transaction.atomic
def recover(moment: Expression) -> Counter[str]:
    """Settle what a dead process held, and what is too late; returns how many came to which state.

    What was only claimed has not left. What was going out may have: a rep gets it again, as the same
    bytes; a buyer does not, a person decides. A buyer's mail 48 hours late is missed (rule 7).
    """
    dead = Q(state__in=sorted(HELD), lease_until__lt=moment, due_at__lte=moment)
    late = Q(
        state=MailState.SCHEDULED,
        audience=Audience.BUYER,
        due_at__lt=moment - TOO_LATE_FOR_BUYERS,
    )
    rows = OutgoingMail.objects.filter(dead | late).order_by("pk")
    found: dict[tuple[MailState, MailState], list[int]] = defaultdict(list)
    for mail in rows.select_for_update(skip_locked=True).defer("message")[:MOST_AT_ONCE]:
        found[MailState(mail.state), recovered(mail)].append(mail.pk)
    settled: Counter[str] = Counter()
    for (was, becomes), pks in found.items():
        changes: dict[str, Any] = {"sent_at": moment} if becomes == MailState.UNCERTAIN else {}
        if becomes == MailState.MISSED:
            changes = {"message": b""}
        settled[becomes] += OutgoingMail.objects.filter(pk__in=pks, state=was).update(
            state=becomes, claim_token=None, lease_until=None, **changes
        )
    return settled


def recovered(mail: OutgoingMail) -> MailState:
    """What becomes of a mail that nobody holds any more."""
    if mail.state == MailState.SCHEDULED:
        return MailState.MISSED
    if mail.state == MailState.CLAIMED:
        return MailState.SCHEDULED
    if mail.audience == Audience.BUYER:
        return MailState.UNCERTAIN
    return MailState.SCHEDULED if mail.attempts < MOST_ATTEMPTS else MailState.FAILED


# ---- the point of no return ----------------------------------------------------------------------


def begin(held: Held, moment: Expression) -> bool:
    """The last instant at which anything can stop this mail: True = it goes out now.

    One UPDATE asks everything again: still ours, address not suppressed, and for buyers: inside their
    hours, not too late, no other mail to the same contact within 24 hours.
    """
    mail = held.mail
    ready = held.rows(MailState.CLAIMED).filter(~Exists(refusals(mail)), lease_until__gt=moment)
    if held.is_to_buyer:
        if opening(mail, held.since) > held.since:
            return False
        ready = ready.filter(
            ~Exists(recent_to_same_contact(moment)),
            LessThan(moment, Constant(closing_after(held.since, zone=mail.time_zone))),
            due_at__gte=moment - TOO_LATE_FOR_BUYERS,
        )
    began = ready.update(
        state=MailState.SENDING, attempts=Column("attempts") + 1, lease_until=moment + lease()
    )
    mail.attempts += began
    return began == 1


def refusals(mail: OutgoingMail) -> QuerySet[Suppression]:
    """What stops this mail. Its address cannot change while it is ours."""
    return Suppression.objects.covering(OuterRef("scope")).filter(
        address__in=mailing.forms_of(mail.normal_address)
    )


def recent_to_same_contact(moment: Expression) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(
        contact_id=OuterRef("contact_id"),
        audience=Audience.BUYER,
        state__in=GONE,
        sent_at__gt=moment - PAUSE_PER_CONTACT,
    )


def opening(mail: OutgoingMail, at: dt.datetime) -> dt.datetime:
    return next_opening(at, zone=mail.time_zone, country=mail.country)


def step_back(held: Held, moment: Expression) -> str:
    """Settle a mail that could not begin, by what stands in its way now; returns its new state."""
    row = (
        held.rows(MailState.CLAIMED).annotate(clock=moment).values_list("clock", flat=True).first()
    )
    if row is None:
        return LOST_HOLD  # cancelled or suppressed meanwhile: as it should be
    refusal = mailing.is_suppressed(held.mail.to_address, held.mail.scope)
    if refusal:
        why = mailing.refused_since(refusal)
        return held.let_go(
            MailState.CLAIMED, state=MailState.SUPPRESSED, message=b"", last_error=why
        )
    due_at = held.mail.due_at
    if held.is_to_buyer:
        due_at = max(due_at, opening(held.mail, earliest_for_contact(held.mail, row)))
    return held.let_go(MailState.CLAIMED, state=MailState.SCHEDULED, due_at=due_at)


def earliest_for_contact(mail: OutgoingMail, at: dt.datetime) -> dt.datetime:
    """From when on this contact may get another mail: 24 hours after the last one."""
    gone = OutgoingMail.objects.filter(
        contact_id=mail.contact_id, audience=Audience.BUYER, state__in=GONE
    )
    last = gone.order_by("-sent_at").values_list("sent_at", flat=True).first()
    return max(at, last + PAUSE_PER_CONTACT) if last else at


# ---- the end -------------------------------------------------------------------------------------


def finish(held: Held, answer: Answer, moment: Expression) -> str:
    """Write down what the mail server said, if the row is still ours; returns the new state."""
    said = {"last_error": answer.text}
    sending = MailState.SENDING
    if answer.verdict is Verdict.ACCEPTED:
        return held.let_go(
            sending, state=MailState.SENT, sent_at=moment, message=b"", last_error=""
        )
    if answer.verdict is Verdict.NEVER:
        return held.let_go(sending, state=MailState.BOUNCED, message=b"", **said)
    if answer.verdict is Verdict.IN_DOUBT and held.is_to_buyer:
        return held.let_go(sending, state=MailState.UNCERTAIN, sent_at=moment, **said)
    if held.mail.attempts >= MOST_ATTEMPTS:
        return held.let_go(sending, state=MailState.FAILED, **said)
    later = moment + pause_after(held.mail.attempts)
    return held.let_go(sending, state=MailState.SCHEDULED, due_at=later, **said)


def pause_after(attempts: int) -> dt.timedelta:
    """1, 5, 15, 60 minutes, then every four hours."""
    return dt.timedelta(minutes=BACKOFF_MINUTES[min(attempts, len(BACKOFF_MINUTES)) - 1])


def take_back(held: Held) -> str:
    """Nothing has left us and it was nobody's fault: due as before, and the attempt does not count."""
    return held.let_go(
        MailState.SENDING, state=MailState.SCHEDULED, attempts=Column("attempts") - 1
    )
