"""Target lists: each with its own funnel and the completeness of its suspects; filling, editing, archiving (C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shared import display
from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.roles import Permission
from crm.shared.views.keyset import keyset_page
from crm.shared.views.mixins import refuse, require, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals import policies
from deals.actions import target_lists as lists
from deals.filters import AccountFilters, Asker
from deals.forms.target_lists import FillForm, TargetListForm
from deals.funnels import funnels_of
from deals.models import Account, Deal, TargetList
from deals.states import DealStatus
from deals.suspects import COMPLETE
from deals.views.answers import CONFLICT, INVALID, allow, sent
from deals.views.directory import counts_of
from deals.views.pipeline import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from crm.shared.models import User
    from deals.querysets import AccountQuerySet

LONGEST_ID = 19  # digits of the largest id that a column holds


@require_safe
def target_lists(request: HttpRequest) -> HttpResponse:
    """The lists with the funnel of each; `?archived=true` those that are put away."""
    user = require(request, Permission.SEE_DEALS)
    seen = TargetList.objects.visible_to(user).order_by("name")
    is_archive = request.GET.get("archived") == "true"
    found = seen.filter(archived_at__isnull=not is_archive)
    cursor = request.GET.get("cursor", "")
    page = keyset_page(found, cursor=cursor, size=ROWS, named_by=["owner"])
    funnels = funnels_of(page.rows, viewer=user)
    context = {
        "rows": [
            {"list": one, "funnel": funnels[one.pk], "links": links_of(one)} for one in page.rows
        ],
        "page": page,
        "is_archive": is_archive,
        "may_work": policies.may_work(user),
    }
    return render(request, "deals/target_lists.html", context)


@require_safe
def target_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: its funnel, and its suspects with what is not known of each; `?lacks=` those that lack something."""
    user = require(request, Permission.SEE_DEALS)
    found = visible_or_404(TargetList.objects.visible_to(user).select_related("owner"), pk)
    suspects = Account.objects.visible_to(user).current().filter(suspect_on__target_list=found)
    lacks = request.GET.get("lacks", "")
    if lacks in COMPLETE:
        suspects = suspects.lacking(lacks)
    cursor = request.GET.get("cursor", "")
    page = keyset_page(suspects.order_by("name"), cursor=cursor, size=ROWS, named_by=["owner"])
    missing = missing_of(page.rows, among=suspects)
    came = Deal.objects.visible_to(user).current().filter(target_list=found)
    counts = counts_of(page.rows, came)
    funnel = funnels_of([found], viewer=user)[pk]
    context = {
        "list": found,
        "funnel": funnel,
        "links": links_of(found),
        "steps": [
            (step, address_of(found, status=DealStatus.OPEN, stage=step.stage.pk))
            for step in funnel.steps
        ],
        "known": [(name, label, funnel.known[name]) for name, label in COMPLETE.items()],
        "lacks": COMPLETE.get(lacks, ""),
        "rows": [
            {"account": one, "counts": counts.get(one.pk, {}), "missing": missing[one.pk]}
            for one in page.rows
        ],
        "page": page,
        "may_work": policies.may_work(user),
        "may_change": policies.may_change_list(user, found),
    }
    return render(request, "deals/target_list.html", context)


def address_of(target_list: TargetList, **filters: object) -> str:
    """The deals that came from a list, as the table of the pipeline shows them."""
    asked = {"view": "table", "target_list": target_list.pk, **filters}
    return f"{reverse('deals:pipeline')}?{urlencode(asked)}"


def links_of(target_list: TargetList) -> dict[str, str]:
    """Where the figures of a funnel lead to, by status."""
    return {status: address_of(target_list, status=status) for status in DealStatus.values}


def missing_of(page: Sequence[Account], *, among: AccountQuerySet) -> dict[int, list[str]]:
    """What is not known of each account of a page of `among`, in words."""
    known = among.filter(pk__in=[one.pk for one in page]).with_completeness()
    rows = known.order_by().values("pk", *(f"has_{name}" for name in COMPLETE))
    return {
        row["pk"]: [str(label) for name, label in COMPLETE.items() if not row[f"has_{name}"]]
        for row in rows
    }


# ---- filling -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest) -> HttpResponse:
    """Put the accounts named by `account`, or with `all` every account of the filters in `of`, on a list, new or old."""
    user = require(request, Permission.WORK_DEALS)
    said = request.POST if request.method == "POST" else request.GET
    accounts, criteria = _chosen(said, user)
    start = {"criteria": criteria, "target_list": said.get("target_list", "")}
    form = FillForm(sent(request), user=user, initial=start)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _filled(request, form, accounts, user)
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = CONFLICT
    elif request.method == "POST":
        status = INVALID
    context = {
        "form": form,
        "count": accounts.count(),
        "ids": said.getlist("account") if not said.get("all") else [],
        "all": said.get("all", ""),
        "of": said.get("of", ""),
    }
    return render(request, "deals/fill_list.html", context, status=status)


def _filled(
    request: HttpRequest, form: FillForm, accounts: AccountQuerySet, user: User
) -> HttpResponse:
    known = form.cleaned_data["target_list"]
    if known is None:
        known = lists.make(by=user, accounts=accounts, **form.facts())
        toast(request, _("“%(list)s” is made.") % {"list": known.name})
    else:
        added = lists.add(known, accounts, by=user)
        words = ngettext("%(n)s account is new on it.", "%(n)s accounts are new on it.", added)
        toast(request, words % {"n": display.number(added)})
    return redirect("deals:target-list", pk=known.pk)


def _chosen(said: QueryDict, user: User) -> tuple[AccountQuerySet, str]:
    """The accounts asked for, and in words the filters that found them; one ticked and unseen is as if it did not exist."""
    seen: AccountQuerySet = Account.objects.visible_to(user)
    if not said.get("all"):
        ids = _ids(said)
        found = seen.filter(pk__in=ids)
        if found.count() < len(ids):
            raise Http404
        return found, ""
    asked = QueryDict(said.get("of", "").removeprefix("?"))
    filters = AccountFilters(asked, queryset=seen, request=Asker(user), other_params={"cursor"})
    if not filters.is_valid():
        raise Http404
    found = filters.qs
    if filters.form.cleaned_data["archived"] == "":
        found = found.current()
    words = [
        f"{filters.filters[name].label}: {value}"
        for name, value in filters.form.cleaned_data.items()
        if value not in (None, "", [])
    ]
    return found, "; ".join(words)[:500]


def _ids(said: QueryDict) -> set[int]:
    named = said.getlist("account")
    if not all(pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID for pk in named):
        raise Http404
    return set(map(int, named))


# ---- changing ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, say who belongs on it and where they are from, give it to somebody."""
    user, found = _mine(request, pk)
    form = TargetListForm(sent(request), instance=found, user=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        current = TargetList.objects.visible_to(user).select_related("owner").get(pk=pk)
        version = form.cleaned_data["version"]
        try:
            lists.edit(current, by=user, version=version, **form.changes())
        except StaleVersion:
            form, status = form.over(current), CONFLICT
        except ActionRefused as refusal:
            refuse(form, refusal)
            status = INVALID
        else:
            toast(request, _("Saved."))
            return redirect("deals:target-list", pk=pk)
    elif request.method == "POST":
        status = INVALID
    context = {"form": form, "list": found}
    return render(request, "deals/edit_list.html", context, status=status)


@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _mine(request, pk)
    lists.archive(found, by=user)
    toast(request, _("Archived."), undo=reverse("deals:restore-list", args=[pk]))
    return redirect("deals:target-list", pk=pk)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _mine(request, pk)
    try:
        lists.restore(found, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    else:
        toast(request, _("Back on the lists."))
    return redirect("deals:target-list", pk=pk)


@require_POST
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the accounts named by `account` off the list."""
    user, found = _mine(request, pk)
    accounts, _words = _chosen(request.POST, user)
    removed = lists.remove(found, accounts, by=user)
    words = ngettext("%(n)s account is off the list.", "%(n)s accounts are off the list.", removed)
    toast(request, words % {"n": display.number(removed)})
    return redirect("deals:target-list", pk=pk)


def _mine(request: HttpRequest, pk: int) -> tuple[User, TargetList]:
    """404 for a list that is unseen, 403 for one that is another's to change."""
    user = signed_in(request)
    found = visible_or_404(TargetList.objects.visible_to(user).select_related("owner"), pk)
    allow(policies.may_change_list(user, found))
    return user, found
