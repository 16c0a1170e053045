"""The order of a won deal: move it on, its dates, the value checks, and the next deal with this customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.shared.errors import ActionRefused
from crm.shared.views.mixins import signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import orders
from deals.forms.stand import OrderForm, OrderMoveForm, RepeatForm, ValueCheckForm
from deals.models import Order, ValueCheck
from deals.states import OrderState
from deals.views.answers import allow, sent, way_back
from deals.views.asking import ask

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.shared.models import User
    from deals.models import Deal


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """On to its next state, as of today or another day; an issue says what it is. `?state=` names it."""
    user, order = _workable(request, pk)
    initial = {"state": request.GET.get("state", ""), "on": timezone.localdate()}
    form = OrderMoveForm(sent(request), initial=initial)

    def act() -> None:
        said = form.cleaned_data
        orders.move(order, to=said["state"], on=said["on"], issue=said.get("issue", ""), by=user)

    wanted = str(form["state"].value() or "")
    label = OrderState(wanted).label if wanted in OrderState.values else _("The order")
    return ask(
        request,
        order.deal,
        form,
        act,
        title=str(label),
        submit=_("Save"),
        said=_("Order: %(state)s.") % {"state": str(label).lower()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """When it was promised, delivered and accepted, and how satisfied they are."""
    user, order = _workable(request, pk)
    form = OrderForm(sent(request), instance=order)

    def act() -> None:
        orders.edit(order, by=user, **form.cleaned_data)

    return ask(
        request,
        order.deal,
        form,
        act,
        title=_("The order"),
        submit=_("Save"),
        said=_("Saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Did they get what they bought it for? Asked 30 and 90 days after delivery; `skip` leaves it out."""
    user = signed_in(request)
    seen = ValueCheck.objects.visible_to(user).select_related("order__deal__account")
    found = visible_or_404(seen, pk)
    allow(policies.may_work(user))
    if request.method == "POST" and "skip" in request.POST:
        return _skipped(request, found, user=user)
    form = ValueCheckForm(sent(request), instance=found)

    def act() -> None:
        orders.check_value(found, by=user, now=timezone.now(), **form.cleaned_data)

    return ask(
        request,
        found.order.deal,
        form,
        act,
        title=_("Did the value come?"),
        lead=_("%(days)s days after delivery: what they got of it, in their words.")
        % {"days": found.after_days},
        submit=_("Done"),
        said=_("Value check done."),
    )


def _skipped(request: HttpRequest, found: ValueCheck, *, user: User) -> HttpResponse:
    try:
        orders.check_value(found, by=user, now=timezone.now(), skipped=True)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, _("Left out."))
    if getattr(request, "htmx", False) and request.POST.get("from") == "list":
        return HttpResponse()
    return redirect(way_back(request, reverse("deals:deal", args=[found.order.deal_id])))


@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the next deal with this customer, with account, people and product."""
    user, order = _workable(request, pk)
    form = RepeatForm(sent(request), initial={"title": order.deal.title})

    def act() -> Deal:
        return orders.repeat(order, by=user, title=form.cleaned_data["title"])

    return ask(
        request,
        order.deal,
        form,
        act,
        title=_("A new deal from this order"),
        lead=_("Same account, people and product; the two stay linked."),
        submit=_("Open it"),
        icon="repeat",
        said=_("Repeat business is open."),
    )


def _workable(request: HttpRequest, pk: int) -> tuple[User, Order]:
    user = signed_in(request)
    order = visible_or_404(Order.objects.visible_to(user).select_related("deal__account"), pk)
    allow(policies.may_work(user))
    return user, order
