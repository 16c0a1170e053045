"""Bringing data in: upload, look at the match, try, run, watch, fetch what did not come in."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.imports import deciding, first_rows, listing, policies, preparing, undoing
from crm.imports.columns import OF_REJECTED
from crm.imports.forms import MappingForm, QuestionsForm, SheetForm, UploadForm
from crm.imports.models import Import
from crm.imports.states import ImportState
from crm.shared.errors import ActionRefused
from crm.shared.models import User
from crm.shared.spreadsheets import inert
from crm.shared.views.mixins import refuse, signed_in, visible_or_404

SHOWN = 50
INVALID = 422


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the file to bring in next."""
    user = _importer(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        stored_as, _size = preparing.store(file, name=file.name)
        try:
            job = preparing.prepare(
                kind=form.cleaned_data["kind"], stored_as=stored_as, name=file.name, by=user
            )
        except ActionRefused as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("imports:import", job.pk)
    context = {"form": form, "jobs": Import.objects.visible_to(user).select_related("by")[:SHOWN]}
    return render(request, "imports/imports.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: as a draft its columns, then its progress, then what came of it."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user).select_related("by"), pk)
    form = MappingForm(request.POST or None, job=job)
    if request.method == "POST" and form.is_valid():
        try:
            preparing.start(
                job, dry_run="dry_run" in request.POST, mapping=form.mapping, written=form.written
            )
        except ActionRefused as refusal:
            refuse(form, refusal)
        else:
            return redirect("imports:import", job.pk)
    template = (
        "imports/_progress.html"
        if getattr(request, "htmx", False) and not form.is_bound
        else "imports/import.html"
    )
    context = {
        "job": job,
        "form": form,
        "sheet_form": SheetForm(job=job) if len(job.sheets) > 1 else None,
        "is_draft": job.state == ImportState.DRAFT,
        "percent": round(job.progress * 100),
        "rejected": job.rejected.all()[:SHOWN],
        "kept": undoing.kept(job)[:SHOWN],
        "undo_ends_at": _undo_ends_at(job, user=user),
        "is_listable": listing.may_make(user, job),
        "headings": first_rows.HEADINGS[job.kind],
    } | _questions(request, job)
    return render(request, template, context, status=_status(form))


def _questions(request: HttpRequest, job: Import) -> dict[str, Any]:
    """What is to be decided, a page of it, and how much of it is decided."""
    if not job.is_over:
        return {}
    page = Paginator(job.questions.all(), SHOWN).get_page(request.GET.get("page"))
    if not page.paginator.count:
        return {}
    return {
        "questions": page,
        "questions_form": QuestionsForm(questions=page),
        "undecided": job.questions.filter(answer="").count(),
        "decided": deciding.decided(job).count(),
    }


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What some rows are, or all that nobody decided yet; each choice is kept at once."""
    job = visible_or_404(Import.objects.visible_to(_importer(request)), pk)
    asked = [name.removeprefix("question_") for name in request.POST]
    ids = [int(one) for one in asked if one.isdecimal()][:SHOWN]
    form = QuestionsForm(request.POST, questions=job.questions.filter(pk__in=ids))
    try:
        if "all" in request.POST:
            deciding.decide_all(job, request.POST["all"])
        elif form.is_valid():
            deciding.decide(job, form.answers)
        else:
            messages.error(request, _("Choose one of the list."))
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    if getattr(request, "htmx", False):
        context = {"job": job} | _questions(request, job)
        return render(request, "imports/_questions.html", context)
    page = request.GET.get("page", "")
    query = f"?page={page}" if page.isdecimal() else ""
    return redirect(reverse("imports:import", args=[job.pk]) + query + "#import-questions")


@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring in what was set aside and is decided now."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user), pk)
    try:
        twin = preparing.take_up(job, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("imports:import", job.pk)
    return redirect("imports:import", twin.pk)


def _undo_ends_at(job: Import, *, user: User) -> dt.datetime | None:
    """Until when this person can take it back; None when not, or not any more."""
    ends_at = policies.undo_ends_at(job) if policies.may_undo(user, job) else None
    return ends_at if ends_at and ends_at > timezone.now() else None


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user), pk)
    try:
        undoing.ask(job, by=user, now=timezone.now())
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
    return redirect("imports:import", job.pk)


@require_POST
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Another sheet of the workbook, before the start."""
    job = visible_or_404(Import.objects.visible_to(_importer(request)), pk)
    form = SheetForm(request.POST, job=job)
    if form.is_valid():
        try:
            preparing.choose_sheet(job, sheet=form.cleaned_data["sheet"])
        except ActionRefused as refusal:
            messages.error(request, refusal.message)
    return redirect("imports:import", job.pk)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file once more, for real: after a dry run, or after it stopped."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user), pk)
    try:
        twin = preparing.again(job, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("imports:import", job.pk)
    return redirect("imports:import", twin.pk)


@require_POST
def make_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A target list of the companies that it brought in or changed."""
    user = _importer(request)
    job = visible_or_404(Import.objects.visible_to(user), pk)
    try:
        made = listing.make(job, by=user)
    except ActionRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("imports:import", job.pk)
    return redirect("deals:target-list", made.pk)


@require_safe
def rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What did not come in, as a file: the row as it was, then its line, column and why; to be mended and brought in."""
    job = visible_or_404(Import.objects.visible_to(_importer(request)), pk)
    answer = StreamingHttpResponse(_rejected_lines(job), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{job.pk}.csv"'
    return answer


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _rejected_lines(job: Import) -> Iterator[str]:
    writer = csv.writer(_Echo())
    columns = [name for match in job.mapping if (name := match["column"]) not in OF_REJECTED]
    yield "\ufeff"
    yield writer.writerow([*columns, *OF_REJECTED])
    for row in job.rejected.iterator():
        cells = [*row.cells[: len(columns)], *[""] * (len(columns) - len(row.cells))]
        yield writer.writerow(
            [inert(str(cell)) for cell in (*cells, row.line, row.column, row.why)]
        )


def _importer(request: HttpRequest) -> User:
    user = signed_in(request)
    if not policies.may_import(user):
        raise PermissionDenied
    return user


def _status(form: UploadForm | MappingForm) -> int:
    return INVALID if form.is_bound and form.errors else 200
