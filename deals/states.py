"""States of a deal and the moves between them; the answers and lists that are code, not rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.shared.errors import ActionRefused


class DealStatus(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    DISQUALIFIED = "disqualified", _("Disqualified")


CLOSED = (DealStatus.WON, DealStatus.LOST, DealStatus.DISQUALIFIED)

MOVES: dict[str, frozenset[str]] = {
    DealStatus.OPEN: frozenset(CLOSED),
    DealStatus.WON: frozenset({DealStatus.OPEN}),
    DealStatus.LOST: frozenset({DealStatus.OPEN}),
    DealStatus.DISQUALIFIED: frozenset({DealStatus.OPEN}),
}


def check_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in MOVES[current]:
        raise ActionRefused(
            _("This deal is %(status)s already.") % {"status": DealStatus(current).label.lower()}
        )


class ProposalState(models.TextChoices):
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


PROPOSAL_MOVES: dict[str, frozenset[str]] = {
    ProposalState.SENT: frozenset(
        {ProposalState.ACCEPTED, ProposalState.DECLINED, ProposalState.WITHDRAWN}
    ),
    ProposalState.ACCEPTED: frozenset(),
    ProposalState.DECLINED: frozenset(),
    ProposalState.WITHDRAWN: frozenset(),
}


def check_proposal_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold: each proposal is answered once."""
    if new not in PROPOSAL_MOVES[current]:
        raise ActionRefused(
            _("This proposal is %(state)s already.")
            % {"state": ProposalState(current).label.lower()}
        )


class OrderState(models.TextChoices):
    """What becomes of a win (C7). `WITHDRAWN`: its win was undone."""

    CONFIRMED = "confirmed", _("Confirmed")
    DELIVERING = "delivering", _("Delivering")
    DELIVERED = "delivered", _("Delivered")
    ACCEPTED = "accepted", _("Accepted")
    ISSUE = "issue", _("Issue")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ORDER_MOVES: dict[str, tuple[str, ...]] = {  # in the order in which a page offers them
    OrderState.CONFIRMED: (OrderState.DELIVERING, OrderState.DELIVERED, OrderState.ISSUE),
    OrderState.DELIVERING: (OrderState.DELIVERED, OrderState.ISSUE),
    OrderState.DELIVERED: (OrderState.ACCEPTED, OrderState.ISSUE),
    OrderState.ACCEPTED: (OrderState.ISSUE,),
    OrderState.ISSUE: (OrderState.DELIVERING, OrderState.DELIVERED, OrderState.ACCEPTED),
    OrderState.WITHDRAWN: (),
}


def check_order_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in ORDER_MOVES[current]:
        raise ActionRefused(
            _("An order that is %(state)s does not become that.")
            % {"state": OrderState(current).label.lower()}
        )


class CheckState(models.TextChoices):
    """A value check some time after delivery."""

    DUE = "due", _("Due")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Left out")


class BulkVerb(models.TextChoices):
    """What can be done to many deals at once."""

    LOSE = "lose", _("Lost")
    DISQUALIFY = "disqualify", _("Not a fit")
    OWNER = "owner", _("Owner")
    STAGE = "stage", _("Stage")
    PRODUCT = "product", _("Product")
    TARGET_LIST = "target_list", _("Target list")
    SEGMENT = "segment", _("Segment")
    UNDO = "undo", _("Undo")


class JobState(models.TextChoices):
    """States of a bulk job; only a worker that holds it moves it on."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped")


class Sharing(models.TextChoices):
    """Who else may open a saved view."""

    NOBODY = "nobody", _("Nobody")
    TEAM = "team", _("My team")
    ALL = "all", _("Everybody")


class Phase(models.TextChoices):
    """The six SPANCO phases (C1). Stages are rows; each belongs to one of these."""

    SUSPECT = "suspect", _("Suspect")
    PROSPECT = "prospect", _("Prospect")
    APPROACH = "approach", _("Approach")
    NEGOTIATION = "negotiation", _("Negotiation")
    CONCLUSION = "conclusion", _("Conclusion")
    ORDER = "order", _("Order")


class Answer(models.TextChoices):
    """Qualification (B9) and the six reflection questions (A4)."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Don’t know")


class Control(models.TextChoices):
    """How much of a reason is in our hands (A2)."""

    OURS = "ours", _("Ours")
    PARTLY = "partly", _("Partly ours")
    THEIRS = "theirs", _("Theirs")


class Competition(models.TextChoices):
    """Who else the buyer considered: somebody we can name, nobody, or we do not know."""

    NAMED = "named", _("Named")
    NONE = "none", _("Nobody else")
    UNKNOWN = "unknown", _("Not known")


class OpenTasks(models.TextChoices):
    """What becomes of the open follow-ups of a deal that closes."""

    CANCEL = "cancel", _("Withdraw it")
    KEEP = "keep", _("Keep it")
    REVISIT = "revisit", _("Make it one call later")


class Disqualification(models.TextChoices):
    """Neither won nor lost: good judgement, kept out of every win rate (B2, sin 3)."""

    UNQUALIFIED = "unqualified", _("Not qualified")
    DUPLICATE = "duplicate", _("Duplicate")
    CANNOT_SERVE = "cannot_serve", _("We cannot serve them well")
    NOT_PROFITABLE = "not_profitable", _("Would not be profitable")


class WinFactor(models.TextChoices):
    """What decided a win."""

    VALUE = "value", _("Value of the solution")
    FIT = "fit", _("Fit with what they need")
    PRICE = "price", _("Price or terms")
    TRUST = "trust", _("Relationship or trust")
    SPEED = "speed", _("Speed")
    REFERENCES = "references", _("References or proof")
    PEOPLE = "people", _("The people they met")
    OTHER = "other", _("Something else")


class Role(models.TextChoices):
    """A person's role in a decision (D5, B9)."""

    DECISION_MAKER = "decision_maker", _("Decision-maker")
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    CHAMPION = "champion", _("Champion")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    EXPERT = "expert", _("Expert")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")


REFLECTION = {
    "decision_makers": _("Right decision-makers?"),
    "problems": _("Problems fully understood?"),
    "proposal": _("No surprises in the offer?"),
    "competitors": _("Knew who else they considered?"),
    "value": _("Gave something of value?"),
    "understood": _("Understand why they declined?"),
}

FIRST_NURTURE_DAYS = 45  # from a loss to the first step of staying in touch (A10)
