"""Accounts and the people in them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shared import mailing
from crm.shared.directory_events import PersonErased
from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import EventRecord, Suppression
from crm.shared.panels import panels_for_row
from crm.shared.roles import Permission
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import refuse, require, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import lookalikes, policies
from deals.actions import directory
from deals.filters import AccountFilters, ContactFilters
from deals.forms import AccountForm, ConsentForm, ContactForm, ReachForm
from deals.funnels import counts_in
from deals.models import Account, Contact, Deal, NoContact, Segment, TargetList
from deals.states import DealStatus
from deals.views.answers import CONFLICT, INVALID, allow, sent
from deals.views.pipeline import BAD_REQUEST, ROWS
from deals.views.rows import row_of, usual_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

SUGGESTIONS = 8
DEALS_SHOWN = 50
ANYWAY = "anyway"  # the button of a form that was told what it looks like


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """A page of accounts with their deals counted."""
    user = require(request, Permission.SEE_DEALS)
    seen = Account.objects.listed_for(user)
    context, status = _page_of(request, AccountFilters, seen, named_by=["owner"])
    counts = counts_of(context["rows"], Deal.objects.visible_to(user).current())
    context["rows"] = [
        {"account": one, "counts": counts.get(one.pk, {})} for one in context["rows"]
    ]
    context |= {
        "kind": "accounts",
        "new_path": reverse("deals:new-account"),
        "address": request.GET.urlencode(),
    }
    return render(request, "deals/accounts.html", context, status=status)


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """A page of people, with where they work."""
    user = require(request, Permission.SEE_DEALS)
    seen = Contact.objects.listed_for(user)
    context, status = _page_of(request, ContactFilters, seen, named_by=["account", "owner"])
    context |= {"kind": "contacts", "new_path": reverse("deals:new-contact")}
    return render(request, "deals/contacts.html", context, status=status)


def _page_of(
    request: HttpRequest,
    filterset: type[AccountFilters | ContactFilters],
    seen: QuerySet[Any],
    *,
    named_by: Sequence[str],
) -> tuple[dict[str, Any], int]:
    """A page by name, without what is archived unless that is asked for; nothing where the filter makes no sense."""
    filters = filterset(request.GET, queryset=seen, request=request, other_params={"cursor"})
    is_valid = filters.is_valid()
    found = filters.qs if is_valid else seen.none()
    if is_valid and filters.form.cleaned_data["archived"] == "":
        found = found.filter(archived_at=None)
    if not found.query.order_by:
        found = found.order_by("name")
    cursor = request.GET.get("cursor", "")
    page = keyset_page(found, cursor=cursor, size=ROWS, named_by=named_by)
    context = {
        "form": filters.form,
        "rows": page.rows,
        "page": page,
        "is_filtered": bool(request.GET.keys() - {"cursor", "ordering"}),
        "shows_archived": is_valid and filters.form.cleaned_data["archived"] is True,
        "may_work": policies.may_work(signed_in(request)),
    }
    return context, 200 if is_valid else BAD_REQUEST


def counts_of(page: Sequence[Account], deals: QuerySet[Deal]) -> dict[int, dict[str, int]]:
    """How many of these deals are open, won and lost, by account."""
    rows: Iterable[Mapping[str, Any]] = (
        deals.filter(account__in=[one.pk for one in page])
        .order_by()
        .values("account")
        .annotate(
            open=Count("pk", filter=Q(status=DealStatus.OPEN)),
            won=Count("pk", filter=Q(status=DealStatus.WON)),
            lost=Count("pk", filter=Q(status=DealStatus.LOST)),
        )
    )
    return {row["account"]: dict(row) for row in rows}


@require_safe
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """A company: its facts, its people, its deals."""
    user = signed_in(request)
    found = visible_or_404(Account.objects.visible_to(user).select_related("owner"), pk)
    people = Contact.objects.visible_to(user).current().filter(account=found)
    deals = Deal.objects.visible_to(user).current().filter(account=found).with_names()
    segments = list(Segment.objects.visible_to(user).current())
    among = counts_in(segments, among=Account.objects.visible_to(user).filter(pk=pk))
    context = {
        "account": found,
        "people": people,
        "lists": TargetList.objects.visible_to(user).current().filter(suspects__account=found),
        "segments": [one for one in segments if among[one.pk]],
        "rows": _rows(deals),
        "columns": usual_columns("", shows_owner=True),
        "panels": panels_for_row(request, found),
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/account.html", context)


@require_safe
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A person: how to reach them, and the deals they have a part in."""
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user).select_related("account", "owner"), pk)
    part = Q(contact=found) | Q(stakeholders__contact=found)
    deals = Deal.objects.visible_to(user).current().filter(part).distinct().with_names()
    context = {
        "contact": found,
        "rows": _rows(deals),
        "columns": usual_columns("", shows_owner=True),
        "panels": panels_for_row(request, found),
        "may_work": policies.may_work(user),
        "may_erase": policies.may_erase_person(user),
        "sees_all": user.visible_owner_ids is None,
        "erasure": _erasure(found),
        "refusal": None if found.refuses(NoContact.EMAIL) else _refusal(found),
    }
    return render(request, "deals/contact.html", context)


def _refusal(contact: Contact) -> Suppression | None:
    """What stops mail to their address though nothing is noted with them: the link in a mail, or that they were erased once."""
    return mailing.is_suppressed(contact.email) if contact.email else None


def _erasure(contact: Contact) -> EventRecord | None:
    """Who erased them, and when."""
    if contact.erased_at is None:
        return None
    of_nobody = EventRecord.objects.filter(deal_id=None, subject_kind="row", subject_id=contact.pk)
    return of_nobody.filter(name=PersonErased.name).select_related("actor").last()


def _rows(deals: Any) -> list[Any]:
    now = timezone.now()
    return [row_of(deal, now=now) for deal in deals.order_by("-pk")[:DEALS_SHOWN]]


@require_safe
def find_accounts(request: HttpRequest) -> HttpResponse:
    """Names of accounts with what is typed in them, as options of a list."""
    user = require(request, Permission.SEE_DEALS)
    typed = request.GET.get("account_name", "").strip()
    seen = Account.objects.visible_to(user).current()
    names = [one.name for one in seen.first_found_by(typed, most=SUGGESTIONS)]
    return render(request, "deals/_account_options.html", {"names": names})


# ---- new and edit ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Add a company."""
    user = require(request, Permission.WORK_DEALS)
    form = AccountForm(sent(request), user=user)
    seen = Account.objects.visible_to(user).current()
    alike = _alike(request, form, partial(lookalikes.accounts_like, among=seen))
    if request.method == "POST" and form.is_valid() and not alike:
        added = directory.add_accounts([form.changes()], by=user)[0]
        toast(request, _("%(account)s is added.") % {"account": added.name})
        return redirect("deals:account", pk=added.pk)
    status = INVALID if form.is_bound else 200
    context = {"form": form, "alike": alike, "alike_path": "deals:account"}
    return render(request, "deals/account_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
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
    seen = Contact.objects.visible_to(user).current()
    alike = _alike(request, form, partial(lookalikes.contacts_like, among=seen))
    if request.method == "POST" and form.is_valid() and not alike:
        added = directory.add_contacts([form.changes()], by=user)[0]
        toast(request, _("%(name)s is added.") % {"name": added.name})
        return redirect("deals:contact", pk=added.pk)
    status = INVALID if form.is_bound else 200
    context = {"form": form, "account": known, "alike": alike, "alike_path": "deals:contact"}
    return render(request, "deals/contact_form.html", context, status=status)


def _alike(request: HttpRequest, form: Any, find: Callable[[dict[str, Any]], Any]) -> Any:
    """What a new row looks like, unless somebody saw that and saves it anyway."""
    if request.method != "POST" or ANYWAY in request.POST or not form.is_valid():
        return []
    return find(form.changes())


@require_http_methods(["GET", "HEAD", "POST"])
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


def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts of a person."""
    return _edit_contact(request, pk, ContactForm, "contact_form")


def edit_reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how a person is reached, and what they do not want."""
    return _edit_contact(request, pk, ReachForm, "contact_part", heading=_("How to reach them"))


def edit_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Change on what basis a person gets e-mail."""
    return _edit_contact(request, pk, ConsentForm, "contact_part", heading=_("Basis for e-mail"))


@require_http_methods(["GET", "HEAD", "POST"])
def _edit_contact(
    request: HttpRequest, pk: int, form_class: type[Any], template: str, *, heading: str = ""
) -> HttpResponse:
    user = signed_in(request)
    found = visible_or_404(Contact.objects.visible_to(user).select_related("account", "owner"), pk)
    allow(policies.may_work(user))
    form = form_class(sent(request), instance=found, user=user)
    form, status = _save(
        form,
        lambda: Contact.objects.select_related("account").get(pk=pk),
        lambda row, **changes: directory.edit_contact(row, by=user, **changes),
    )
    if status is None:
        toast(request, _("Saved."))
        return redirect("deals:contact", pk=pk)
    context = {"form": form, "contact": found, "account": found.account, "heading": heading}
    return render(request, f"deals/{template}.html", context, status=status)


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
