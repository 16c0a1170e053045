"""The six questions (A4), each with what the system knows already beside it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.shared import display
from crm.shared.panels import evidence_for
from deals.models import Outcome
from deals.states import REFLECTION, Answer, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django import forms
    from django.forms.boundfield import BoundField

    from crm.shared.models import User
    from deals.models import Deal
    from deals.views.set_up import LastWords

DECIDING = (Role.DECISION_MAKER, Role.ECONOMIC_BUYER)


@dataclasses.dataclass(frozen=True)
class Question:
    """One of the six: its field, and the evidence in words, "" where there is none."""

    field: BoundField
    evidence: str


def six_questions(
    form: forms.Form, deal: Deal, *, user: User, words: LastWords | None
) -> list[Question]:
    """The questions with the evidence: of deals first, then of the apps that the wiring names."""
    known = _known(deal, user=user, words=words)
    told = evidence_for(deal)
    return [
        Question(
            field=form[f"six_{key}"],
            evidence=" ".join([*filter(None, [known.get(key, "")]), *told.get(key, [])]),
        )
        for key in REFLECTION
    ]


def _known(deal: Deal, *, user: User, words: LastWords | None) -> Mapping[str, str]:
    need = {
        Answer.YES: _("The need was confirmed."),
        Answer.NO: _("No need, by our own notes."),
        Answer.UNKNOWN: _("The need was never confirmed."),
    }
    return {
        "decision_makers": _deciding(deal),
        "problems": need[Answer(deal.need)],
        "proposal": _offer(deal),
        "competitors": _rivals(deal, user=user),
        "understood": words.source if words else _("Nothing in their own words on record."),
    }


def _deciding(deal: Deal) -> str:
    people = deal.stakeholders.filter(role__in=DECIDING).select_related("contact")
    met = [person.contact.name for person in people if person.met]
    missed = [person.contact.name for person in people if not person.met]
    lines = [
        _("Met: %(names)s.") % {"names": ", ".join(met)} if met else "",
        _("Not met: %(names)s.") % {"names": ", ".join(missed)} if missed else "",
    ]
    return " ".join(filter(None, lines)) or _("No decision-maker is on this deal.")


def _offer(deal: Deal) -> str:
    """The last offer, and what of it was never settled."""
    offer = deal.proposals.first()
    if offer is None:
        return _("No offer on record.")
    left = ngettext("%(n)s objection open", "%(n)s objections open", offer.unsettled)
    words = {"day": display.day(offer.sent_on), "left": left % {"n": offer.unsettled}}
    return (_("Offer of %(day)s, %(left)s.") if offer.unsettled else _("Offer of %(day)s.")) % words


def _rivals(deal: Deal, *, user: User) -> str:
    """Who was named when earlier deals of this account were closed."""
    if deal.account_id is None:
        return ""
    earlier = (
        Outcome.objects.visible_to(user)
        .standing()
        .filter(deal__account=deal.account_id, competitor__isnull=False)
    )
    names = sorted(set(earlier.values_list("competitor__name", flat=True)))
    return _("Named here before: %(names)s.") % {"names": ", ".join(names)} if names else ""
