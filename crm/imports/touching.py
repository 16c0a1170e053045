"""What other systems call the kinds and outcomes of touches."""

from django.utils.translation import gettext as _

from crm.imports.formats import normal
from crm.imports.values import Unreadable
from followups.states import Channel, Direction, Result, Signal

CHANNELS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        Channel.CALL,
        frozenset(
            {"call", "phone", "anruf", "chiamata", "звонок", "telefon", "bellen", "nabellen"}
        ),
    ),
    (Channel.EMAIL, frozenset({"email", "mail", "e", "письмо"})),
    (
        Channel.MEETING,
        frozenset(
            {"meeting", "event", "demo", "appointment", "visit", "lunch", "start", "встреча"}
        ),
    ),
    (Channel.SOCIAL, frozenset({"linkedin", "social", "whatsapp", "sms"})),
    (Channel.POST, frozenset({"letter", "post", "postal"})),
)
NO_TOUCHES = frozenset({"note", "task", "todo", "deadline"})
RESULTS: dict[str, frozenset[str]] = {
    Result.ANSWERED: frozenset(
        {"connected", "answered", "interested", "spoke", "completed", "reached"}
    ),
    Result.NO_ANSWER: frozenset(
        {
            "no answer",
            "busy",
            "wrong number",
            "not answered",
            "missed",
            "not reached",
            "unreachable",
        }
    ),
    Result.LEFT_MESSAGE: frozenset(
        {"left voicemail", "left live message", "left message", "voicemail"}
    ),
    Result.BOUNCED: frozenset({"bounced", "bounce"}),
    Result.REPLIED: frozenset({"replied", "reply", "received"}),
    Result.KEPT: frozenset({"kept", "held", "attended"}),
    Result.NOT_KEPT: frozenset({"no show", "canceled", "cancelled", "rescheduled", "not kept"}),
    Result.SENT: frozenset({"sent", "delivered", "opened"}),
}
NOT_YET = frozenset({"planned", "scheduled", "not started", "to do"})
MEANT = {word: result for result, words in RESULTS.items() for word in words}


def channel(cell: str, named_for: str) -> Channel:
    """By the kind that the cell names, else by what the file calls the time (“Call Start Time”). Raises Unreadable."""
    if (own := cell.strip().lower()) in Channel.values:
        return Channel(own)
    words = frozenset(normal(cell or named_for).split())
    if words & NO_TOUCHES:
        raise Unreadable(_("Notes and tasks are no touches; they stay where they are."))
    for meant, names in CHANNELS:
        if words & names:
            return Channel(meant)
    raise Unreadable(_("Say whether it was a call, a meeting or an e-mail."))


def direction(cell: str) -> str:
    """From us or from the buyer; "" where nobody says."""
    word = normal(cell)
    if word.startswith(("in", "received")):
        return Direction.IN
    return Direction.OUT if word.startswith("out") else ""


def says_more(cell: str) -> bool:
    """Whether a cell says more than the kind: “Follow-up call”."""
    words = frozenset(normal(cell).split())
    return cell.strip().lower() not in Channel.values and any(
        not words <= names for meant, names in CHANNELS if words & names
    )


def is_result(cell: str) -> bool:
    """Whether a cell says nothing but what came of it, in words that are known."""
    word = normal(cell)
    return word in MEANT or word.replace(" ", "_") in Result.values


def result(cell: str, channel: Channel, direction: str, *, minutes: int | None) -> Result:
    """What came of it. Where nobody says: a call that took time was answered, a mail was sent, a meeting held.

    Raises Unreadable for what was only planned.
    """
    if normal(cell) in NOT_YET:
        raise Unreadable(_("This was planned: there is nothing to log yet."))
    if (own := normal(cell).replace(" ", "_")) in Result.values:
        return Result.KEPT if _is_held(own, channel) else Result(own)
    meant = MEANT.get(normal(cell))
    if meant is not None:
        return Result.KEPT if _is_held(meant, channel) else Result(meant)
    if channel == Channel.CALL:
        spoke = bool(minutes) or direction == Direction.IN
        return Result.ANSWERED if spoke else Result.NO_ANSWER
    if channel == Channel.MEETING:
        return Result.KEPT
    return Result.REPLIED if direction == Direction.IN else Result.SENT


def _is_held(meant: str, channel: Channel) -> bool:
    return channel == Channel.MEETING and meant == Result.ANSWERED


def signal(cell: str) -> str:
    """What the buyer let us feel, in our own words for it. Raises Unreadable."""
    own = normal(cell).replace(" ", "_")
    if own and own not in Signal.values:
        raise Unreadable(_("Warmer, cooler, or asked to stop."))
    return own
