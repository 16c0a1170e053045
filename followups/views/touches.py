"""Log a touch: in the box of the deal page, in a row of Today, in a dialog, or on a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.shared import display
from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import refuse
from crm.shared.views.toasts import toast
from deals import policies as deal_policies
from deals.states import DealStatus
from deals.views.answers import CONFLICT, INVALID, allow, deal_of, way_back
from followups import panels, policies, words
from followups.actions import next_steps, touches
from followups.forms import RESULTS, TouchForm
from followups.models import FollowUp
from followups.states import Channel

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.models import Deal


@require_http_methods(["GET", "HEAD", "POST"])
def log_touch(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """Channel and result are enough; the plan then sets what comes next (B5)."""
    user, deal = deal_of(request, deal_pk)
    allow(policies.may_log(user))
    if request.method != "POST":
        return _asked(request, deal, user=user)
    form = TouchForm(request.POST, deal=deal, user=user)
    if not form.is_valid():
        return _again(request, form, deal, user=user, status=INVALID)
    try:
        touch = touches.log_touch(deal, by=user, **form.touch())
    except ActionRefused as refusal:
        refuse(form, refusal)
        status = INVALID if refusal.fields else CONFLICT
        _user, deal = deal_of(request, deal_pk)  # as it is now: perhaps the sweep came first
        return _again(request, form, deal, user=user, status=status)
    _user, deal = deal_of(request, deal_pk)
    toast(request, _said(touch.channel, deal))
    return _logged(request, deal, user=user, channel=touch.channel)


def _said(channel: str, deal: Deal) -> str:
    """“Call logged. Next: Thu 26 Nov, 09:00.”"""
    if deal.next_follow_up_at is None:
        return words.logged(channel)
    coming = _("Next: %(when)s.") % {"when": display.when(deal.next_follow_up_at)}
    return f"{words.logged(channel)} {coming}"


def _logged(request: HttpRequest, deal: Deal, *, user: User, channel: str) -> HttpResponse:
    """The row leaves the list, the box and the panels show what is new, or the page comes back."""
    place = request.POST.get("from", "")
    if getattr(request, "htmx", False) and place == "list":
        return HttpResponse()
    if getattr(request, "htmx", False) and place == "box":
        context = {
            "panel": panels.box_context(deal, user=user, now=timezone.now(), channel=channel),
            "others": [panels.plan(request, deal), panels.persistence(request, deal)],
        }
        return render(request, "followups/_touch_logged.html", context)
    return redirect(way_back(request, reverse("deals:deal", args=[deal.pk])))


def _asked(request: HttpRequest, deal: Deal, *, user: User) -> HttpResponse:
    """The form: as a strip below a row of Today, else as a dialog or a page."""
    named = request.GET.get("follow_up", "")
    waiting = FollowUp.objects.visible_to(user).open().filter(deal=deal).select_related("contact")
    follow_up = (
        waiting.filter(pk=int(named)).first() if named.isascii() and named.isdigit() else None
    )
    if "strip" in request.GET and follow_up is not None:
        return render(request, "followups/_strip.html", _strip(deal, follow_up))
    rhythm = next_steps.rhythm_of(deal)
    initial = {
        "channel": follow_up.channel if follow_up else rhythm.channel,
        "contact": follow_up.contact_id if follow_up else rhythm.contact,
        "follow_up": follow_up,
    }
    form = TouchForm(initial=initial, deal=deal, user=user)
    return _form(request, form, deal, status=200)


def _again(
    request: HttpRequest, form: TouchForm, deal: Deal, *, user: User, status: int
) -> HttpResponse:
    """The form again where it was, with what is wrong and what was typed."""
    place = request.POST.get("from", "") if getattr(request, "htmx", False) else ""
    wrong = " ".join(str(text) for texts in form.errors.values() for text in texts)
    if place == "list" and (follow_up := form.cleaned_data.get("follow_up")):
        context = _strip(deal, follow_up) | {"error": wrong, "note": request.POST.get("note", "")}
        response = render(request, "followups/_strip.html", context, status=status)
        response["HX-Retarget"] = (
            f"#strip-{follow_up.pk}"  # the row stays, its strip says what is wrong
        )
        return response
    if place == "box":
        chosen = request.POST.get("channel", "")
        box = panels.box_context(deal, user=user, now=timezone.now(), channel=chosen)
        box |= {"error": wrong, "note": request.POST.get("note"), **_ways_back(deal, user)}
        return render(request, "followups/_touch_box.html", {"panel": box}, status=status)
    return _form(request, form, deal, status=status)


def _ways_back(deal: Deal, user: User) -> dict[str, bool]:
    """What can be done about a closing that came first: undo it while that lasts, or open a second chance (rule 6)."""
    lasts = deal.outcome is not None and timezone.now() < deal_policies.undo_ends_at(deal.outcome)
    return {
        "may_undo": lasts and deal_policies.may_undo(user, deal),
        "is_lost": deal.status == DealStatus.LOST,
    }


def _form(request: HttpRequest, form: TouchForm, deal: Deal, *, status: int) -> HttpResponse:
    name = "_touch.html" if getattr(request, "htmx", False) else "touch.html"
    context = {
        "deal": deal,
        "form": form,
        "results": RESULTS.items(),
        "channel": form["channel"].value(),
        "channels": panels.channels(),
        "back": way_back(request, reverse("deals:deal", args=[deal.pk])),
    }
    return render(request, f"followups/{name}", context, status=status)


def _strip(deal: Deal, follow_up: FollowUp) -> dict[str, Any]:
    rhythm = next_steps.rhythm_of(deal)
    step = next_steps.step_by(rhythm, deal, since=timezone.now())
    _country, zone = next_steps.place_of(deal, rhythm.contact)
    return {
        "deal": deal,
        "follow_up": follow_up,
        "question": words.how_did_it_go(follow_up.channel),
        "results": RESULTS.get(follow_up.channel, RESULTS[Channel.CALL]),
        "next": panels.there(step.due_at, zone),
        "city": words.city_of(zone),
    }
