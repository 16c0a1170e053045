"""Proposals of a deal: send, answer, and the buyer's objections point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import proposals
from deals.forms.stand import AnswerForm, Objections, ProposalForm
from deals.models import Proposal
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, sent, show, way_back
from deals.views.asking import ask

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal that went to the buyer; what comes next is agreed with them then."""
    user, deal = deal_of(request, pk)
    allow(policies.may_work(user))
    form = ProposalForm(sent(request), deal=deal)

    def act() -> None:
        proposals.send(deal, by=user, **form.cleaned_data)

    return ask(
        request,
        deal,
        form,
        act,
        title=_("A proposal went out"),
        lead=_("What was offered, in short."),
        submit=_("It is sent"),
        icon="send",
        said=_("Proposal noted. When and how shall you come back to them? Agree a next step."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the buyer said to it."""
    user, proposal = _workable(request, pk)
    form = AnswerForm(sent(request))

    def act() -> None:
        proposals.answer(proposal, by=user, **form.cleaned_data)

    return ask(
        request,
        proposal.deal,
        form,
        act,
        title=_("What did they answer?"),
        submit=_("Save the answer"),
        said=_("Answer noted."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def objections(request: HttpRequest, pk: int) -> HttpResponse:
    """Each point of the buyer's with our reply, and whether that settled it."""
    user, proposal = _workable(request, pk)
    rows = Objections(sent(request), initial=proposal.objections, prefix="points")
    back = way_back(request, reverse("deals:deal", args=[proposal.deal_id]))
    status, refused = 200, ""
    if rows.is_bound:
        status = INVALID
        if rows.is_valid():
            said = [row for row in rows.cleaned_data if row.get("objection")]
            version = request.POST.get("version", "")
            try:
                proposals.note_objections(
                    proposal,
                    objections=said,
                    by=user,
                    version=int(version) if version.isascii() and version.isdigit() else None,
                )
            except ActionRefused as refusal:
                status, refused = CONFLICT, refusal.message
            else:
                toast(request, _("Objections noted."))
                return redirect(back)
    context = {
        "deal": proposal.deal,
        "proposal": proposal,
        "rows": rows,
        "refused": refused,
        "back": back,
        "title": _("Their objections, point by point"),
        "close": _("Close"),
    }
    return show(request, "objections", context, status=status)


def _workable(request: HttpRequest, pk: int) -> tuple[User, Proposal]:
    user = signed_in(request)
    seen = Proposal.objects.visible_to(user).select_related("deal__account")
    proposal = visible_or_404(seen, pk)
    allow(policies.may_work(user))
    return user, proposal
