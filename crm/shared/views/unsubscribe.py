"""Opting out by one click, without sign-in (RFC 8058)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.shared import mailing
from crm.shared.letters import letter_of
from crm.shared.models import OutgoingMail


@csrf_exempt  # mail programs post without cookies; the signed token says which mail it came with
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """POST opts out, at once and as often as it comes. GET shows a button: mail scanners follow links."""
    letter_id = letter_of(token)
    mail = OutgoingMail.objects.filter(message_id=letter_id).first() if letter_id else None
    if mail is None:
        raise Http404
    if request.method == "POST":
        mailing.unsubscribe(mail)
    stopped = not mail.to_address or mailing.is_suppressed(mail.to_address, mail.scope)
    response = render(
        request,
        "mail/unsubscribe.html",
        {"mail": mail, "stopped": stopped, "company_name": settings.COMPANY_NAME},
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
