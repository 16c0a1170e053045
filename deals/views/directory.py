"""Accounts and the people in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.roles import Permission
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import refuse, require, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import directory
from deals.filters import AccountFilters
from deals.forms import AccountForm, ContactForm
from deals.models import Account, Contact, Deal
from deals.states import DealStatus
from deals.views.answers import CONFLICT, INVALID, allow, sent
from deals.views.pipeline import BAD_REQUEST, ROWS, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User

SUGGESTIONS = 8
DEALS_SHOWN = 50


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """A page of accounts with their deals counted."""
    user = require(request, Permission.SEE_DEALS)
    seen = Account.objects.visible_to(user)
    filters = AccountFilters(request.GET, queryset=seen, request=request, other_params={"cursor"})
    is_valid = filters.is_valid()
    found = filters.qs.current().select_related("owner") if is_valid else Account.objects.none()
    if not found.query.order_by:
        found = found.order_by("name")
    page = keyset_page(found, cursor=request.GET.get("cursor", ""), size=ROWS)
    context = {
        "form": filters.form,
        "rows": _with_counts(page.rows, user),
        "page": page,
        "is_filtered": bool(request.GET.keys() - {"cursor", "ordering"}),
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/accounts.html", context, status=200 if is_valid else BAD_REQUEST)


def _with_counts(page: Sequence[Account], user: User) -> list[dict[str, Any]]:
    """Each account with its open, won and lost deals that `user` sees."""
    deals = Deal.objects.visible_to(user).current().filter(account__in=[one.pk for one in page])
    counts = {
        row["account"]: row
        for row in deals.order_by()
        .values("account")
        .annotate(
            open=Count("pk", filter=Q(status=DealStatus.OPEN)),
            won=Count("pk", filter=Q(status=DealStatus.WON)),
            lost=Count("pk", filter=Q(status=DealStatus.LOST)),
        )
    }
    return [{"account": one, "counts": counts.get(one.pk, {})} for one in page]


@require_GET
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """A company: its facts, its people, its deals."""
    user = signed_in(request)
    found = visible_or_404(Account.objects.visible_to(user).select_related("owner"), pk)
    people = Contact.objects.visible_to(user).current().filter(account=found)
    deals = Deal.objects.visible_to(user).current().filter(account=found).with_names()
    context = {
        "account": found,
        "people": people,
        "rows": _rows(deals),
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/account.html", context)


@require_GET
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A person: how to reach them, and the deals they have a part in."""
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user).select_related("account", "owner"), pk)
    part = Q(contact=found) | Q(stakeholders__contact=found)
    deals = Deal.objects.visible_to(user).current().filter(part).distinct().with_names()
    context = {"contact": found, "rows": _rows(deals), "may_work": policies.may_work(user)}
    return render(request, "deals/contact.html", context)


def _rows(deals: Any) -> list[Any]:
    now = timezone.now()
    return [row_of(deal, now=now) for deal in deals.order_by("-pk")[:DEALS_SHOWN]]


@require_GET
def find_accounts(request: HttpRequest) -> HttpResponse:
    """Names of accounts that begin like what is typed, as options of a list."""
    user = require(request, Permission.SEE_DEALS)
    typed = request.GET.get("account_name", "").strip()
    seen = Account.objects.visible_to(user).current().filter(name__istartswith=typed)
    names = seen.order_by("name").values_list("name", flat=True)[:SUGGESTIONS] if typed else []
    return render(request, "deals/_account_options.html", {"names": names})


# ---- new and edit ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Add a company."""
    user = require(request, Permission.WORK_DEALS)
    form = AccountForm(sent(request), user=user)
    if request.method == "POST" and form.is_valid():
        added = directory.add_accounts([form.changes()], by=user)[0]
        toast(request, _("%(account)s is added.") % {"account": added.name})
        return redirect("deals:account", pk=added.pk)
    status = INVALID if form.is_bound else 200
    return render(request, "deals/account_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def new_contact(request: HttpRequest) -> HttpResponse:
    """Add a person; `?account=` names their company."""
    user = require(request, Permission.WORK_DEALS)
    named = request.GET.get("account", "")
    known = (
        visible_or_404(Account.objects.visible_to(user), int(named))
        if named.isascii() and named.isdigit()
        else None
    )
    country = known.country if known else ""
    start = Contact(account=known, country=country)
    form = ContactForm(sent(request), instance=start, user=user)
    if request.method == "POST" and form.is_valid():
        added = directory.add_contacts([form.changes()], by=user)[0]
        toast(request, _("%(name)s is added.") % {"name": added.name})
        return redirect("deals:contact", pk=added.pk)
    status = INVALID if form.is_bound else 200
    return render(
        request, "deals/contact_form.html", {"form": form, "account": known}, status=status
    )


@require_http_methods(["GET", "POST"])
def edit_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts of a company."""
    user = signed_in(request)
    found = visible_or_404(Account.objects.visible_to(user).select_related("owner"), pk)
    allow(policies.may_work(user))
    form = AccountForm(sent(request), instance=found, user=user)
    form, status = _save(
        form,
        lambda: Account.objects.get(pk=pk),
        lambda row, **changes: directory.edit_account(row, by=user, **changes),
    )
    if status is None:
        toast(request, _("Saved."))
        return redirect("deals:account", pk=pk)
    context = {"form": form, "account": found}
    return render(request, "deals/account_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts of a person."""
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user).select_related("account", "owner"), pk)
    allow(policies.may_work(user))
    form = ContactForm(sent(request), instance=found, user=user)
    form, status = _save(
        form,
        lambda: Contact.objects.select_related("account").get(pk=pk),
        lambda row, **changes: directory.edit_contact(row, by=user, **changes),
    )
    if status is None:
        toast(request, _("Saved."))
        return redirect("deals:contact", pk=pk)
    context = {"form": form, "contact": found, "account": found.account}
    return render(request, "deals/contact_form.html", context, status=status)


def _save(
    form: Any, read_again: Callable[[], Any], edit: Callable[..., object]
) -> tuple[Any, int | None]:
    """None when the changes are written; else the form to show, and its status."""
    if not form.is_bound:
        return form, 200
    if not form.is_valid():
        return form, INVALID
    current = read_again()
    try:
        edit(current, version=form.cleaned_data["version"], **form.changes())
    except StaleVersion:
        return form.over(current), CONFLICT
    except ActionRefused as refusal:
        refuse(form, refusal)
        return form, INVALID
    return form, None
