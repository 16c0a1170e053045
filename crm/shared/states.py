"""States of what the ground floor keeps, and the moves between them."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Audience(TextChoices):
    """Who reads a mail decides how a crash is settled: a rep may get it twice, a buyer never does (rule 7)."""

    REP = "rep", _("a colleague")
    BUYER = "buyer", _("a buyer")


class Scope(TextChoices):
    """What a refusal covers: everything, or one kind of mail."""

    ALL = "all", _("every message")
    NURTURE = "nurture", _("news and tips")


class MailState(TextChoices):
    SCHEDULED = "scheduled", _("waiting")
    CLAIMED = "claimed", _("about to go out")
    SENDING = "sending", _("going out")
    SENT = "sent", _("sent")
    CANCELLED = "cancelled", _("cancelled")
    SUPPRESSED = "suppressed", _("not sent: no contact wished")
    MISSED = "missed", _("not sent: too late")
    BOUNCED = "bounced", _("came back")
    FAILED = "failed", _("could not be sent")
    UNCERTAIN = "uncertain", _("perhaps sent")


# A worker holds a row while it is claimed or sending; from `sending` on it may have left the house.
MAIL_MOVES: Mapping[MailState, frozenset[MailState]] = {
    MailState.SCHEDULED: frozenset(
        {MailState.CLAIMED, MailState.CANCELLED, MailState.SUPPRESSED, MailState.MISSED}
    ),
    MailState.CLAIMED: frozenset(
        {MailState.SCHEDULED, MailState.SENDING, MailState.CANCELLED, MailState.SUPPRESSED}
    ),
    MailState.SENDING: frozenset(
        {
            MailState.SENT,
            MailState.SCHEDULED,
            MailState.BOUNCED,
            MailState.FAILED,
            MailState.UNCERTAIN,
        }
    ),
    MailState.SENT: frozenset(),
    MailState.CANCELLED: frozenset(),
    MailState.SUPPRESSED: frozenset(),
    MailState.MISSED: frozenset(),
    MailState.BOUNCED: frozenset(),
    MailState.FAILED: frozenset(),
    MailState.UNCERTAIN: frozenset(),
}

HELD = frozenset({MailState.CLAIMED, MailState.SENDING})
CANCELLABLE = frozenset({MailState.SCHEDULED, MailState.CLAIMED})
LIVE = CANCELLABLE | HELD
PROBLEMS = frozenset({MailState.BOUNCED, MailState.FAILED, MailState.MISSED, MailState.UNCERTAIN})
