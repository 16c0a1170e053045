"""The buyer's page: no sign-in, no cookie, no script. The link is all that is needed, once."""

import hashlib
import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.shared import letters
from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import refuse
from crm.shared.working_days import local_day, zone_of
from deals.models import LossReason
from reviews.actions import feedback as feedback_actions
from reviews.actions.inviting import hash_of
from reviews.forms import FeedbackForm
from reviews.models import FeedbackInvitation
from reviews.states import AWAITING_ANSWER, InvitationState

A_MINUTE = 60  # seconds
REQUESTS_A_MINUTE = 20
ENDED, INVALID, TOO_MANY = 404, 422, 429


# With "no-referrer" a browser sends "Origin: null", which the CSRF check refuses; and there is nothing for it to
# protect: no session is used, only the token in the address.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, however often a mail scanner comes. POST takes one answer (A3, D7)."""
    may_ask = not is_too_often(request)
    invitation = _invitation(token) if may_ask else None
    zone = invitation.contact.time_zone if invitation else ""
    with translation.override(_language(request, invitation)), timezone.override(zone_of(zone)):
        if not may_ask:
            return _too_often(request)
        if invitation is None or not _is_open(invitation):
            return _after(request, invitation)
        return _ask(request, invitation)


def _too_often(request: HttpRequest) -> HttpResponse:
    response = _page(request, None, "feedback_ended.html", status=TOO_MANY)
    response["Retry-After"] = str(A_MINUTE)
    return response


def _ask(request: HttpRequest, invitation: FeedbackInvitation) -> HttpResponse:
    if request.method != "POST":
        return _question(request, invitation, FeedbackForm(reasons=_reasons()))
    form = FeedbackForm(request.POST, reasons=_reasons())
    if not form.is_valid():
        return _question(request, invitation, form, status=INVALID)
    now = timezone.now()
    today = local_day(now, invitation.contact.time_zone)
    try:
        feedback_actions.answer(invitation, given=form.answer(today=today), now=now)
    except ActionRefused as refusal:
        invitation.refresh_from_db(fields=["state"])
        if not _is_open(invitation):
            return _after(request, invitation)
        refuse(form, refusal)
        return _question(request, invitation, form, status=INVALID)
    return _guarded(redirect(request.get_full_path()))


def is_too_often(request: HttpRequest) -> bool:
    """More than 20 requests from one address in this minute. Without its cache it lets everybody in."""
    address = hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()
    key = f"feedback-rate:{address}:{int(time.time() // A_MINUTE)}"
    cache.add(key, 0, timeout=2 * A_MINUTE)
    try:
        return bool(cache.incr(key) > REQUESTS_A_MINUTE)
    except ValueError:  # it ran out between the two calls
        return False


def _invitation(token: str) -> FeedbackInvitation | None:
    return (
        FeedbackInvitation.objects.with_token_hash(hash_of(token))
        .select_related("contact", "mail", "deal__product")
        .first()
    )


def _is_open(invitation: FeedbackInvitation) -> bool:
    ends_at = invitation.expires_at
    return invitation.state in AWAITING_ANSWER and ends_at is not None and ends_at > timezone.now()


def _reasons() -> list[LossReason]:
    return list(LossReason.objects.choosable())


def _question(
    request: HttpRequest,
    invitation: FeedbackInvitation,
    form: FeedbackForm,
    *,
    status: int = 200,
) -> HttpResponse:
    product = invitation.deal.product.name if invitation.deal.product else ""
    problems = [error for errors in form.errors.values() for error in errors]
    context = {
        "form": form,
        "problems": problems,
        "product": product,
        "ends_at": invitation.expires_at,
    }
    return _page(request, invitation, "feedback.html", status=status, **context)


def _after(request: HttpRequest, invitation: FeedbackInvitation | None) -> HttpResponse:
    """Thanks, for a link that was answered; else the same calm page for one that ended and one that never was."""
    if invitation is not None and invitation.state == InvitationState.ANSWERED:
        return _page(request, invitation, "feedback_thanks.html")
    return _page(request, None, "feedback_ended.html", status=ENDED)


def _page(
    request: HttpRequest,
    invitation: FeedbackInvitation | None,
    name: str,
    *,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    stop = (
        letters.unsubscribe_url(invitation.mail.message_id)
        if invitation and invitation.mail
        else ""
    )
    around = {
        "company": settings.COMPANY_NAME,
        "address": settings.COMPANY_ADDRESS,
        "languages": settings.LANGUAGES,
        "language": translation.get_language(),
        "stop_url": stop,
    }
    return _guarded(render(request, f"reviews/{name}", around | context, status=status))


def _language(request: HttpRequest, invitation: FeedbackInvitation | None) -> str:
    """The one chosen on the page, else the reader's own, else what the browser asks for."""
    known = dict(settings.LANGUAGES)
    own = invitation.contact.language.lower() if invitation else ""
    wanted = [request.GET.get("lang", ""), own, translation.get_language_from_request(request)]
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)


def _guarded(response: HttpResponse) -> HttpResponse:
    """The address holds the key, so nothing may carry it on; and no search engine wants it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
