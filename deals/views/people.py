"""The people on a deal as a small map: left against, right for us; in the room above, outside below (D5)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import refuse, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import directory, taking_part
from deals.forms import StakeholderForm
from deals.forms.stand import ShareForm
from deals.models import Stakeholder
from deals.states import Role
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent, show
from deals.views.asking import ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse


DECIDING = {Role.DECISION_MAKER, Role.ECONOMIC_BUYER}
WIDTH, RADIUS, STEP, TOP = 262, 15, 46, 42  # pixels; the text is never scaled
LEAST_ROOM, LEAST_OUTSIDE = 132, 64


@dataclasses.dataclass(frozen=True)
class Dot:
    """A person's place on the map."""

    person: Stakeholder
    x: int
    y: int
    decides: bool
    keeps_the_gate: bool

    @property
    def text_y(self) -> int:
        return self.y + 4

    @property
    def corner(self) -> tuple[int, int]:
        """Where the square of a gatekeeper begins."""
        return self.x - RADIUS, self.y - RADIUS


@dataclasses.dataclass(frozen=True)
class Map:
    dots: list[Dot]
    room_height: int
    outside_top: int
    outside_height: int
    words: str

    @property
    def outside_words(self) -> int:
        return self.outside_top + 16

    @property
    def outside_line(self) -> int:
        return self.outside_top + 4

    @property
    def outside_end(self) -> int:
        return self.outside_top + self.outside_height

    @property
    def legend_y(self) -> int:
        return self.outside_end + 16

    @property
    def height(self) -> int:
        return self.outside_end + 22


def map_of(people: Sequence[Stakeholder]) -> Map | None:
    """Where each stands; people of the same stance stand below each other."""
    if not people:
        return None
    inside = [person for person in people if person.in_the_room]
    outside = [person for person in people if not person.in_the_room]
    in_room, rows_in = _dots(inside, top=TOP)
    room_height = max(LEAST_ROOM, rows_in * STEP + TOP - 4)
    outside_top = room_height + 8
    out_there, rows_out = _dots(outside, top=outside_top + TOP - 6)
    outside_height = max(LEAST_OUTSIDE, rows_out * STEP + 18)
    return Map(
        dots=[*in_room, *out_there],
        room_height=room_height,
        outside_top=outside_top,
        outside_height=outside_height,
        words="; ".join(_words(person) for person in people),
    )


def _dots(people: Sequence[Stakeholder], *, top: int) -> tuple[list[Dot], int]:
    """Dots in as many rows as it takes for neighbours not to overlap."""
    dots: list[Dot] = []
    rows: list[set[int]] = []
    for person in people:
        near = {person.stance - 1, person.stance, person.stance + 1}
        row = next((n for n, taken in enumerate(rows) if not taken & near), len(rows))
        if row == len(rows):
            rows.append(set())
        rows[row].add(person.stance)
        x = WIDTH // 2 + person.stance * (WIDTH // 2 - RADIUS - 9) // 2
        decides, keeps = person.role in DECIDING, person.role == Role.GATEKEEPER
        dots.append(Dot(person, x, top + row * STEP, decides, keeps))
    return dots, len(rows)


def _words(person: Stakeholder) -> str:
    stances = {
        -2: _("against"),
        -1: _("leaning against"),
        0: _("neutral"),
        1: _("leaning to us"),
        2: _("for us"),
    }
    words = [person.contact.name, person.get_role_display().lower(), stances[person.stance]]
    if not person.in_the_room:
        words.append(_("outside"))
    if not person.met:
        words.append(_("not met"))
    return ", ".join(words)


def missing_roles(people: Sequence[Stakeholder]) -> list[str]:
    """Who is not there yet, or not met, in words (B9, D5). A gatekeeper opens doors and decides nothing."""
    deciding = [person for person in people if person.role in DECIDING]
    if not deciding:
        only_gate = people and all(person.role == Role.GATEKEEPER for person in people)
        found = [_("Only a gatekeeper so far: who decides?")] if only_gate else []
        found = found or [_("No decision-maker yet")]
    else:
        met = any(person.met for person in deciding)
        found = [] if met else [_("The decision-maker is not met yet")]
    if not any(person.role == Role.CHAMPION for person in people):
        found.append(_("No champion yet"))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody on the deal, or change their part; `?stakeholder=` names who."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    named = request.GET.get("stakeholder", "")
    known = (
        visible_or_404(Stakeholder.objects.visible_to(user).filter(deal=deal), int(named))
        if named.isascii() and named.isdigit()
        else None
    )
    form = StakeholderForm(sent(request), instance=known, user=user, deal=deal)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            directory.add_stakeholder(deal, by=user, **form.cleaned_data)
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
        else:
            toast(request, _("%(name)s is on the deal.") % {"name": form.cleaned_data["contact"]})
            return redirect("deals:deal", pk=deal.pk)
    elif request.method == "POST":
        status = INVALID
    new_contact = f"{reverse('deals:new-contact')}?account={deal.account_id or ''}"
    context = {"deal": deal, "form": form, "known": known, "new_contact": new_contact}
    return show(request, "person", context, status=status)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person off the deal; the person and what was said with them stay."""
    user = signed_in(request)
    seen = Stakeholder.objects.visible_to(user).select_related("contact")
    known = visible_or_404(seen, pk)
    allow(policies.may_work(user))
    taking_part.remove_stakeholder(known, by=user)
    toast(request, _("%(name)s is off the deal.") % {"name": known.contact.name})
    return redirect("deals:deal", pk=known.deal_id)


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Which colleagues see the deal beside its owner."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    shared = list(deal.collaborators.values_list("pk", flat=True))
    form = ShareForm(sent(request), deal=deal, initial={"people": shared})

    def act() -> None:
        taking_part.share(deal, people=form.cleaned_data["people"], by=user)

    return ask(
        request,
        deal,
        form,
        act,
        title=_("Share the deal"),
        lead=_("They see it and all that hangs on it, and can work on it."),
        submit=_("Save"),
        said=_("Saved."),
    )
