"""The page of asks with their letters, and each step of an ask in place."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.shared import mailing
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals.models import Deal, NoContact
from referrals import letters, panels, policies
from referrals.actions import asks as asks_actions
from referrals.filters import ReferralAskFilters
from referrals.models import ReferralAsk
from referrals.states import AskState

ROWS = 25
CONFLICT, INVALID = 409, 422


@require_safe
def asks(request: HttpRequest) -> HttpResponse:
    """Whom to ask for a referral, each with the letter ready (A6)."""
    user = signed_in(request)
    _allow(policies.may_see(user))
    asked = request.GET.copy()
    if "state__in" not in asked:
        asked.setdefault("state", AskState.DUE)
    found = ReferralAsk.objects.visible_to(user).with_names().order_by("due_on", "pk")
    filters = ReferralAskFilters(asked, queryset=found, request=request, other_params={"page"})
    rows = filters.qs if filters.is_valid() else found.none()
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": with_letters(list(page), sender=user),
        "state": asked.get("state", "answered"),
        "problems": filters.form.errors,
        "today": timezone.localdate(),
        "may_ask": policies.may_ask(user),
    }
    return render(request, "referrals/asks.html", context)


@require_POST
def asked(request: HttpRequest, pk: int) -> HttpResponse:
    """The question was put: one press, in place."""
    letter = request.POST.get("letter", "")
    return _step(
        request,
        pk,
        lambda ask, user: asks_actions.asked(ask, by=user, now=timezone.now(), letter=letter),
        done=_("Marked as asked. An answer can come any time."),
    )


@require_POST
def given(request: HttpRequest, pk: int) -> HttpResponse:
    """They named somebody."""
    return _step(
        request,
        pk,
        lambda ask, user: asks_actions.given(ask, by=user, now=timezone.now()),
        done=_("A referral was given."),
    )


@require_POST
def declined(request: HttpRequest, pk: int) -> HttpResponse:
    """They named nobody."""
    return _step(
        request,
        pk,
        lambda ask, user: asks_actions.declined(ask, by=user, now=timezone.now()),
        done=_("Noted: no referral this time."),
    )


@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Not to be asked, with a reason."""
    why = request.POST.get("why", "")
    return _step(
        request,
        pk,
        lambda ask, user: asks_actions.waive(ask, by=user, why=why),
        done=_("Waived, with your reason on the record."),
    )


@require_safe
def panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """The asks of one deal, alone."""
    return _panel(request, deal_pk)


# ---- what they have in common --------------------------------------------------------------------


def with_letters(
    asks: Sequence[ReferralAsk], *, sender: User
) -> list[tuple[ReferralAsk, letters.Letter]]:
    """Each ask with its letter; who wants no mail is asked about once for all."""
    addresses = [ask.contact.email for ask in asks if ask.contact]
    unwilling = mailing.suppressed_among(addresses)
    return [
        (
            ask,
            letters.letter_for(
                ask,
                sender=sender,
                is_reachable=ask.contact is not None
                and not ask.contact.refuses(NoContact.EMAIL)
                and mailing.normal_address(ask.contact.email) not in unwilling,
            ),
        )
        for ask in asks
    ]


def _step(
    request: HttpRequest,
    pk: int,
    act: Callable[[ReferralAsk, User], ReferralAsk],
    *,
    done: str,
) -> HttpResponse:
    user = signed_in(request)
    ask = visible_or_404(ReferralAsk.objects.visible_to(user), pk)
    _allow(policies.may_ask(user))
    status = 200
    try:
        act(ask, user)
    except ActionRefused as refusal:
        messages.error(request, next(iter(refusal.fields.values()), refusal.message))
        status = INVALID if refusal.fields else CONFLICT
    else:
        toast(request, done)
    if not getattr(request, "htmx", False):
        return redirect(_way_back(request))
    return _in_place(request, ask, user=user, status=status)


def _way_back(request: HttpRequest) -> str:
    """The page that the press came from, if it names itself; else the asks."""
    named = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(named, allowed_hosts=None)
    return named if named and is_ours else reverse("referrals:asks")


def _in_place(request: HttpRequest, ask: ReferralAsk, *, user: User, status: int) -> HttpResponse:
    """The part of the page that the press came from: the deal's panel, or the row of a list."""
    if request.headers.get("HX-Target") == "referral-asks":
        return _panel(request, ask.deal_id)
    found = visible_or_404(ReferralAsk.objects.visible_to(user).with_names(), ask.pk)
    (row,) = with_letters([found], sender=user)
    context = {
        "ask": row[0],
        "letter": row[1],
        "today": timezone.localdate(),
        "may_ask": policies.may_ask(user),
    }
    return render(request, "referrals/_row.html", context, status=status)


def _panel(request: HttpRequest, deal_pk: int) -> HttpResponse:
    user = signed_in(request)
    deal = visible_or_404(Deal.objects.visible_to(user), deal_pk)
    shown = panels.asks(request, deal)
    if shown is None:
        return HttpResponse(status=204)
    return render(request, shown.template, {"panel": shown.context})


def _allow(permitted: bool) -> None:  # noqa: FBT001  (the answer of a policy)
    """Seen, but not allowed: 403."""
    if not permitted:
        raise PermissionDenied
