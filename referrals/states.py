"""States of a referral ask and the moves between them."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shared.errors import ActionRefused


class AskState(models.TextChoices):
    DUE = "due", _("To be asked")
    ASKED = "asked", _("Asked")
    GIVEN = "given", _("Given")
    DECLINED = "declined", _("Declined")
    WAIVED = "waived", _("Waived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Origin(models.TextChoices):
    """What the ask goes back to."""

    LOSS = "loss", _("a no")
    WIN = "win", _("a win")
    FEEDBACK = "feedback", _("the buyer named somebody")


MOVES: Mapping[str, frozenset[str]] = {
    AskState.DUE: frozenset(
        {
            AskState.ASKED,
            AskState.GIVEN,
            AskState.DECLINED,
            AskState.WAIVED,
            AskState.WITHDRAWN,
        }
    ),
    AskState.ASKED: frozenset({AskState.GIVEN, AskState.DECLINED, AskState.WAIVED}),
    AskState.GIVEN: frozenset(),
    AskState.DECLINED: frozenset(),
    AskState.WAIVED: frozenset(),
    AskState.WITHDRAWN: frozenset(),
}


def check_move(current: str, new: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in MOVES[current]:
        raise ActionRefused(
            gettext("This ask is %(state)s already.")
            % {"state": str(AskState(current).label).lower()}
        )
