"""Whether a closing says what it must, and only what it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from deals.states import REFLECTION, Answer, WinFactor

if TYPE_CHECKING:
    import datetime as dt

    from deals.actions.closing import Closing, Loss, Win
    from deals.models import Deal


def check_loss(entry: Loss) -> None:
    """Whether a loss says what it must, and only what it may. Raises ActionRefused."""
    if entry.reason.needs_note and not entry.note.strip() and not entry.historical:
        raise ActionRefused(
            _("“%(reason)s” asks for a note.") % {"reason": entry.reason.name},
            fields={"note": _("Say in a few words what it was.")},
        )
    if unknown := set(entry.reflection) - set(REFLECTION):
        raise ActionRefused(
            _("Unknown question."), fields={"reflection": ", ".join(sorted(unknown))}
        )
    if set(entry.reflection.values()) - set(Answer.values):
        raise ActionRefused(
            _("Answer yes, no or unknown."), fields={"reflection": _("Yes, no or unknown.")}
        )
    check_competitor(entry)
    named = [entry.reason, *entry.other_reasons]
    if len({reason.pk for reason in named}) < len(named):
        raise ActionRefused(
            _("Each reason once."), fields={"other_reasons": _("This reason is named twice.")}
        )


def check_win(entry: Win) -> None:
    check_competitor(entry)
    if unknown := set(entry.won_because) - set(WinFactor.values):
        raise ActionRefused(_("Unknown reason."), fields={"reasons": ", ".join(sorted(unknown))})


def check_competitor(entry: Loss | Win) -> None:
    if entry.competitor is not None and entry.no_competitor:
        text = _("Either somebody, or nobody else.")
        raise ActionRefused(text, fields={"competitor": text})


def check_time(entry: Closing, deal: Deal, *, now: dt.datetime) -> None:
    """No closing lies in the future, or before the last touch (invariant 2).

    It may lie before the opening: whoever enters a deal late says when it was lost, not when it began.
    """
    if entry.at is None:
        return
    if entry.at > now:
        raise ActionRefused(
            _("A closing cannot lie in the future."), fields={"at": _("Not later than now.")}
        )
    if deal.last_touch_at and entry.at < deal.last_touch_at:
        raise ActionRefused(
            _("There was a touch after that time."), fields={"at": _("Not before the last touch.")}
        )
