"""Parts of the deal page that refresh alone, and the buyer's answer noted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.shared.panels import Panel
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals.models import Deal
from reviews import panels, policies
from reviews.actions import feedback
from reviews.models import BuyerFeedback
from reviews.views.reviewing import allow


@require_safe
def reviews_panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """The review, or what we said we would do, alone."""
    return _alone(request, panels.reviews(request, _deal(request, deal_pk)))


@require_safe
def buyer_view_panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """The buyer's view alone."""
    return _alone(request, panels.buyer_view(request, _deal(request, deal_pk)))


@require_POST
def read_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer was read: it leaves Today."""
    user = signed_in(request)
    found = visible_or_404(BuyerFeedback.objects.visible_to(user).select_related("invitation"), pk)
    allow(policies.may_review(user))
    feedback.mark_read(found.invitation, by=user, now=timezone.now())
    toast(request, _("Noted. The answer stays on the deal."))
    if not getattr(request, "htmx", False):
        return redirect("deals:deal", pk=found.deal_id)
    if request.headers.get("HX-Target", "").startswith("due-"):
        return HttpResponse()
    return _alone(request, panels.buyer_view(request, _deal(request, found.deal_id)))


def _deal(request: HttpRequest, pk: int) -> Deal:
    return visible_or_404(Deal.objects.visible_to(signed_in(request)).with_names(), pk)


def _alone(request: HttpRequest, panel: Panel | None) -> HttpResponse:
    if panel is None:
        return HttpResponse(status=204)
    return render(request, panel.template, {"panel": panel.context})
