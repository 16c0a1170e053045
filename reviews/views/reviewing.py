"""The ten minutes: the list of reviews, and the one page that saves as one types."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm.shared.errors import ActionRefused, StaleVersion
from crm.shared.models import User
from crm.shared.views.mixins import refuse, signed_in, visible_or_404
from crm.shared.views.toasts import toast
from deals.models import Deal
from reviews import policies
from reviews.actions import reviewing
from reviews.filters import ReviewFilters
from reviews.forms import ReviewForm
from reviews.models import Review
from reviews.states import ReviewState
from reviews.views import wording

INVALID, CONFLICT = 422, 409
ROWS = 25


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Reviews due, or held: why these, and when (D8, D11)."""
    user = signed_in(request)
    allow(policies.may_see(user))
    asked = request.GET.copy()
    asked.setdefault("state", ReviewState.PLANNED)
    state = asked["state"]
    newest_first = "-held_at" if state == ReviewState.HELD else "due_on"
    found = Review.objects.visible_to(user).with_names().order_by(newest_first, "pk")
    filters = ReviewFilters(asked, queryset=found, request=request, other_params={"page"})
    rows = filters.qs if filters.is_valid() else found.none()
    context = {
        "page_obj": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "state": state,
        "problems": filters.form.errors,
        "may_review": policies.may_review(user),
    }
    return render(request, "reviews/reviews.html", context)


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: to write while it is planned, to read afterwards."""
    user = signed_in(request)
    allow(policies.may_see(user))
    found = _review(user, pk)
    form = _form(found, user=user)
    return _page(request, found, form=form, user=user)


@require_POST
def save_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed so far; a stale version is told, and what was typed stays on the page."""
    user = signed_in(request)
    found = _review(user, pk)
    allow(policies.may_review(user))
    form = _form(found, user=user, data=request.POST)
    if not form.is_valid():
        return _unsaved(request, found, form=form, user=user, status=INVALID)
    try:
        reviewing.save_draft(
            found,
            draft=form.draft(),
            by=user,
            now=timezone.now(),
            version=form.cleaned_data["version"],
        )
    except ActionRefused as refusal:
        refuse(form, refusal)
        is_stale = isinstance(refusal, StaleVersion)
        return _unsaved(request, found, form=form, user=user, status=CONFLICT, is_stale=is_stale)
    if not getattr(request, "htmx", False):
        return redirect("reviews:review", pk=pk)
    saved = _review(user, pk)
    context = _context(saved, form=_form(saved, user=user), user=user)
    part = "_factors_saved" if request.headers.get("HX-Target") == "factors" else "_saved"
    return render(request, f"reviews/{part}.html", context)


@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish the review with what the form holds; what is missing is said at its question (A5, D3, D6)."""
    user = signed_in(request)
    found = _review(user, pk)
    allow(policies.may_review(user))
    form = _form(found, user=user, data=request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, user=user, status=INVALID)
    try:
        held = reviewing.hold(
            found,
            by=user,
            now=timezone.now(),
            draft=form.draft(),
            version=form.cleaned_data["version"],
        )
    except ActionRefused as refusal:
        refuse(form, refusal)
        is_stale = isinstance(refusal, StaleVersion)
        status = INVALID if refusal.fields else CONFLICT
        return _page(request, found, form=form, user=user, status=status, is_stale=is_stale)
    toast(request, wording.held(held.minutes))
    return redirect("reviews:review", pk=pk)


@require_POST
def start(request: HttpRequest, deal_pk: int) -> HttpResponse:
    """Start a review by hand, where the rule chose none."""
    user = signed_in(request)
    deal = visible_or_404(Deal.objects.visible_to(user), deal_pk)
    allow(policies.may_review(user))
    try:
        started = reviewing.start(deal, by=user, now=timezone.now())
    except ActionRefused as refusal:
        toast(request, refusal.message)
        return redirect("deals:deal", pk=deal_pk)
    return redirect("reviews:review", pk=started.pk)


# ---- what they have in common --------------------------------------------------------------------


def allow(permitted: bool) -> None:  # noqa: FBT001  (the answer of a policy)
    """Seen, but not allowed: 403."""
    if not permitted:
        raise PermissionDenied


def _review(user: User, pk: int) -> Review:
    found = Review.objects.visible_to(user).with_names()
    return visible_or_404(found.prefetch_related("next_times__owner", "people__contact"), pk)


def _form(found: Review, *, user: User, data: Any = None) -> ReviewForm:
    return ReviewForm(data, review=found, owners=possible_owners(found, user=user))


def possible_owners(found: Review, *, user: User) -> list[User]:
    """Who may see to a "next time": those one answers for, and those on the deal."""
    people = {user.pk: user, found.deal.owner_id: found.deal.owner}
    people |= {person.pk: person for person in found.deal.collaborators.all()}
    people |= {promise.owner_id: promise.owner for promise in found.next_times.all()}
    people |= {person.pk: person for person in User.objects.visible_to(user).active()}
    return sorted(people.values(), key=lambda person: (person.pk != user.pk, person.name))


def _page(
    request: HttpRequest,
    found: Review,
    *,
    form: ReviewForm,
    user: User,
    status: int = 200,
    is_stale: bool = False,
) -> HttpResponse:
    context = _context(found, form=form, user=user) | {"is_stale": is_stale}
    is_writable = found.is_planned and policies.may_review(user)
    name = "review" if is_writable else "review_held"
    return render(request, f"reviews/{name}.html", context, status=status)


def _unsaved(
    request: HttpRequest,
    found: Review,
    *,
    form: ReviewForm,
    user: User,
    status: int,
    is_stale: bool = False,
) -> HttpResponse:
    if not getattr(request, "htmx", False):
        return _page(request, found, form=form, user=user, status=status, is_stale=is_stale)
    context = _context(found, form=form, user=user) | {"is_stale": is_stale, "is_unsaved": True}
    response = render(request, "reviews/_saved.html", context, status=status)
    response["HX-Retarget"] = "#saved"
    response["HX-Reswap"] = "outerHTML"
    return response


def _context(found: Review, *, form: ReviewForm, user: User) -> dict[str, Any]:
    return {
        "review": found,
        "deal": found.deal,
        "outcome": found.outcome,
        "form": form,
        "words": wording.of(found),
        "picked": {int(pk) for pk in form["people"].value() or [] if str(pk).isdigit()},
        "people": form.fields["people"].queryset,  # type: ignore[attr-defined]
        "owners": list(form.owners.values()),
        "saved_at": found.updated_at if found.started_at else None,
        "elapsed": _seconds_since(found.started_at),
    }


def _seconds_since(moment: dt.datetime | None) -> int | None:
    return None if moment is None else int((timezone.now() - moment).total_seconds())
